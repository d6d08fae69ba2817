// Requests and conditions as JSON: whatever the bytes, an error or a value that is written and read the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "exchange/requests.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zhili::exchange;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto wanted = wanted_from_json(bytes)) {
    const auto again = wanted_from_json(to_json(*wanted));
    if (!again || *again != *wanted) std::abort();
  }
  if (const auto conditions = conditions_from_json(bytes)) {
    const auto again = conditions_from_json(to_json(*conditions));
    if (!again || *again != *conditions) std::abort();
  }
  return 0;
}
