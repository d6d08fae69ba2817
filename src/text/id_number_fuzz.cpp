#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "text/id_number.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zhili::text;
  const auto parsed = parse_id_number({reinterpret_cast<const char*>(data), size});
  if (!parsed) return 0;
  const auto again = parse_id_number(parsed->number);
  if (!again || again->number != parsed->number || again->valid() != parsed->valid()) std::abort();
  return 0;
}
