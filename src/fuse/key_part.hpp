#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fuse/semantic_type.hpp"

namespace zhili::fuse {

/// One part of a blocking key: "birth.year", "postcode.prefix(3)".
struct KeyPart {
  uint32_t attribute = 0;
  KeyTransform transform = KeyTransform::kExact;
  uint32_t n = 0;  ///< For the transforms that take a number.
  bool operator==(const KeyPart&) const = default;
};

/// Records that agree in all parts are compared with each other.
struct BlockingRule {
  std::vector<KeyPart> parts;
  std::string text;  ///< In the short form, "name.pinyin + birth.year".
};

}  // namespace zhili::fuse
