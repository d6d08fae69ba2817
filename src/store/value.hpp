#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace zhili::store {

enum class Type { kNull, kInt64, kDouble, kText, kBytes };

/// Bytes that are no text.
struct Bytes {
  std::string data;
  bool operator==(const Bytes&) const = default;
};

/// A value on its way into the store: null, a whole number, a double (not NaN), UTF-8 text without NUL, or bytes. What
/// breaks this is refused with kInput when it is used. Truth is kept as 0 and 1, time as microseconds since 1970 UTC.
class Value {
 public:
  Value() = default;
  // NOLINTBEGIN(google-explicit-constructor): parameters are written as {id, name, nullptr}.
  Value(std::nullptr_t) {}
  /// Any whole number that fits; an unsigned one of 64 bits is cast by the caller, who knows its range.
  template <std::integral T>
    requires(!std::same_as<T, char> && (std::signed_integral<T> || sizeof(T) < sizeof(int64_t)))
  Value(T number) : value_(static_cast<int64_t>(number)) {}
  Value(double number) : value_(number + 0.0) {}  // Minus zero becomes zero, as SQLite knows no other.
  Value(const char* text) : value_(std::string(text)) {}
  Value(std::string_view text) : value_(std::string(text)) {}
  Value(std::string text) : value_(std::move(text)) {}
  Value(Bytes bytes) : value_(std::move(bytes)) {}
  template <class T>
  Value(std::optional<T> value) {
    if (value.has_value()) *this = Value(std::move(*value));
  }
  // NOLINTEND(google-explicit-constructor)

  Type type() const { return static_cast<Type>(value_.index()); }
  bool is_null() const { return value_.index() == 0; }
  /// Each needs the value to be of its type.
  int64_t int64() const { return std::get<int64_t>(value_); }
  double real() const { return std::get<double>(value_); }
  /// Text or bytes.
  std::string_view bytes() const {
    if (const auto* text = std::get_if<std::string>(&value_)) return *text;
    return std::get<Bytes>(value_).data;
  }
  /// About how much memory it takes.
  size_t size() const { return sizeof(Value) + (type() == Type::kText || type() == Type::kBytes ? bytes().size() : 0); }
  bool operator==(const Value&) const = default;

 private:
  std::variant<std::monostate, int64_t, double, std::string, Bytes> value_;
};

/// The parameters of one statement, $1 first. A view: it lives as long as the call it is written in.
class Params {
 public:
  Params() = default;
  // NOLINTBEGIN(google-explicit-constructor)
  Params(std::initializer_list<Value> values) : values_(values.begin(), values.size()) {}
  Params(std::span<const Value> values) : values_(values) {}
  Params(const std::vector<Value>& values) : values_(values) {}
  // NOLINTEND(google-explicit-constructor)

  std::span<const Value> values() const { return values_; }

 private:
  std::span<const Value> values_;
};

}  // namespace zhili::store
