#include "fuse/link_tree.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace zhili::fuse {

void LinkTree::grow(std::span<const uint32_t> records, std::vector<Member>& out) {
  const size_t linked = std::min(records.size(), kMostLinked);
  best_.assign(linked, -std::numeric_limits<float>::infinity());
  from_.assign(linked, kNone);
  inside_.assign(linked, 0);
  size_t last = 0;
  out.push_back({records[0], kNone, 0, {}});
  for (size_t done = 1; done < linked; ++done) {
    inside_[last] = 1;
    size_t next = linked;
    for (size_t i = 0; i < linked; ++i) {
      if (inside_[i] != 0) continue;
      const float w = weight(records[last], records[i]);
      if (w > best_[i]) {
        best_[i] = w;
        from_[i] = records[last];
      }
      if (next == linked || best_[i] > best_[next]) next = i;
    }
    last = next;
    out.push_back({records[last], from_[last], best_[last], parts(from_[last], records[last])});
  }
  for (const uint32_t record : records.subspan(linked)) out.push_back({record, kNone, 0, {}});
}

float LinkTree::weight(uint32_t a, uint32_t b) {
  const auto& comparisons = fusion_.comparisons();
  return fusion_.scorer().weight(comparisons.row(a), comparisons.row(b), memo_);
}

std::string LinkTree::parts(uint32_t a, uint32_t b) {
  const auto& comparisons = fusion_.comparisons();
  boost::json::array out;
  for (uint32_t c = 0; c < comparisons.size(); ++c) {
    const auto part = fusion_.scorer().part(c, comparisons.row(a), comparisons.row(b), memo_);
    if (part.level == kMissing) continue;
    const auto& comparison = comparisons.list()[c];
    // Hundredths of a bit are more than anybody reads.
    const double bits = std::round(100.0 * (part.weight + part.rarity)) / 100;
    boost::json::array one;
    one.emplace_back(fusion_.config().attributes[comparison.attribute].name);
    one.emplace_back(comparison.label(part.level));
    one.emplace_back(bits);
    out.emplace_back(std::move(one));
  }
  return boost::json::serialize(out);
}

}  // namespace zhili::fuse
