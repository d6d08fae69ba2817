// The file of terms: whatever the bytes, an error or terms whose days can be counted.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "exchange/terms.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto terms = zhili::exchange::parse_terms({reinterpret_cast<const char*>(data), size}, "terms");
  if (!terms) return 0;
  constexpr int64_t kSome = int64_t{1'767'225'600} * 1'000'000;
  const int64_t due = terms->calendar.due(kSome, terms->answer_conditional.days);
  if (due <= kSome || terms->calendar.days_between(kSome, due) != terms->answer_conditional.days) std::abort();
  return 0;
}
