// Configurations of any bytes: a tree that holds together and keeps to its limits, or an error that can be told.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.hpp"
#include "config/fields.hpp"
#include "config/yaml.hpp"
#include "text/utf8.hpp"

namespace {

using zhili::config::YamlNode;

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const YamlNode& node) {
  require(node.kind == YamlNode::Kind::kMap ? node.keys.size() == node.items.size() : node.keys.empty());
  require(node.kind == YamlNode::Kind::kScalar || node.text.empty());
  require(zhili::text::valid_utf8(node.text));
  for (const YamlNode::Key& key : node.keys)
    require(zhili::text::valid_utf8(key.text) && node.find(key.text) != nullptr);
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto root = zhili::config::parse_yaml(bytes, "fuzz.yaml");
  if (!root) {
    require(!root.error().text().empty());
    return 0;
  }
  zhili::config::Mistakes mistakes("fuzz.yaml");
  zhili::config::Fields fields(mistakes);
  std::vector<std::pair<const YamlNode*, size_t>> left = {{&*root, 0}};
  while (!left.empty()) {
    const auto [node, depth] = left.back();
    left.pop_back();
    require(depth <= zhili::limits::kYamlDepth);
    check(*node);
    if (const auto number = fields.number(*node, "a number", -1, 1)) require(*number >= -1 && *number <= 1);
    if (const auto count = fields.count(*node, "a count", 1, 9)) require(*count >= 1 && *count <= 9);
    for (const YamlNode& item : node->items) left.emplace_back(&item, depth + 1);
  }
  return 0;
}
