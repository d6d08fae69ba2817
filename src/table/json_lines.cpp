#include "table/json_lines.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

#include <simdjson.h>

#include "base/limits.hpp"
#include "table/blanks.hpp"
#include "table/excerpt.hpp"
#include "table/nearest.hpp"

namespace zhili::table {
namespace {
namespace sj = simdjson;

static_assert(TextBuffer::kSlack >= sj::SIMDJSON_PADDING);

// Larger than the longest row, so that the sample holds at least one.
constexpr size_t kKeySampleBytes = limits::kRowBytes + (size_t{64} << 10);
constexpr uint64_t kKeySampleLines = 10'000;
constexpr size_t kMostUnseen = 64;
constexpr int kMostDepth = 256;  // Of nested values, each a stack frame.

bool is_json_number(std::string_view text) {
  size_t at = 0;
  const auto is_digit = [&] { return at < text.size() && text[at] >= '0' && text[at] <= '9'; };
  const auto digits = [&] {
    const size_t start = at;
    while (is_digit()) ++at;
    return at > start;
  };
  if (at < text.size() && text[at] == '-') ++at;
  const bool zero = at < text.size() && text[at] == '0';
  if (zero) ++at;
  if (!zero && !digits()) return false;
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

// Offset of a control character within a string, or of the string that is not closed; else 0.
size_t string_fault(std::string_view line) {
  bool open = false;
  size_t start = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    if (open && static_cast<uint8_t>(line[i]) < 0x20) return i;
    if (open && line[i] == '\\') {
      ++i;
    } else if (line[i] == '"') {
      open = !open;
      start = i;
    }
  }
  return open ? start : 0;
}

std::string reason_of(sj::error_code error) {
  switch (error) {
    case sj::UNCLOSED_STRING:
      return "not JSON: a string is not closed";
    case sj::UNESCAPED_CHARS:
      return "not JSON: a control character within a string";
    case sj::STRING_ERROR:
      return "not JSON: a wrong escape in a string";
    case sj::NUMBER_ERROR:
      return "not JSON: a wrong number";
    case sj::T_ATOM_ERROR:
    case sj::F_ATOM_ERROR:
    case sj::N_ATOM_ERROR:
      return "not JSON: a wrong word, only true, false and null may stand without quotes";
    case sj::DEPTH_ERROR:
      return "JSON nested too deep";
    case sj::TRAILING_CONTENT:
      return "not JSON lines: text behind the object";
    case sj::INCORRECT_TYPE:
      return "not a JSON object";
    case sj::INCOMPLETE_ARRAY_OR_OBJECT:
      return "not JSON: the object does not end with the line";
    default:
      return "not JSON: a comma, colon, brace or value is missing or too much";
  }
}

}  // namespace

struct JsonLinesReader::Parser {
  sj::ondemand::parser parser;
};

// One line's walk through its object. Values are unescaped in place: they never grow.
class JsonLinesReader::Line {
 public:
  Line(JsonLinesReader& reader, char* begin, size_t size, const char* base)
      : reader_(reader), begin_(begin), size_(size), base_(base) {}

  sj::error_code parse() {
    const sj::padded_string_view text(begin_, size_, size_ + TextBuffer::kSlack);
    if (const auto error = reader_.parser_->parser.iterate(text).get(document_)) return error;
    begun_ = true;
    const auto error = parse_object();
    if (error != sj::SUCCESS) return error;
    return document_.current_location().error() == sj::OUT_OF_BOUNDS ? sj::SUCCESS : sj::TRAILING_CONTENT;
  }

  // Offset in the line of what could not be parsed.
  size_t where(sj::error_code error) {
    if (error == sj::INCOMPLETE_ARRAY_OR_OBJECT) return size_;
    if (error != sj::TAPE_ERROR && error != sj::TRAILING_CONTENT && value_ != nullptr) {
      return static_cast<size_t>(value_ - begin_);
    }
    if (!begun_) return string_fault({begin_, size_});
    const char* at = nullptr;
    if (document_.current_location().get(at) != sj::SUCCESS || at < begin_ || at > begin_ + size_) return 0;
    return static_cast<size_t>(at - begin_);
  }

  // The first value over limits::kCellBytes: its bytes, 0 where there is none, and its column.
  size_t oversize() const { return oversize_; }
  uint32_t oversize_column() const { return oversize_column_; }
  bool has_nul() const { return has_nul_; }
  bool too_many_keys() const { return too_many_keys_; }

 private:
  sj::error_code parse_object() {
    sj::ondemand::object object;
    if (const auto error = document_.get_object().get(object)) return error;
    uint32_t expected = 0;
    for (auto entry : object) {
      sj::ondemand::field field;
      if (const auto error = std::move(entry).get(field)) return error;
      int64_t place = -1;
      if (const auto error = find_place(field, expected, place)) return error;
      expected = static_cast<uint32_t>(place + 1);
      std::string_view cell;
      if (const auto error = take_value(field.value(), cell)) return error;
      if (place < 0) continue;
      if (cell.size() > limits::kCellBytes && oversize_ == 0) {
        oversize_ = cell.size();
        oversize_column_ = static_cast<uint32_t>(place);
      }
      reader_.cells_[static_cast<size_t>(place)] = {static_cast<uint32_t>(cell.data() - base_),
                                                    static_cast<uint32_t>(cell.size())};
    }
    return sj::SUCCESS;
  }

  // Objects of one file mostly have the same keys in the same order: look there first.
  sj::error_code find_place(sj::ondemand::field& field, uint32_t expected, int64_t& place) {
    if (expected < reader_.names_.size()) {
      const std::string& name = reader_.names_[expected];
      const char* raw = field.key().raw();
      const auto left = static_cast<size_t>(begin_ + size_ - raw);
      if (left > name.size() && raw[name.size()] == '"' && std::memcmp(raw, name.data(), name.size()) == 0 &&
          name.find_first_of("\"\\") == std::string::npos) {
        place = expected;
        return sj::SUCCESS;
      }
    }
    std::string_view key;
    if (const auto error = field.unescaped_key().get(key)) return error;
    if (const auto found = reader_.places_.find(key); found != reader_.places_.end()) {
      place = found->second;
    } else if (!reader_.sampling_) {
      note_unseen(key);
    } else if (reader_.names_.size() == limits::kColumns) {
      too_many_keys_ = true;
    } else {
      place = static_cast<int64_t>(reader_.names_.size());
      reader_.places_.emplace(key, static_cast<uint32_t>(place));
      reader_.names_.emplace_back(key);
      reader_.cells_.emplace_back();
    }
    return sj::SUCCESS;
  }

  void note_unseen(std::string_view key) {
    if (const auto found = reader_.unseen_.find(key); found != reader_.unseen_.end()) {
      ++found->second.rows;
    } else if (reader_.unseen_.size() < kMostUnseen) {
      reader_.unseen_.emplace(key, Unseen{1, reader_.line_});
    } else {
      ++reader_.unseen_more_;
    }
  }

  sj::error_code take_value(sj::ondemand::value value, std::string_view& cell) {
    sj::ondemand::json_type type{};
    if (const auto error = value.type().get(type)) return error;
    const std::string_view token = value.raw_json_token();
    const char* const start = token.data();
    value_ = start;
    if (type == sj::ondemand::json_type::string) {
      std::string_view text;
      if (const auto error = value.get_string().get(text)) return error;
      char* to = begin_ + (start - begin_) + 1;
      if (!text.empty() && std::memcmp(to, text.data(), text.size()) != 0) std::memcpy(to, text.data(), text.size());
      cell = trim_blanks({to, text.size()});
      if (!text.empty() && std::memchr(text.data(), '\0', text.size()) != nullptr) has_nul_ = true;
      return sj::SUCCESS;
    }
    if (const auto error = check(value, 0)) return error;
    if (type == sj::ondemand::json_type::null) return sj::SUCCESS;
    if (type == sj::ondemand::json_type::number || type == sj::ondemand::json_type::boolean) {
      cell = trim_blanks(token);
      return sj::SUCCESS;
    }
    const char* behind = nullptr;
    if (const auto error = document_.current_location().get(behind)) return error;
    cell = trim_blanks({start, static_cast<size_t>(behind - start)});
    return sj::SUCCESS;
  }

  // Walks through a value to the end, so that what is wrong deep within is found.
  sj::error_code check(sj::ondemand::value value, int depth) {
    if (depth > kMostDepth) return sj::DEPTH_ERROR;
    sj::ondemand::json_type type{};
    if (const auto error = value.type().get(type)) return error;
    value_ = value.raw_json_token().data();
    switch (type) {
      case sj::ondemand::json_type::object:
        return check_object(value, depth + 1);
      case sj::ondemand::json_type::array:
        return check_array(value, depth + 1);
      case sj::ondemand::json_type::string:
        return value.get_string().error();
      case sj::ondemand::json_type::boolean:
        return value.get_bool().error() == sj::SUCCESS ? sj::SUCCESS : sj::T_ATOM_ERROR;
      case sj::ondemand::json_type::number: {
        // Its text counts, not its value: numbers of any length are taken.
        const std::string_view token = value.raw_json_token();
        double number = 0;
        const auto error = value.get_double().get(number);
        return is_json_number(trim_blanks(token)) && error != sj::INCORRECT_TYPE ? sj::SUCCESS : sj::NUMBER_ERROR;
      }
      case sj::ondemand::json_type::null: {
        bool null = false;
        return value.is_null().get(null) == sj::SUCCESS && null ? sj::SUCCESS : sj::N_ATOM_ERROR;
      }
    }
    return sj::TAPE_ERROR;
  }

  sj::error_code check_object(sj::ondemand::value& value, int depth) {
    sj::ondemand::object object;
    if (const auto error = value.get_object().get(object)) return error;
    for (auto entry : object) {
      sj::ondemand::field field;
      if (const auto error = std::move(entry).get(field)) return error;
      if (const auto error = field.unescaped_key().error()) return error;
      if (const auto error = check(field.value(), depth)) return error;
    }
    return sj::SUCCESS;
  }

  sj::error_code check_array(sj::ondemand::value& value, int depth) {
    sj::ondemand::array array;
    if (const auto error = value.get_array().get(array)) return error;
    for (auto entry : array) {
      sj::ondemand::value element;
      if (const auto error = std::move(entry).get(element)) return error;
      if (const auto error = check(element, depth)) return error;
    }
    return sj::SUCCESS;
  }

  JsonLinesReader& reader_;
  char* begin_;
  size_t size_;
  const char* base_;
  sj::ondemand::document document_;
  size_t oversize_ = 0;
  uint32_t oversize_column_ = 0;
  const char* value_ = nullptr;  // Where the value at hand begins.
  bool begun_ = false;
  bool has_nul_ = false;
  bool too_many_keys_ = false;
};

JsonLinesReader::JsonLinesReader(TextInput input, const ReadOptions& options)
    : Reader(input.name(), options), input_(std::move(input)), parser_(std::make_unique<Parser>()) {}

JsonLinesReader::~JsonLinesReader() = default;

Result<std::unique_ptr<Reader>> JsonLinesReader::create(TextInput input, const ReadOptions& options) {
  auto reader = std::unique_ptr<JsonLinesReader>(new JsonLinesReader(std::move(input), options));
  ZHILI_TRY(reader->read_columns());
  return std::unique_ptr<Reader>(std::move(reader));
}

std::string JsonLinesReader::description() const {
  return fmt::format("JSON lines, {}", charset_name(input_.charset()));
}

std::vector<std::string> JsonLinesReader::notes() const {
  std::vector<std::string> notes;
  notes.reserve(unseen_.size() + 1);
  for (const auto& [key, unseen] : unseen_) {
    notes.push_back(
        fmt::format("The key \"{}\" first comes on line {}, behind the sample that the columns were taken "
                    "from: its values in {} row(s) were not read.",
                    key, unseen.first_line, unseen.rows));
  }
  if (unseen_more_ > 0) notes.push_back(fmt::format("{} value(s) of further such keys were not read.", unseen_more_));
  return notes;
}

Status JsonLinesReader::read_columns() {
  bool whole = false;
  ZHILI_ASSIGN(std::string sample, input_.sample(kKeySampleBytes, whole));
  const std::string_view head = trim_blanks(sample);
  if (head.empty()) {
    return fail(ErrorCode::kInput, {name(), 1, 0}, "Export the table again.", "the file is empty");
  }
  if (head.front() == '[') {
    return fail(ErrorCode::kInput, {name(), 1, 0}, "Turn it into one object a line: jq -c '.[]' FILE > NEW.jsonl.",
                "holds a JSON array, where one JSON object a line is expected");
  }
  const size_t size = sample.size();
  sample.resize(size + TextBuffer::kSlack);
  sampling_ = true;
  std::optional<Error> first_error;
  uint64_t good = 0;
  uint64_t line = 1;
  for (size_t at = 0; at < size && line <= kKeySampleLines; ++line) {
    const size_t end = std::min(sample.find('\n', at), size);
    if (end == size && !whole && good > 0) break;
    const std::string text = trim_blanks({sample.data() + at, end - at}).empty() ? "" : sample.substr(at, end - at);
    const size_t known = names_.size();
    Line walk(*this, sample.data() + at, end - at, sample.data());
    const auto error = text.empty() ? sj::SUCCESS : walk.parse();
    if (walk.too_many_keys()) {
      return fail(ErrorCode::kLimit, {name(), line, 0}, "Keep varying keys in one nested object.",
                  "more than {} different keys (limit kColumns)", limits::kColumns);
    }
    if (error == sj::SUCCESS && !text.empty()) ++good;
    if (error != sj::SUCCESS) forget_columns(known);
    if (error != sj::SUCCESS && !first_error) {
      const size_t column = count_characters(std::string_view(text).substr(0, walk.where(error))) + 1;
      first_error = Error{ErrorCode::kInput,
                          fmt::format("{}; the line reads: {}", reason_of(error), excerpt(text)),
                          {name(), line, column},
                          reject_hint(RejectKind::kSyntax)};
    }
    at = end + 1;
  }
  sampling_ = false;
  if (good == 0 && first_error) return fail(*first_error);
  return choose_columns(names_, 1);
}

// Takes back the columns behind the first `known`: the line that brought them is rejected.
void JsonLinesReader::forget_columns(size_t known) {
  for (size_t i = known; i < names_.size(); ++i) places_.erase(names_[i]);
  names_.resize(known);
  cells_.resize(known);
}

void JsonLinesReader::reject_at(RejectKind kind, std::string_view line, size_t at, std::string reason) {
  reject({kind, line_, count_characters(line.substr(0, at)) + 1, std::move(reason), excerpt(line), 1});
}

void JsonLinesReader::take_line(Batch& batch, char* begin, size_t size) {
  const std::string_view line(begin, size);
  if (trim_blanks(line).empty()) return;
  std::fill(cells_.begin(), cells_.end(), CellRange{});
  Line walk(*this, begin, size, batch.text().data());
  const auto error = walk.parse();
  if (error != sj::SUCCESS) {
    if (const size_t at = first_invalid_utf8(line); at != std::string_view::npos) {
      return reject_at(RejectKind::kEncoding, line, at,
                       fmt::format("a byte that is not valid {}", charset_name(input_.charset())));
    }
    if (const size_t at = line.find('\0'); at != std::string_view::npos) {
      return reject_at(RejectKind::kNul, line, at, "a NUL byte");
    }
    return reject_at(RejectKind::kSyntax, line, walk.where(error), reason_of(error));
  }
  if (walk.has_nul()) return reject_at(RejectKind::kNul, line, 0, "a NUL character in a string");
  if (walk.oversize() > 0) {
    return reject_at(RejectKind::kLimit, line, 0,
                     fmt::format("\"{}\" is {} bytes long; the limit kCellBytes is {}", names_[walk.oversize_column()],
                                 walk.oversize(), limits::kCellBytes));
  }
  CellRange* cells = batch.add_row(line_);
  for (const uint32_t source : sources()) *cells++ = cells_[source];
}

Result<bool> JsonLinesReader::fill(Batch& batch) {
  TextBuffer& text = batch.text();
  for (;;) {
    size_t size = carry_.size();
    text.reserve(size + 1);
    std::memcpy(text.data(), carry_.data(), size);
    if (!at_end_) {
      ZHILI_ASSIGN(const size_t got, input_.read(text, size, std::max(options().block_bytes, size)));
      size += got;
      at_end_ = got == 0;
    }
    if (size == 0) return false;
    if (at_end_ && text.data()[size - 1] != '\n') {
      text.reserve(size + 1);
      text.data()[size++] = '\n';
    }
    char* at = text.data();
    char* const end = at + size;
    bool moved = false;
    while (char* newline = static_cast<char*>(std::memchr(at, '\n', static_cast<size_t>(end - at)))) {
      take_line(batch, at, static_cast<size_t>(newline - at));
      ++line_;
      at = newline + 1;
      moved = true;
      if (at == end) break;
    }
    carry_.assign(at, static_cast<size_t>(end - at));
    if (moved) return true;
    if (carry_.size() > limits::kRowBytes) ZHILI_TRY(skip_long_line(text));
  }
}

Status JsonLinesReader::skip_long_line(TextBuffer& text) {
  const std::string shown = excerpt(std::string_view(carry_).substr(0, 4096));
  uint64_t bytes = carry_.size();
  carry_.clear();
  while (!at_end_) {
    ZHILI_ASSIGN(const size_t got, input_.read(text, 0, options().block_bytes));
    at_end_ = got == 0;
    const std::string_view block(text.data(), got);
    const size_t newline = block.find('\n');
    bytes += std::min(newline, got);
    if (newline == std::string_view::npos) continue;
    carry_.assign(block.substr(newline + 1));
    break;
  }
  reject({RejectKind::kLimit, line_, 1,
          fmt::format("the row is {} bytes long; the limit kRowBytes is {}", bytes, limits::kRowBytes), shown, 1});
  ++line_;
  return {};
}

std::string JsonLinesReader::reject_hint(RejectKind kind) const {
  switch (kind) {
    case RejectKind::kEncoding:
      return fmt::format("The file was read as {}: name its encoding (utf-8, gb18030), or convert it with iconv.",
                         charset_name(input_.charset()));
    case RejectKind::kLimit:
      return "Leave keys with very long values out of the export.";
    default:
      return "Each line must be one JSON object, such as {\"name\": \"…\"}.";
  }
}

}  // namespace zhili::table
