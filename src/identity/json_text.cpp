#include "identity/json_text.hpp"

#include <cmath>

namespace zhili::identity {
namespace {

constexpr size_t kDepth = 16;

/// Boost.JSON keeps the last of two members of one name. A token with two audiences by that trick is refused: its
/// writer and its reader might not mean the same one. Names are counted in the text, level by level.
class DoubledNames {
 public:
  explicit DoubledNames(std::string_view text) : text_(text) {}

  /// Whether an object has fewer members than names are written.
  static size_t members_of(const boost::json::value& value) {
    size_t count = 0;
    if (const auto* object = value.if_object()) {
      count += object->size();
      for (const auto& member : *object) count += members_of(member.value());
    } else if (const auto* array = value.if_array()) {
      for (const auto& item : *array) count += members_of(item);
    }
    return count;
  }
  /// Colons outside of texts: one for each name that is written.
  size_t written() const {
    size_t count = 0;
    bool quoted = false;
    for (size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      if (quoted && c == '\\') {
        ++i;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ':' && !quoted) {
        ++count;
      }
    }
    return count;
  }

 private:
  std::string_view text_;
};

}  // namespace

Result<boost::json::object> parse_object(std::string_view text, size_t limit, std::string_view what) {
  if (text.size() > limit) {
    return fail(ErrorCode::kLimit, {}, "Look at the provider.", "{} of {} bytes; the limit is {}", what, text.size(),
                limit);
  }
  boost::json::parse_options options;
  options.max_depth = kDepth;
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(text, error, {}, options);
  if (error || !value.is_object()) {
    return fail(ErrorCode::kInput, {}, "Look at the provider.", "{} is no JSON object", what);
  }
  if (DoubledNames::members_of(value) != DoubledNames(text).written()) {
    return fail(ErrorCode::kInput, {}, "Look at the provider.", "{} has a name twice", what);
  }
  return value.get_object();
}

std::optional<std::string> text_member(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

std::optional<int64_t> seconds_member(const boost::json::object& object, std::string_view name) {
  constexpr double kFarthest = 1e11;  // Thousands of years: in microseconds it still fits.
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  const double number = value->to_number<double>();
  if (!(std::abs(number) <= kFarthest)) return std::nullopt;
  return static_cast<int64_t>(std::floor(number));
}

}  // namespace zhili::identity
