// The first byte chooses the block size, the rest is the file.
#include "table/fuzz_reading.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  zhili::table::ReadOptions options;
  options.format = zhili::table::Format::kJsonLines;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  zhili::table::fuzz_blocks(bytes, options, data[0]);
  return 0;
}
