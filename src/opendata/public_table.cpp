#include "opendata/public_table.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <compare>
#include <numeric>
#include <optional>

#include <boost/json.hpp>

#include "audit/hash.hpp"

namespace zhili::opendata {
namespace {

namespace json = boost::json;
constexpr std::array<std::string_view, 3> kTypes = {"text", "integer", "number"};

bool is_whole(std::string_view cell) {
  int64_t out = 0;
  const auto read = std::from_chars(cell.data(), cell.data() + cell.size(), out);
  return read.ec == std::errc() && read.ptr == cell.data() + cell.size();
}

std::optional<double> leading_number(std::string_view text) {
  const auto is_digit = [&](size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '9'; };
  if (!is_digit(0) && !(text.starts_with('-') && is_digit(1))) return std::nullopt;
  double out = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out, std::chars_format::fixed);
  if (read.ec != std::errc()) return std::nullopt;
  return out;
}

std::weak_ordering natural(std::string_view left, std::string_view right) {
  const auto a = leading_number(left);
  const auto b = leading_number(right);
  if (a.has_value() != b.has_value()) return a ? std::weak_ordering::less : std::weak_ordering::greater;
  if (a && b && *a != *b) return *a < *b ? std::weak_ordering::less : std::weak_ordering::greater;
  const int order = left.compare(right);
  return order < 0   ? std::weak_ordering::less
         : order > 0 ? std::weak_ordering::greater
                     : std::weak_ordering::equivalent;
}

void append_csv_cell(std::string& out, std::string_view cell) {
  if (cell.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += cell;
    return;
  }
  out += '"';
  for (const char c : cell) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace

std::string_view name_of(ColumnType type) { return kTypes.at(static_cast<size_t>(type)); }

size_t PublicTable::find(std::string_view column) const {
  return static_cast<size_t>(std::ranges::find(columns_, column, &Column::id) - columns_.begin());
}

size_t PublicTable::meaning(std::string_view means) const {
  const auto found =
      std::ranges::find_if(columns_, [&](const Column& column) { return column.means.starts_with(means); });
  return static_cast<size_t>(found - columns_.begin());
}

void PublicTable::add(std::vector<std::string> cells) {
  cells.resize(columns_.size());
  for (std::string& cell : cells) cells_.push_back(std::move(cell));
}

void PublicTable::remove(const std::vector<bool>& rows) {
  const size_t width = columns_.size();
  size_t kept = 0;
  for (size_t row = 0; row * width < cells_.size(); ++row) {
    if (rows[row]) continue;
    for (size_t i = 0; i < width; ++i) {
      if (kept != row) cells_[kept * width + i] = std::move(cells_[row * width + i]);
    }
    ++kept;
  }
  cells_.resize(kept * width);
}

void PublicTable::settle_types() {
  for (size_t column = 0; column < columns_.size(); ++column) {
    if (columns_[column].type != ColumnType::kNumber) continue;
    bool all = rows() > 0;
    for (size_t row = 0; row < rows() && all; ++row) all = cell(row, column).empty() || is_whole(cell(row, column));
    if (all) columns_[column].type = ColumnType::kInteger;
  }
}

void PublicTable::settle() {
  settle_types();
  const size_t width = columns_.size();
  std::vector<uint32_t> order(rows());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, [&](uint32_t left, uint32_t right) {
    for (size_t column = 0; column < width; ++column) {
      const auto way = natural(cell(left, column), cell(right, column));
      if (way != 0) return way < 0;
    }
    return false;
  });
  std::vector<std::string> sorted;
  sorted.reserve(cells_.size());
  for (const uint32_t row : order) {
    for (size_t i = 0; i < width; ++i) sorted.push_back(std::move(cells_[row * width + i]));
  }
  cells_ = std::move(sorted);
}

size_t PublicTable::bytes() const {
  size_t out = cells_.size() * sizeof(std::string);
  for (const std::string& cell : cells_) out += cell.size() < sizeof(std::string) / 2 ? 0 : cell.size();
  return out;
}

std::string columns_json(const std::vector<Column>& columns) {
  json::array out;
  for (const Column& column : columns) {
    out.push_back({{"id", column.id},
                   {"zh", column.title.zh},
                   {"en", column.title.en},
                   {"type", name_of(column.type)},
                   {"means", column.means}});
  }
  return json::serialize(out);
}

Result<std::vector<Column>> columns_from_json(std::string_view text) {
  boost::system::error_code failed;
  const auto parsed = json::parse(text, failed);
  const auto wrong = [] { return fail(ErrorCode::kInput, {}, "", "a list of columns is damaged"); };
  if (failed || !parsed.is_array()) return wrong();
  std::vector<Column> out;
  for (const auto& one : parsed.get_array()) {
    if (!one.is_object()) return wrong();
    std::array<std::string, 5> texts;
    constexpr std::array<std::string_view, 5> kKeys = {"id", "zh", "en", "type", "means"};
    for (size_t i = 0; i < kKeys.size(); ++i) {
      const auto* found = one.get_object().if_contains(kKeys.at(i));
      if (found == nullptr || !found->is_string()) return wrong();
      texts.at(i) = found->get_string();
    }
    const auto* const type = std::ranges::find(kTypes, texts[3]);
    if (type == kTypes.end()) return wrong();
    out.push_back({texts[0], {texts[1], texts[2]}, static_cast<ColumnType>(type - kTypes.begin()), texts[4]});
  }
  return out;
}

std::string to_csv(const PublicTable& table) {
  std::string out;
  const size_t width = table.columns().size();
  for (size_t i = 0; i < width; ++i) {
    if (i > 0) out += ',';
    append_csv_cell(out, table.columns()[i].id);
  }
  out += '\n';
  for (size_t row = 0; row < table.rows(); ++row) {
    const size_t begin = out.size();
    for (size_t i = 0; i < width; ++i) {
      if (i > 0) out += ',';
      append_csv_cell(out, table.cell(row, i));
    }
    // A line of nothing would be read as no row.
    if (out.size() == begin) out += "\"\"";
    out += '\n';
  }
  return out;
}

void append_json_text(std::string& out, std::string_view text) { out += json::serialize(json::string(text)); }

void append_json_cell(std::string& out, const Column& column, std::string_view cell) {
  if (cell.empty()) {
    out += "null";
  } else if (column.type == ColumnType::kText) {
    append_json_text(out, cell);
  } else {
    out += cell;
  }
}

std::string to_json(const PublicTable& table) {
  std::string out = "[";
  for (size_t row = 0; row < table.rows(); ++row) {
    out += row == 0 ? "\n{" : ",\n{";
    for (size_t i = 0; i < table.columns().size(); ++i) {
      if (i > 0) out += ',';
      append_json_text(out, table.columns()[i].id);
      out += ':';
      append_json_cell(out, table.columns()[i], table.cell(row, i));
    }
    out += '}';
  }
  return out + "\n]\n";
}

Result<std::string> digest_of(const PublicTable& table) {
  ZHILI_ASSIGN(auto hasher, audit::Hasher::create(audit::HashKind::kSha256));
  return audit::to_hex(hasher.digest(to_csv(table)));
}

bool natural_less(std::string_view left, std::string_view right) { return natural(left, right) < 0; }

}  // namespace zhili::opendata
