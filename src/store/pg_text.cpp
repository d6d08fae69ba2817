#include "store/pg_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace zhili::store {
namespace {

// Numbers of types in pg_type.dat, the same in every PostgreSQL.
constexpr unsigned kBool = 16;
constexpr unsigned kBytea = 17;
constexpr unsigned kInt8 = 20;
constexpr unsigned kInt2 = 21;
constexpr unsigned kInt4 = 23;
constexpr unsigned kOid = 26;
constexpr unsigned kFloat4 = 700;
constexpr unsigned kFloat8 = 701;
constexpr unsigned kNumeric = 1700;

unsigned nibble(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  return static_cast<unsigned>((c | 0x20) - 'a' + 10) & 15U;
}

Cell real_cell(std::string_view text) {
  Cell cell;
  cell.type = Type::kDouble;
  // from_chars knows "inf", "nan" and PostgreSQL's "Infinity", "NaN".
  std::from_chars(text.data(), text.data() + text.size(), cell.real);
  return cell;
}

Cell whole_cell(std::string_view text) {
  Cell cell;
  cell.type = Type::kInt64;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), cell.integer);
  // A sum of whole numbers is numeric; it is whole as long as it fits.
  if (parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size()) return cell;
  return real_cell(text);
}

}  // namespace

std::string one_line(std::string_view message) {
  message = message.substr(0, message.find(": \""));
  while (message.ends_with('\n')) message.remove_suffix(1);
  std::string line(message);
  std::ranges::replace(line, '\n', ' ');
  return line;
}

Error error_of_state(std::string_view state, const std::string& said, const std::string& where) {
  const auto error = [&](ErrorCode code, std::string hint, bool placed = true) {
    return Error{code, said, {placed ? where : std::string(), 0, 0}, std::move(hint)};
  };
  if (state == "23505") return error(ErrorCode::kConflict, "", false);
  if (state.starts_with("23")) return error(ErrorCode::kConstraint, "", false);
  if (state.starts_with("22")) return error(ErrorCode::kInput, "", false);
  if (state == "57014") {
    return {ErrorCode::kLimit, "the statement took longer than it may", {}, "Ask for less at once."};
  }
  // 40: serialization failure, deadlock; 55P03: lock not available.
  if (state.starts_with("40") || state == "55P03") return error(ErrorCode::kBusy, "Try again in a moment.");
  if (state == "53100") return error(ErrorCode::kDiskFull, "Free some space on the database's disk.");
  if (state.starts_with("53") || state.starts_with("57")) {
    return error(ErrorCode::kUnavailable, "Check the server's load and its limit of connections.");
  }
  if (state == "54000" || state == "54001") return error(ErrorCode::kLimit, "Ask for less at once.", false);
  if (state.starts_with("58")) return error(ErrorCode::kIo, "Check the database's disk.");
  if (state == "28P01" || state.starts_with("28") || state == "3D000" || state == "42501") {
    return error(ErrorCode::kConfig, "Check the URL, the password and what this role may do.");
  }
  return {ErrorCode::kInternal, fmt::format("PostgreSQL {}: {}", state, said), {}, ""};
}

Cell cell_of_text(unsigned type, std::string_view text, std::string& scratch) {
  Cell cell;
  switch (type) {
    case kInt8:
    case kInt4:
    case kInt2:
    case kOid:
    case kNumeric:
      return whole_cell(text);
    case kFloat8:
    case kFloat4:
      return real_cell(text);
    case kBool:
      cell.type = Type::kInt64;
      cell.integer = text == "t" ? 1 : 0;
      return cell;
    case kBytea: {
      cell.type = Type::kBytes;
      if (text.starts_with("\\x")) text.remove_prefix(2);
      const size_t from = scratch.size();
      for (size_t i = 0; i + 1 < text.size(); i += 2) {
        scratch += static_cast<char>((nibble(text[i]) << 4U) | nibble(text[i + 1]));
      }
      cell.bytes = {scratch.data() + from, scratch.size() - from};
      return cell;
    }
    default:
      cell.type = Type::kText;
      cell.bytes = text;
      return cell;
  }
}

void append_copy_line(std::string& out, std::span<const Value> row) {
  constexpr const char* kHex = "0123456789abcdef";
  bool first = true;
  for (const Value& value : row) {
    if (!first) out += '\t';
    first = false;
    switch (value.type()) {
      case Type::kNull:
        out += "\\N";
        break;
      case Type::kInt64:
        out += fmt::format("{}", value.int64());
        break;
      case Type::kDouble:
        out += fmt::format("{}", value.real());
        break;
      case Type::kText:
        for (const char c : value.bytes()) {
          switch (c) {
            case '\\':
              out += "\\\\";
              break;
            case '\t':
              out += "\\t";
              break;
            case '\n':
              out += "\\n";
              break;
            case '\r':
              out += "\\r";
              break;
            default:
              out += c;
          }
        }
        break;
      case Type::kBytes:
        out += "\\\\x";
        for (const unsigned char c : value.bytes()) {
          out += kHex[c >> 4U];
          out += kHex[c & 15U];
        }
        break;
    }
  }
  out += '\n';
}

}  // namespace zhili::store
