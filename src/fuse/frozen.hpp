#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "fuse/block.hpp"
#include "fuse/key_part.hpp"
#include "fuse/model.hpp"
#include "fuse/project.hpp"
#include "fuse/score.hpp"

namespace zhili::fuse {

/// All that a batch run learns from the whole of its data. Under the same frozen model, whether two records are
/// compared depends on the records of their blocks alone, and what the pair weighs on the two alone: so a batch run and
/// records that arrive one by one come to the same entities. See docs/decisions/0007-online-fusing.md.
struct FrozenModel {
  Model model;
  std::vector<BlockingRule> rules;
  SplitOrders split_by;                  ///< By rule.
  std::vector<SplitParts> split;         ///< By rule: what was split when it was learnt, and stays so.
  std::vector<Rarity> rarity;            ///< By comparison.
  std::map<uint32_t, WordCounts> words;  ///< By attribute, for those whose words are looked at.

  /// Bytes that `parse` takes. They hold hashes of personal values: seal them.
  std::string to_bytes() const;
  /// Errors: kInput where they are not what `to_bytes` gave.
  static Result<FrozenModel> parse(std::string_view bytes);
};

}  // namespace zhili::fuse
