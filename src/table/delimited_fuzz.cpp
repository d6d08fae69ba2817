// The first bytes choose encoding, delimiter, quote and block size; the rest is the file.
#include "table/fuzz_reading.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using zhili::table::Encoding;
  constexpr size_t kChoices = 4;
  if (size < kChoices) return 0;
  zhili::table::ReadOptions options;
  options.format = zhili::table::Format::kDelimited;
  constexpr Encoding kEncodings[] = {Encoding::kAuto, Encoding::kUtf8, Encoding::kGb18030, Encoding::kUtf16};
  options.encoding = kEncodings[data[0] % 4];
  constexpr char kDelimiters[] = {0, ',', '\t', ';', '|', '\x01'};
  options.delimiter = kDelimiters[data[1] % sizeof kDelimiters];
  options.quote = data[2] % 4 == 0 ? '\0' : '"';
  const std::string_view bytes(reinterpret_cast<const char*>(data) + kChoices, size - kChoices);
  zhili::table::fuzz_blocks(bytes, options, data[3]);
  return 0;
}
