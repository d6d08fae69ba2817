#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "fuse/compare.hpp"
#include "fuse/fusion.hpp"

namespace zhili::fuse {

/// Why records are one entity: orders them one after the other, each by its strongest link to one before it. Belongs to
/// one thread at a time.
class LinkTree {
 public:
  static constexpr uint32_t kNone = ~uint32_t{0};
  static constexpr size_t kMostLinked = 512;  ///< Records beyond have no link.

  struct Member {
    uint32_t record;
    uint32_t link = kNone;  ///< A record of a member before.
    float weight = 0;       ///< Bits; for a pair that was decided, what its values give.
    /// A JSON list of [attribute, level, bits] over all comparisons in which neither value is missing.
    std::string parts;
  };

  explicit LinkTree(const Fusion& fusion) : fusion_(fusion), memo_(fusion.comparisons().size()) {}

  /// Prim's tree of greatest weight, grown from the first record; appends one member a record.
  void grow(std::span<const uint32_t> records, std::vector<Member>& out);
  /// Bits that speak for two records being one entity, and what each comparison says of them, as in `Member::parts`.
  float weight(uint32_t a, uint32_t b);
  std::string parts(uint32_t a, uint32_t b);

 private:
  const Fusion& fusion_;
  LevelMemo memo_;
  std::vector<float> best_;
  std::vector<uint32_t> from_;
  std::vector<uint8_t> inside_;
};

}  // namespace zhili::fuse
