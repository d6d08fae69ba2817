// Packs and datasets of any bytes: an error with its place, or a value.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "catalog/parser.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0) {
    (void)zhili::catalog::parse_pack(bytes, "pack.yaml");
  } else {
    (void)zhili::catalog::parse_dataset(bytes, "dataset.yaml");
  }
  return 0;
}
