#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace zhili::config {

/// Where in a file something was written. Both count from 1, columns in characters; 0 is unknown.
struct Mark {
  uint32_t line = 0;
  uint32_t column = 0;
};

/// YAML as a tree in which every key and value knows its place. Narrower than YAML: one document, no anchors, aliases
/// or tags, at most limits::kYamlBytes bytes and limits::kYamlDepth levels, UTF-8 only, no tabs in indentation.
struct YamlNode {
  enum class Kind : uint8_t { kNull, kScalar, kList, kMap };
  struct Key {
    std::string text;
    Mark mark;
  };

  Kind kind = Kind::kNull;
  bool quoted = false;  ///< A scalar in quotes, or a block scalar: text, whatever it looks like.
  Mark mark;
  std::string text;             ///< Of a scalar.
  std::vector<Key> keys;        ///< Of a map, in order and with doubles; keys[i] belongs to items[i].
  std::vector<YamlNode> items;  ///< Of a list or a map.

  /// Value of a key of a map; null if there is none. The first of doubles.
  const YamlNode* find(std::string_view key) const;
};

/// `file` is named in errors. Errors: kConfig for what is no YAML or wider than above, kLimit.
Result<YamlNode> parse_yaml(std::string_view bytes, const std::string& file);

}  // namespace zhili::config
