#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "text/credit_code.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zhili::text;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  registration_number_ok(bytes);
  organisation_code_ok(bytes);
  const auto parsed = parse_credit_code(bytes);
  if (!parsed) return 0;
  const auto again = parse_credit_code(parsed->code);
  if (!again || again->code != parsed->code || again->corrected || again->valid() != parsed->valid()) std::abort();
  return 0;
}
