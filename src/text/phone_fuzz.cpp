#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "text/phone.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zhili::text;
  const auto digits = standardise_phone({reinterpret_cast<const char*>(data), size});
  if (digits.find_first_not_of("0123456789") != std::string::npos) std::abort();
  if (is_mobile(digits) && standardise_phone(digits) != digits) std::abort();
  return 0;
}
