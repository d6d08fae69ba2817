#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "fuse/config.hpp"

/// Any bytes give a configuration or an error that can be told; what is read can be bound to columns.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {  // NOLINT(readability-identifier-naming)
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto config = zhili::fuse::parse_config(bytes, "fuse.yaml");
  if (!config) {
    if (config.error().text().empty()) __builtin_trap();
    return 0;
  }
  const std::vector<std::vector<std::string>> headers(config->sources.size(), {"name", "birth", "id"});
  const auto bound = zhili::fuse::bind_columns(*config, headers);
  if (bound && bound->size() != config->sources.size()) __builtin_trap();
  return 0;
}
