#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "expression/expression.hpp"

namespace {

using namespace zhili::expression;
constexpr size_t kRows = 4;
constexpr std::array<uint8_t, kRows> kKnown = {1, 0, 1, 1};
constexpr std::array<uint8_t, kRows> kTruths = {1, 0, 0, 1};
constexpr std::array<double, kRows> kNumbers = {0, 1, -2.5, 1e308};
constexpr std::array<int32_t, kRows> kDates = {0, 1, -719162, 2932896};
constexpr std::array<std::string_view, kRows> kTexts = {"", "a", "990101199001011230", "2024-02-29"};

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::vector<Field> fields = {
      {"a", Type::kTruth}, {"b", Type::kNumber}, {"c", Type::kDate}, {"d", Type::kText}};
  const std::array<Column, 4> columns = {Column{.known = kKnown.data(), .truths = kTruths.data()},
                                         Column{.known = kKnown.data(), .numbers = kNumbers.data()},
                                         Column{.known = kKnown.data(), .dates = kDates.data()},
                                         Column{.known = kKnown.data(), .texts = kTexts.data()}};
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto expression = Expression::compile(text, fields, std::nullopt);
  if (!expression) {
    const Mistake& mistake = expression.error();
    if (mistake.zh.empty() || mistake.en.empty() || mistake.at > size || mistake.length > size) std::abort();
    return 0;
  }
  Evaluator evaluator;
  const Column out = evaluator.run(*expression, columns, kRows, 20'000);
  for (size_t r = 0; r < kRows; ++r) {
    if (out.known[r] > 1 || (expression->type() == Type::kTruth && out.is_true(r) && out.is_false(r))) std::abort();
  }
  return 0;
}
