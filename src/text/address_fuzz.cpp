#include <cstddef>
#include <cstdint>

#include "text/address.hpp"
#include "text/person_name.hpp"
#include "text/phone.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zhili::text;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const DivisionTable& table = DivisionTable::national();
  const Address address = parse_address(bytes, table);
  parse_address(address.standard(), table);
  parse_chinese_name(bytes);
  standardise_latin_name(bytes, true);
  standardise_phone(bytes);
  return 0;
}
