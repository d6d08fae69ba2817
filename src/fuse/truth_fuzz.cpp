#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include "fuse/decisions.hpp"
#include "fuse/truth.hpp"

namespace {
constexpr std::string_view kConfig = R"(
version: 1
sources: [{id: a, file: a.csv}, {id: b, file: b.csv}]
attributes: {name: chinese_name}
blocking: [[name]]
)";
}  // namespace

/// Any bytes are a truth file or an error that can be told, and likewise decisions.
// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zhili;
  using namespace zhili::fuse;
  static const auto config = parse_config(kConfig, "fuse.yaml");
  static const int file = ::memfd_create("truth.csv", 0);
  static const std::string path = "/proc/self/fd/" + std::to_string(file);
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, data, size, 0) != static_cast<ssize_t>(size)) std::abort();
  RecordKeys keys;
  for (const uint32_t source : {0U, 1U}) {
    for (const auto* id : {"1", "2", "3"}) keys.add(source, id);
  }
  keys.seal();
  Cancel cancel;
  const auto truth = read_truth(path, *config, keys, Progress::Mode::kOff, cancel);
  if (truth) {
    for (const uint32_t entity : truth->entity) {
      if (entity != kUnlabelled && entity >= truth->entities) std::abort();
    }
  } else if (truth.error().text().empty()) {
    std::abort();
  }
  const auto decisions = read_decisions(path);
  if (!decisions && decisions.error().text().empty()) std::abort();
  return 0;
}
