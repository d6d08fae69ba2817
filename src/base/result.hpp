#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace zhili {

/// What kind of failure it is. The number is the program's exit code.
enum class ErrorCode : int {
  kInternal = 1,         ///< A bug in Zhili.
  kUsage = 2,            ///< Wrong arguments on the command line.
  kConfig = 3,           ///< A configuration or pack file is wrong.
  kInput = 4,            ///< A data file can't be read or has too many bad rows; a value is not what it should be.
  kIo = 5,               ///< Disk, permission, no space.
  kLimit = 6,            ///< A named limit was passed.
  kNotFound = 7,         ///< The thing asked for does not exist.
  kConflict = 8,         ///< It clashes with what is there: the key exists already.
  kConstraint = 9,       ///< A rule of the data forbids it: what it refers to is missing, a check fails.
  kBusy = 10,            ///< Too much at once. Nothing was done; the same may succeed in a moment.
  kUnavailable = 11,     ///< The database is out of reach or stopping. Nothing was done.
  kOutcomeUnknown = 12,  ///< The connection broke within a commit: done or not done. Ask again by idempotency key.
  kDiskFull = 13,        ///< The database has no space. Nothing was done.
  kCancelled = 130,      ///< Stopped by the user (128 + SIGINT, as shells expect).
};

/// Where in the user's files the cause lies. Lines and columns count from 1; 0 means unknown.
struct Place {
  std::string file;
  uint64_t line = 0;
  uint64_t column = 0;
};

/// An expected failure, told so that its reader can act: what is wrong, where, and the way out.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  Place place;
  std::string hint;
  std::vector<Error> others = {};  ///< Further failures found at the same time, e.g. all mistakes of one file.

  /// "file:line:column: message\n  hint" without the parts that are unknown; the others follow, each on its own line.
  std::string text() const;
};

template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

using Status = Result<void>;

/// `return fail(ErrorCode::kInput, {file, line, column}, "way out", "message with {}", args…);`
template <class... Args>
std::unexpected<Error> fail(ErrorCode code, Place place, std::string hint, fmt::format_string<Args...> format,
                            Args&&... args) {
  return std::unexpected(
      Error{code, fmt::format(format, std::forward<Args>(args)...), std::move(place), std::move(hint)});
}

inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }

}  // namespace zhili

// Returns the error of a Result or Status from the enclosing function.
#define ZHILI_TRY(expression)                                     \
  do {                                                            \
    if (auto zhili_try_ = (expression); !zhili_try_) [[unlikely]] \
      return std::unexpected(std::move(zhili_try_).error());      \
  } while (false)

#define ZHILI_CONCAT_(a, b) a##b
#define ZHILI_CONCAT(a, b) ZHILI_CONCAT_(a, b)
// NOLINTBEGIN(bugprone-macro-parentheses): `target` may declare a variable, which parentheses would forbid.
#define ZHILI_ASSIGN_(temporary, target, expression)      \
  auto temporary = (expression);                          \
  if (!temporary) [[unlikely]]                            \
    return std::unexpected(std::move(temporary).error()); \
  target = std::move(*temporary)
// NOLINTEND(bugprone-macro-parentheses)

// ZHILI_ASSIGN(auto value, may_fail()): declares or assigns, or returns the error.
#define ZHILI_ASSIGN(target, expression) ZHILI_ASSIGN_(ZHILI_CONCAT(zhili_assign_, __LINE__), target, expression)
