#include "store/backup_format.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <filesystem>

#include <boost/json.hpp>
#include <openssl/evp.h>
#include <simdjson.h>

#include "base/limits.hpp"

namespace zhili::store {
namespace json = boost::json;
namespace {

constexpr int64_t kFormat = 1;
constexpr std::array<std::string_view, 5> kTypeNames = {"null", "int64", "double", "text", "bytes"};

std::unexpected<Error> wrong(std::string_view what) {
  return fail(ErrorCode::kInput, {"manifest.json", 0, 0}, "Take another backup.",
              "the backup's manifest is damaged: {}", what);
}

bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= 63 && (text[0] < '0' || text[0] > '9') &&
         std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

bool is_checksum(std::string_view text) {
  return text.size() == 64 &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

/// Down into the lake and nowhere else.
bool is_inner_path(std::string_view text) {
  const std::filesystem::path path(text);
  return !text.empty() && text.size() < 1000 && text.find('\0') == std::string_view::npos && path.is_relative() &&
         path.has_filename() &&
         std::ranges::none_of(path, [](const auto& part) { return part == ".." || part == "."; });
}

/// Reads members of an object; the first one that is missing or of another kind is remembered.
class Members {
 public:
  explicit Members(const json::value& value) : object_(value.if_object()) {
    if (object_ == nullptr) fault_ = "an object";
  }
  int64_t number(std::string_view name) {
    const auto* value = find(name);
    if (value != nullptr && value->is_int64() && value->get_int64() >= 0) return value->get_int64();
    note(name);
    return 0;
  }
  std::string text(std::string_view name) {
    const auto* value = find(name);
    if (value != nullptr && value->is_string()) return std::string(value->get_string());
    note(name);
    return {};
  }
  const json::array& list(std::string_view name) {
    static const json::array none;
    const auto* value = find(name);
    if (value != nullptr && value->is_array()) return value->get_array();
    note(name);
    return none;
  }
  void require(bool good, std::string_view what) {
    if (!good) note(what);
  }
  Status status() const {
    if (fault_.empty()) return {};
    return wrong(fault_);
  }

 private:
  const json::value* find(std::string_view name) const {
    return object_ == nullptr ? nullptr : object_->if_contains(name);
  }
  void note(std::string_view what) {
    if (fault_.empty()) fault_ = what;
  }

  const json::object* object_;
  std::string fault_;
};

Result<BackupTable> table_of(const json::value& value) {
  Members members(value);
  BackupTable table{.name = members.text("name"),
                    .columns = {},
                    .rows = members.number("rows"),
                    .bytes = members.number("bytes"),
                    .sha256 = members.text("sha256")};
  for (const auto& column : members.list("columns")) {
    Members of_column(column);
    const auto name = of_column.text("name");
    const auto type = of_column.text("type");
    const auto* found = std::ranges::find(kTypeNames, std::string_view(type));
    of_column.require(is_word(name), "a column's name");
    of_column.require(found != kTypeNames.end(), "a column's type");
    ZHILI_TRY(of_column.status());
    table.columns.push_back({name, static_cast<Type>(found - kTypeNames.begin())});
  }
  members.require(is_word(table.name), "a table's name");
  members.require(is_checksum(table.sha256), "a checksum");
  members.require(!table.columns.empty(), "columns");
  ZHILI_TRY(members.status());
  return table;
}

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<size_t>(size));
  return out;
}

bool decode_base64(std::string_view text, std::string& out) {
  if (text.size() % 4 != 0) return false;
  out.resize(text.size() / 4 * 3);
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) return false;
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  out.resize(static_cast<size_t>(size) - padding);
  return true;
}

void append_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace

std::string BackupManifest::text() const {
  json::array migration_list;
  for (const auto& one : migrations) {
    migration_list.push_back(json::object{{"room", one.room}, {"number", one.number}, {"sha256", one.sha256}});
  }
  json::array table_list;
  for (const auto& table : tables) {
    json::array columns;
    for (const auto& column : table.columns) {
      columns.push_back(json::object{{"name", column.name}, {"type", kTypeNames[static_cast<size_t>(column.type)]}});
    }
    table_list.push_back(json::object{{"name", table.name},
                                      {"rows", table.rows},
                                      {"bytes", table.bytes},
                                      {"sha256", table.sha256},
                                      {"columns", std::move(columns)}});
  }
  json::array lake_list;
  for (const auto& file : lake) {
    lake_list.push_back(json::object{{"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}});
  }
  const json::object all{{"zhili_backup", kFormat},
                         {"made_at", made_at},
                         {"migrations", std::move(migration_list)},
                         {"tables", std::move(table_list)},
                         {"lake", std::move(lake_list)}};
  return json::serialize(all) + "\n";
}

Result<BackupManifest> BackupManifest::parse(std::string_view text) {
  boost::system::error_code failed;
  const auto parsed = json::parse(text, failed);
  if (failed) return wrong(failed.message());
  Members members(parsed);
  if (const auto format = members.number("zhili_backup"); members.status() && format > kFormat) {
    return fail(ErrorCode::kConfig, {"manifest.json", 0, 0}, "Use the newer program.",
                "the backup was made by a newer program");
  }
  BackupManifest manifest;
  manifest.made_at = members.number("made_at");
  for (const auto& value : members.list("migrations")) {
    Members of(value);
    AppliedMigration one{of.text("room"), static_cast<int>(std::min<int64_t>(of.number("number"), 1'000'000)),
                         of.text("sha256")};
    ZHILI_TRY(of.status());
    manifest.migrations.push_back(std::move(one));
  }
  for (const auto& value : members.list("tables")) {
    ZHILI_ASSIGN(auto table, table_of(value));
    manifest.tables.push_back(std::move(table));
  }
  for (const auto& value : members.list("lake")) {
    Members of(value);
    BackupFile file{of.text("path"), of.number("bytes"), of.text("sha256")};
    of.require(is_inner_path(file.path), "a path in the lake");
    of.require(is_checksum(file.sha256), "a checksum");
    ZHILI_TRY(of.status());
    manifest.lake.push_back(std::move(file));
  }
  ZHILI_TRY(members.status());
  return manifest;
}

void append_row_line(std::string& out, const Row& row) {
  for (size_t c = 0; c < row.columns(); ++c) {
    out += c == 0 ? '[' : ',';
    switch (row.type(c)) {
      case Type::kNull:
        out += "null";
        break;
      case Type::kInt64:
        out += fmt::format("{}", row.int64(c));
        break;
      case Type::kDouble:
        if (std::isinf(row.real(c))) {
          out += fmt::format(R"({{"real":"{}"}})", row.real(c));
        } else {
          // With a point even where it is whole, so that it looks like what it is.
          const auto text = fmt::format("{}", row.real(c));
          out += text;
          if (text.find_first_of(".e") == std::string::npos) out += ".0";
        }
        break;
      case Type::kText:
        append_text(out, row.text(c));
        break;
      case Type::kBytes:
        out += R"({"bytes":")" + base64(row.bytes(c)) + "\"}";
        break;
    }
  }
  out += "]\n";
}

struct RowLines::Parser {
  simdjson::dom::parser parser;
  std::string scratch;

  /// False where the value is not of the column's type.
  bool take(const simdjson::dom::element& element, Type type, Value& out);
};

bool RowLines::Parser::take(const simdjson::dom::element& element, Type type, Value& out) {
  if (element.is_null()) {
    out = nullptr;
    return true;
  }
  switch (type) {
    case Type::kNull:
      return false;
    case Type::kInt64: {
      int64_t number = 0;
      if (element.get_int64().get(number) != simdjson::SUCCESS) return false;
      out = number;
      return true;
    }
    case Type::kDouble: {
      double number = 0;
      if (element.is_object()) {
        std::string_view text;
        if (element["real"].get_string().get(text) != simdjson::SUCCESS) return false;
        if (text != "inf" && text != "-inf") return false;
        out = text == "inf" ? HUGE_VAL : -HUGE_VAL;
        return true;
      }
      if (element.get_double().get(number) != simdjson::SUCCESS) return false;
      out = number;
      return true;
    }
    case Type::kText: {
      std::string_view text;
      if (element.get_string().get(text) != simdjson::SUCCESS) return false;
      out = text;
      return true;
    }
    case Type::kBytes: {
      std::string_view text;
      if (!element.is_object() || element["bytes"].get_string().get(text) != simdjson::SUCCESS) return false;
      if (!decode_base64(text, scratch)) return false;
      out = Bytes{scratch};
      return true;
    }
  }
  return false;
}

RowLines::RowLines(std::vector<ColumnInfo> columns)
    : columns_(std::move(columns)), parser_(std::make_unique<Parser>()), values_(columns_.size()) {}

RowLines::~RowLines() = default;

Result<const std::vector<Value>*> RowLines::read(std::string_view line) {
  const auto damaged = [] { return fail(ErrorCode::kInput, {}, "Take another backup.", "a row is damaged"); };
  simdjson::dom::array array;
  if (parser_->parser.parse(line.data(), line.size()).get_array().get(array) != simdjson::SUCCESS) return damaged();
  size_t at = 0;
  for (const simdjson::dom::element element : array) {
    if (at >= columns_.size() || !parser_->take(element, columns_[at].type, values_[at])) return damaged();
    ++at;
  }
  if (at != columns_.size()) return damaged();
  return &values_;
}

}  // namespace zhili::store
