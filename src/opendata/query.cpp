#include "opendata/query.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include <boost/json.hpp>

#include "opendata/generalise.hpp"

namespace zhili::opendata {
namespace {

namespace json = boost::json;

std::unexpected<Error> wrong(std::string_view key, std::string_view what) {
  return fail(ErrorCode::kInput, {std::string(key), 0, 0}, "", "{}", what);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::vector<std::string> split(std::string_view text, char by) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const size_t end = std::min(text.find(by), text.size());
    if (const auto part = trimmed(text.substr(0, end)); !part.empty()) out.emplace_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

/// ASCII letters small: other scripts of the data have no great and small ones that matter here.
std::string folded(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// A value as cells have it.
std::optional<std::string> cell_of(const json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_null()) return std::string();
  if (value.is_int64()) return std::to_string(value.get_int64());
  if (value.is_uint64()) return std::to_string(value.get_uint64());
  if (value.is_double()) return shortest(fmt::format("{}", value.get_double()));
  if (value.is_bool()) return std::string(value.get_bool() ? "true" : "false");
  return std::nullopt;
}

/// An object that may be written as text.
Result<json::object> object_of(std::string_view key, const json::value& value) {
  if (value.is_object()) return value.get_object();
  if (value.is_string()) {
    boost::system::error_code failed;
    const auto parsed = json::parse(value.get_string(), failed);
    if (!failed && parsed.is_object()) return parsed.get_object();
  }
  return wrong(key, "Must be an object of JSON");
}

Status read_filters(const json::value& value, Query& out) {
  if (value.is_string() && trimmed(value.get_string()).empty()) return {};
  ZHILI_ASSIGN(const auto filters, object_of("filters", value));
  if (filters.size() > kQueryFilters) return wrong("filters", "Too many");
  for (const auto& [column, values] : filters) {
    auto& filter = out.filters.emplace_back(Query::Filter{std::string(column), {}});
    const json::array several = values.is_array() ? values.get_array() : json::array{values};
    for (const auto& one : several) {
      auto cell = cell_of(one);
      if (!cell) return wrong("filters", "Values must be text or numbers");
      filter.values.push_back(std::move(*cell));
    }
  }
  return {};
}

Status read_q(const json::value& value, Query& out) {
  const bool object = value.is_object() || (value.is_string() && value.get_string().starts_with('{'));
  if (!object) {
    const auto text = cell_of(value);
    if (!text) return wrong("q", "Must be text or an object");
    out.words = split(folded(*text), ' ');
    return out.words.size() > kQueryWords ? wrong("q", "Too many words") : Status();
  }
  ZHILI_ASSIGN(const auto columns, object_of("q", value));
  if (columns.size() > kQueryFilters) return wrong("q", "Too many columns");
  for (const auto& [column, text] : columns) {
    const auto cell = cell_of(text);
    if (!cell) return wrong("q", "Must be text");
    out.in_cell.emplace_back(column, folded(*cell));
  }
  return {};
}

Result<std::vector<std::string>> list_of(std::string_view key, const json::value& value) {
  if (value.is_string()) return split(value.get_string(), ',');
  std::vector<std::string> out;
  if (!value.is_array()) return wrong(key, "Must be a list");
  for (const auto& one : value.get_array()) {
    if (!one.is_string()) return wrong(key, "Must be a list of text");
    out.emplace_back(one.get_string());
  }
  return out;
}

Result<size_t> whole_of(std::string_view key, const json::value& value, size_t most) {
  const auto text = cell_of(value);
  uint64_t out = 0;
  if (!text) return wrong(key, "Invalid integer");
  const auto read = std::from_chars(text->data(), text->data() + text->size(), out);
  if (text->empty() || read.ec != std::errc() || read.ptr != text->data() + text->size()) {
    return wrong(key, text->starts_with('-') ? "Must be a natural number" : "Invalid integer");
  }
  return std::min<uint64_t>(out, most);
}

bool truth_of(const json::value& value) {
  if (value.is_bool()) return value.get_bool();
  const auto text = folded(cell_of(value).value_or(""));
  return text == "true" || text == "1" || text == "yes" || text == "on" || text == "t";
}

Status read_sort(const json::value& value, Query& out) {
  ZHILI_ASSIGN(const auto parts, list_of("sort", value));
  for (const std::string& part : parts) {
    const auto words = split(part, ' ');
    if (words.empty() || words.size() > 2) return wrong("sort", "Must be a column, and asc or desc");
    const std::string way = words.size() == 2 ? folded(words[1]) : "asc";
    if (way != "asc" && way != "desc") return wrong("sort", "Must be asc or desc");
    out.sort.push_back({words[0], way == "desc"});
  }
  return {};
}

Result<size_t> column_of(const PublicTable& table, std::string_view key, const std::string& name) {
  const size_t out = table.find(name);
  if (out == table.columns().size()) {
    return wrong(key, fmt::format("field \"{}\" not in table", name.substr(0, 100)));
  }
  return out;
}

/// A query with columns as numbers.
struct Asked {
  std::vector<std::pair<size_t, std::vector<std::string>>> filters;
  std::vector<std::pair<size_t, std::string>> in_cell;
  std::vector<std::pair<size_t, bool>> sort;
};

bool fits(const PublicTable& table, const Query& query, const Asked& asked, size_t row) {
  for (const auto& [column, values] : asked.filters) {
    if (std::ranges::find(values, table.cell(row, column)) == values.end()) return false;
  }
  for (const auto& [column, text] : asked.in_cell) {
    if (folded(table.cell(row, column)).find(text) == std::string::npos) return false;
  }
  for (const std::string& word : query.words) {
    bool found = false;
    for (size_t column = 0; column < table.columns().size() && !found; ++column) {
      found = folded(table.cell(row, column)).find(word) != std::string::npos;
    }
    if (!found) return false;
  }
  return true;
}

Result<Asked> asked_of(const PublicTable& table, const Query& query) {
  Asked out;
  for (const auto& [name, values] : query.filters) {
    ZHILI_ASSIGN(const size_t column, column_of(table, "filters", name));
    out.filters.emplace_back(column, values);
  }
  for (const auto& [name, text] : query.in_cell) {
    ZHILI_ASSIGN(const size_t column, column_of(table, "q", name));
    out.in_cell.emplace_back(column, text);
  }
  for (const auto& [name, descending] : query.sort) {
    ZHILI_ASSIGN(const size_t column, column_of(table, "sort", name));
    out.sort.emplace_back(column, descending);
  }
  return out;
}

/// Rows that look alike by the told columns are told once.
void keep_distinct(const PublicTable& table, Found& found) {
  std::set<std::vector<std::string_view>> seen;
  std::erase_if(found.rows, [&](uint32_t row) {
    std::vector<std::string_view> cells;
    cells.reserve(found.columns.size());
    for (const size_t column : found.columns) cells.push_back(table.cell(row, column));
    return !seen.insert(std::move(cells)).second;
  });
}

}  // namespace

Result<Query> query_from(const json::object& asked) {
  Query out;
  const auto given = [&](std::string_view key) -> const json::value* {
    const auto* found = asked.if_contains(key);
    return found == nullptr || found->is_null() ? nullptr : found;
  };
  if (const auto* value = given("filters")) ZHILI_TRY(read_filters(*value, out));
  if (const auto* value = given("q")) ZHILI_TRY(read_q(*value, out));
  if (const auto* value = given("fields")) {
    ZHILI_ASSIGN(out.fields, list_of("fields", *value));
  }
  if (const auto* value = given("sort")) ZHILI_TRY(read_sort(*value, out));
  if (const auto* value = given("distinct")) out.distinct = truth_of(*value);
  if (const auto* value = given("include_total")) out.total = truth_of(*value);
  if (const auto* value = given("offset")) {
    ZHILI_ASSIGN(out.offset, whole_of("offset", *value, INT32_MAX));
  }
  if (const auto* value = given("limit")) {
    ZHILI_ASSIGN(out.limit, whole_of("limit", *value, kQueryLimit));
  }
  return out;
}

Result<Found> find_rows(const PublicTable& table, const Query& query) {
  ZHILI_ASSIGN(const Asked asked, asked_of(table, query));
  Found out;
  for (const std::string& name : query.fields) {
    ZHILI_ASSIGN(const size_t column, column_of(table, "fields", name));
    out.columns.push_back(column);
  }
  for (size_t i = 0; query.fields.empty() && i < table.columns().size(); ++i) out.columns.push_back(i);
  for (size_t row = 0; row < table.rows(); ++row) {
    if (fits(table, query, asked, row)) out.rows.push_back(static_cast<uint32_t>(row));
  }
  if (!asked.sort.empty()) {
    std::ranges::stable_sort(out.rows, [&](uint32_t left, uint32_t right) {
      for (const auto& [column, descending] : asked.sort) {
        const auto a = table.cell(left, column);
        const auto b = table.cell(right, column);
        if (natural_less(a, b)) return !descending;
        if (natural_less(b, a)) return descending;
      }
      return false;
    });
  }
  if (query.distinct) keep_distinct(table, out);
  out.total = out.rows.size();
  const size_t first = std::min(query.offset, out.rows.size());
  const size_t last = std::min(first + query.limit, out.rows.size());
  out.rows = {out.rows.begin() + static_cast<std::ptrdiff_t>(first),
              out.rows.begin() + static_cast<std::ptrdiff_t>(last)};
  return out;
}

}  // namespace zhili::opendata
