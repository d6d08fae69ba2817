#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "text/person_name.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zhili::text;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto name = parse_chinese_name(bytes);
  // A name that was understood stays as it is, and its parts make the whole.
  if (!name.surname.empty()) {
    if (name.surname + name.given != name.full || parse_chinese_name(name.full).full != name.full) std::abort();
  }
  const auto latin = standardise_latin_name(bytes);
  if (latin.starts_with(' ') || latin.ends_with(' ') || latin.find("  ") != std::string::npos) std::abort();
  return 0;
}
