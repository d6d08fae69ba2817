#include "store/connection.hpp"

#include <cmath>

#include <simdjson.h>

#include "base/limits.hpp"

namespace zhili::store {

Result<std::unique_ptr<Connection>> open_connection(const StoreUrl& url, const ConnectionOptions& options) {
  return url.engine() == Engine::kSqlite ? open_sqlite(url, options) : open_postgres(url, options);
}

Status check_values(std::span<const Value> values) {
  if (values.size() > limits::kParameters) {
    return fail(ErrorCode::kInternal, {}, "", "a statement with {} parameters; the limit is {}", values.size(),
                limits::kParameters);
  }
  for (size_t i = 0; i < values.size(); ++i) {
    const Value& value = values[i];
    switch (value.type()) {
      case Type::kNull:
      case Type::kInt64:
        break;
      case Type::kDouble:
        if (std::isnan(value.real())) {
          return fail(ErrorCode::kInput, {}, "Leave it out where it is unknown.", "value ${} is not a number", i + 1);
        }
        break;
      case Type::kText: {
        const std::string_view text = value.bytes();
        if (text.find('\0') == std::string_view::npos && simdjson::validate_utf8(text.data(), text.size())) break;
        return fail(ErrorCode::kInput, {}, "Send text as UTF-8 without NUL.", "value ${} is not valid text", i + 1);
      }
      case Type::kBytes:
        break;
    }
    if (value.size() > limits::kValueBytes) {
      return fail(ErrorCode::kLimit, {}, "Keep large content in the lake.", "value ${} has {} bytes; the limit is {}",
                  i + 1, value.bytes().size(), limits::kValueBytes);
    }
  }
  return {};
}

Status RowCollector::row(std::span<const Cell> cells) {
  if (rows_.size() >= bounds_.rows) {
    return fail(ErrorCode::kLimit, {}, "Ask for fewer rows, or page by page.", "a query gives more than {} rows",
                bounds_.rows);
  }
  rows_.add(cells);
  if (rows_.memory() > bounds_.bytes) {
    return fail(ErrorCode::kLimit, {}, "Ask for fewer rows, or page by page.", "a query gives more than {} bytes",
                bounds_.bytes);
  }
  return {};
}

}  // namespace zhili::store
