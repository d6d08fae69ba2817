#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// A small typed language for what data officers say about a row: `birth <= today and (end is missing or start <=
/// end)`. No loops, no names but the row's fields, no way to the outside; time and memory are bounded by the text's
/// length. docs/expressions.md has the language.
namespace zhili::expression {

inline constexpr size_t kTextBytes = 8192;    ///< Of one expression.
inline constexpr size_t kDepth = 64;          ///< Values that wait within one expression; brackets as many.
inline constexpr size_t kListItems = 1000;    ///< Of one list behind `in`.
inline constexpr size_t kPatternBytes = 512;  ///< Of one pattern behind `matches`.

enum class Type : uint8_t {
  kTruth,
  kNumber,  ///< A double.
  kDate,    ///< A day of the calendar, without time.
  kText,    ///< UTF-8.
};
std::string_view name_of(Type type);

/// A field of the row by its name, as it stands in expressions.
struct Field {
  std::string name;
  Type type = Type::kText;
};

/// What is wrong with an expression, and where: bytes [at, at + length) of its text, which begin at the character
/// `column` of the line `line`, both from 1.
struct Mistake {
  size_t at = 0;
  size_t length = 0;
  uint64_t line = 1;
  uint64_t column = 1;
  std::string zh;
  std::string en;
};

struct Program;

/// An expression that was read and found right. Immutable; may be shared by threads, and copied cheaply.
class Expression {
 public:
  /// `wanted`: the type that it has to have.
  static std::expected<Expression, Mistake> compile(std::string_view text, std::span<const Field> fields,
                                                    std::optional<Type> wanted = Type::kTruth);

  Type type() const;
  /// Which of the fields it reads, by their places, in order.
  const std::vector<uint32_t>& fields() const;

 private:
  friend class Evaluator;
  explicit Expression(std::shared_ptr<const Program> program) : program_(std::move(program)) {}
  std::shared_ptr<const Program> program_;  // Shared by copies.
};

/// Values of one field or result over a run of rows: `known` and the array of its type, each as long as there are
/// rows. Where known is 0 the value is missing, and what stands in the array is anything.
struct Column {
  const uint8_t* known = nullptr;
  const uint8_t* truths = nullptr;  ///< 0 or 1.
  const double* numbers = nullptr;
  const int32_t* dates = nullptr;  ///< Days since 1970-01-01.
  const std::string_view* texts = nullptr;

  /// Of a truth: three values. A rule fails where it is false; unknown is no failure.
  bool is_true(size_t row) const { return known[row] != 0 && truths[row] != 0; }
  bool is_false(size_t row) const { return known[row] != 0 && truths[row] == 0; }
};

/// Works expressions out over many rows at once. Its memory is used again from call to call: nothing is allocated by
/// row. Belongs to one thread at a time.
class Evaluator {
 public:
  Evaluator();
  Evaluator(Evaluator&&) noexcept;
  Evaluator& operator=(Evaluator&&) noexcept;
  ~Evaluator();

  /// `fields`: as many columns as compile() was given fields; only those that the expression reads are looked at. The
  /// result is good until the next call. Three-valued: what is missing makes a comparison unknown, `and` and `or` know
  /// what they can (false and unknown is false), and what can't be computed (a division by zero) is missing.
  Column run(const Expression& expression, std::span<const Column> fields, size_t rows, int32_t today);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace zhili::expression
