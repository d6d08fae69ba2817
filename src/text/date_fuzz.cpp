#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "text/date.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zhili::text;
  if (size == 0) return 0;
  const auto order = static_cast<DateOrder>(data[0] % 3);
  const auto parsed = parse_date({reinterpret_cast<const char*>(data) + 1, size - 1}, order);
  if (!parsed) return 0;
  if (parsed->valid != is_possible(parsed->date)) std::abort();
  // What was read in full and is possible reads back from its digits.
  if (parsed->valid && parsed->digits_view().find('?') == std::string_view::npos) {
    const auto again = parse_date(parsed->digits_view());
    if (!again || again->date != parsed->date || !day_number(parsed->date)) std::abort();
  }
  return 0;
}
