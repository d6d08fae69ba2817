#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "text/fold.hpp"
#include "text/utf8.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zhili::text;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string again = encode(decode(bytes));
  if (!valid_utf8(again) || valid_utf8(bytes) != (again == bytes)) std::abort();
  const std::string folded = fold(bytes);
  if (!valid_utf8(folded) || fold(folded) != folded) std::abort();
  return 0;
}
