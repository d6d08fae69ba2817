#include <cstdint>
#include <cstdlib>

#include "store/url.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto url = zhili::store::StoreUrl::parse(text);
  if (!url) return 0;
  const bool file = url->engine() == zhili::store::Engine::kSqlite;
  if (file == url->path().empty() || file != url->uri().empty() || url->shown().empty()) std::abort();
  // What is shown leads to the same place, but for its secrets.
  const auto again = zhili::store::StoreUrl::parse(url->shown());
  if (!again || again->engine() != url->engine() || again->shown() != url->shown()) std::abort();
  return 0;
}
