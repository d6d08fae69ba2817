#include <cstddef>
#include <cstdint>

#include "text/division.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zhili::text;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static const DivisionTable empty;
  const auto table = empty.with_csv(bytes, "fuzz.csv");
  if (!table) return 0;
  for (DivisionTable::Id id = 0; id < table->size(); ++id) table->find(table->code(id));
  return 0;
}
