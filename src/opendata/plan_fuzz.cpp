// Plans as JSON: what is read is written, and read again as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "opendata/plan.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto plan = zhili::opendata::plan_from_json(bytes);
  if (!plan) return 0;
  const auto again = zhili::opendata::plan_from_json(zhili::opendata::to_json(*plan));
  if (!again || zhili::opendata::to_json(*again) != zhili::opendata::to_json(*plan)) std::abort();
  return 0;
}
