#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fuse/config.hpp"
#include "fuse/records.hpp"

namespace zhili::fuse {

/// Attributes that say the same thing twice. Fellegi and Sunter add up the comparisons as if they were independent; a
/// full name beside the given and the family name would count each name twice.
struct Redundancy {
  /// Attributes that are better not compared at all, and why.
  struct Dropped {
    uint32_t attribute;
    std::string reason;
  };
  std::vector<Dropped> dropped;
};

/// Looks at up to some ten thousand records for each pair of compared attributes. An attribute is dropped when its text
/// is put together from two or more others, or when it and an earlier one determine each other.
/// Attributes with levels of their own in the configuration are meant as they are and left alone.
Redundancy find_redundancy(const Config& config, const Records& records, unsigned threads);

}  // namespace zhili::fuse
