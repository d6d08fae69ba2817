#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.hpp"
#include "fuse/config.hpp"
#include "fuse/leaf.hpp"
#include "fuse/project.hpp"
#include "fuse/records.hpp"
#include "fuse/redundancy.hpp"

namespace zhili::fuse {

/// Level of one comparison of a pair: 0 = one of the values is missing; 1 = the first level of the comparison, which is
/// always "equal"; n = its last declared level; n + 1 = none of them.
using LevelNumber = uint8_t;
inline constexpr LevelNumber kMissing = 0;
inline constexpr LevelNumber kEqual = 1;
inline constexpr int kMaxLevels = 16;  ///< Numbers a level may take, so that four bits hold it.

/// Levels of all comparisons of a pair, four bits each, the first comparison lowest.
__extension__ using Pattern = unsigned __int128;
inline LevelNumber level_in(Pattern pattern, uint32_t comparison) {
  return static_cast<LevelNumber>(static_cast<uint64_t>(pattern >> (4 * comparison)) & 15U);
}

/// The comparisons of a pattern that are on level "equal", as bits.
inline uint32_t equal_in(Pattern pattern, uint32_t comparisons) {
  uint32_t equal = 0;
  for (uint32_t c = 0; c < comparisons; ++c) equal |= static_cast<uint32_t>(level_in(pattern, c) == kEqual) << c;
  return equal;
}

/// Remembers levels of value pairs whose texts were compared before. One for each thread.
class LevelMemo {
 public:
  explicit LevelMemo(size_t comparisons) : tables_(comparisons) {}

 private:
  friend class Comparisons;
  /// Direct-mapped; columns whose values hardly repeat gain nothing from it and turn it off.
  struct Table {
    static constexpr uint32_t kBits = 12;  ///< All comparisons' tables together stay in a core's cache.
    static constexpr uint32_t kTrial = 1U << 17;

    std::vector<uint64_t> keys;
    std::vector<LevelNumber> levels;
    uint32_t asked = 0;
    uint32_t hit = 0;
    bool off = false;

    uint64_t slot(uint64_t key) {
      if (keys.empty()) {
        keys.assign(size_t{1} << kBits, 0);
        levels.assign(size_t{1} << kBits, 0);
      }
      ++asked;
      return (key * 0x9e3779b97f4a7c15ULL) >> (64 - kBits);
    }
    LevelNumber found(uint64_t slot) {
      ++hit;
      return levels[slot];
    }
    void remember(uint64_t slot, uint64_t key, LevelNumber level) {
      keys[slot] = key;
      levels[slot] = level;
      if (asked >= kTrial) {
        off = hit < asked / 8;
        asked = hit = 0;
      }
    }
  };
  std::vector<Table> tables_;
};

/// One comparison of the model: an attribute and its levels.
struct Comparison {
  uint32_t attribute = 0;
  std::vector<Level> levels;  ///< levels[k] is level number k + 1; levels[0] is kExact.
  bool term_frequency = false;
  bool identifying = false;
  /// Level numbers are in [0, count()).
  int count() const { return static_cast<int>(levels.size()) + 2; }
  std::string label(LevelNumber level) const;
};

/// The comparisons that a configuration declares or implies by its types.
std::vector<Comparison> declared_comparisons(const Config& config, const Redundancy& redundancy);

/// All comparisons of a run, ready to compare any two records. Safe to use from many threads with a memo for each.
class Comparisons {
 public:
  Comparisons(const Config& config, const Records& records, Projections& projections, Redundancy redundancy);

  const std::vector<Comparison>& list() const { return list_; }
  uint32_t size() const { return static_cast<uint32_t>(list_.size()); }
  /// Value numbers of a record, one for each comparison; for `level`.
  const uint32_t* row(uint64_t record) const { return rows_.data() + record * width_; }
  uint32_t width() const { return width_; }

  LevelNumber level(uint32_t comparison, const uint32_t* a, const uint32_t* b, LevelMemo& memo) const {
    const uint32_t x = a[comparison];
    const uint32_t y = b[comparison];
    if (x == y) return x == 0 ? kMissing : kEqual;
    if ((x == 0) | (y == 0)) return kMissing;
    return unequal(comparison, a, b, memo);
  }
  /// Lays out the records of a leaf for `unequal`. Where few of them are compared further (leaf.whole is false), only
  /// their value numbers.
  void gather(std::span<const uint32_t> members, Leaf& leaf) const;
  /// levels[k] of member i of the leaf with member others[k], whose values are there and differ.
  void unequal(uint32_t comparison, const Leaf& leaf, uint32_t i, std::span<const uint32_t> others, LevelMemo& memo,
               LevelNumber* levels) const;
  Pattern pattern(const uint32_t* a, const uint32_t* b, LevelMemo& memo) const {
    Pattern out = 0;
    for (uint32_t c = 0; c < size(); ++c) out |= Pattern{level(c, a, b, memo)} << (4 * c);
    return out;
  }
  /// patterns[k] of the pair of records pairs[k]. Faster than one by one: what one comparison needs stays in the cache.
  void patterns(std::span<const std::pair<uint32_t, uint32_t>> pairs, LevelMemo& memo, Pattern* patterns) const;
  const Redundancy& redundancy() const { return redundancy_; }
  /// Two different valid values of an identifying attribute: one entity can't have both.
  bool exclude(const uint32_t* a, const uint32_t* b) const {
    for (const uint32_t c : identifying_) {
      if (a[c] != b[c] && a[c] != 0 && b[c] != 0 && valid(c, a[c]) && valid(c, b[c])) return true;
    }
    return false;
  }
  bool valid(uint32_t comparison, uint32_t value) const { return (*valid_[comparison])[value] != 0; }
  std::span<const uint32_t> identifying() const { return identifying_; }
  /// Takes in the values and records that came after: of records only the room for their rows, see set_row.
  void extend(const Records& records, Projections& projections);
  /// Notes what a record holds now.
  void set_row(const Records& records, uint64_t record);
  /// What was worked out of each value of a comparison: so many words a value. Empty where nothing need be.
  std::span<const uint32_t> features(uint32_t comparison) const;
  uint32_t words_of_features(uint32_t comparison) const;
  /// Takes back what `features` gave of the values that have none yet, piece by piece.
  void restore_features(uint32_t comparison, std::string_view bytes);
  /// Sets memory aside for so many records, and for values to grow as much.
  void reserve(uint64_t records);
  /// Records that hold the value, by value number.
  const std::vector<uint32_t>& frequency(uint32_t comparison) const { return *frequency_[comparison]; }

 private:
  struct Step;      // One level, with what it needs looked up beforehand.
  struct Measured;  // One comparison: its steps and the texts of its values.
  struct Builder;

  LevelNumber unequal(uint32_t comparison, const uint32_t* a, const uint32_t* b, LevelMemo& memo) const;

  Redundancy redundancy_;
  std::vector<Comparison> list_;
  std::vector<uint32_t> identifying_;
  std::vector<uint32_t> slots_;  // Attributes that a row holds.
  std::vector<const std::vector<uint8_t>*> valid_;
  std::vector<const std::vector<uint32_t>*> frequency_;
  std::vector<std::shared_ptr<Measured>> measured_;  // shared: Measured is known only in the source file
  uint32_t width_ = 0;
  std::vector<uint32_t> rows_;
};

}  // namespace zhili::fuse
