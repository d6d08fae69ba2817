// Catalogues of others: whatever the bytes, an error or datasets with a name and no address but of the web.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "opendata/harvest.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto read = zhili::opendata::read_dcat({reinterpret_cast<const char*>(data), size});
  if (!read) return 0;
  for (const auto& one : *read) {
    if (one.title.empty() || one.id.empty()) std::abort();
    if (!one.page.empty() && !one.page.starts_with("http://") && !one.page.starts_with("https://")) std::abort();
  }
  return 0;
}
