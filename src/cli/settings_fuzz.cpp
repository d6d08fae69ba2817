// Settings of any bytes: whole paths and a port that can be listened on, or mistakes with their places.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cli/settings.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto settings = zhili::cli::parse_settings(bytes, "/nonexistent");
  if (!settings) {
    if (settings.error().text().empty()) std::abort();
    return 0;
  }
  if (settings->origin.empty() || settings->store.empty() || settings->area_id < 1) std::abort();
  if (!settings->packs.is_absolute()) std::abort();
  if (!settings->policy.empty() && !settings->policy.is_absolute()) std::abort();
  return 0;
}
