#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "fuse/model.hpp"

namespace {
constexpr std::string_view kConfig = R"(
version: 1
sources: [{id: s, file: s.csv}]
attributes: {name: chinese_name, birth: date, sex: category}
blocking: [[name]]
)";
}  // namespace

/// Any bytes give a model or an error that can be told; what is read comes back from its own file.
// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zhili::fuse;
  static const auto config = parse_config(kConfig, "fuse.yaml");
  static const auto comparisons = declared_comparisons(*config, {});
  const auto model = Model::from_json({reinterpret_cast<const char*>(data), size}, "model.json", *config, comparisons);
  if (!model) {
    if (model.error().text().empty()) std::abort();
    return 0;
  }
  const auto json = model->to_json();
  const auto again = Model::from_json(json, "model.json", *config, comparisons);
  if (!again || again->to_json() != json) std::abort();
  return 0;
}
