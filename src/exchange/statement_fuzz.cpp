// Signed statements: whatever the bytes, an error or a statement of one form.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "exchange/signing.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zhili::exchange;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto statement = parse_statement(bytes);
  if (statement && to_text(*statement) != bytes) std::abort();
  (void)verify_answer(bytes, "answer", {});
  return 0;
}
