#pragma once

#include <cstdint>
#include <vector>

#include "base/hash.hpp"
#include "fuse/key_part.hpp"
#include "fuse/project.hpp"
#include "fuse/records.hpp"

namespace zhili::fuse {

/// The keys of a rule for each record, hashed. A record without one of the parts has no key.
class RuleKeys {
 public:
  /// Asks `projections` for what it needs; good as long as that is kept.
  RuleKeys(const BlockingRule& rule, const Records& records, Projections& projections) : records_(records) {
    for (const auto& part : rule.parts) {
      if (part.transform == KeyTransform::kTokens) {
        word_attribute_ = part.attribute;
        words_ = &projections.words(part.attribute);
      } else {
        plain_.push_back({&records.column(part.attribute), &projections.get(part.attribute, part.transform, part.n)});
      }
    }
  }

  bool over_words() const { return words_ != nullptr; }

  /// Calls take(key) for each key of the record; over words, some may be equal.
  template <class Take>
  void keys_of(uint64_t record, Take&& take) const {
    uint64_t key = 0x5eed;
    for (const auto& part : plain_) {
      const uint64_t hash = (*part.projection)[part.column->value(record)];
      if (hash == 0) return;
      key = combine64(key, hash);
    }
    if (words_ == nullptr) {
      take(key | 1);
      return;
    }
    const uint32_t value = records_.column(word_attribute_).value(record);
    for (const uint64_t word : words_->keys_of(value)) take(combine64(key, word) | 1);
  }

 private:
  struct Plain {
    const Column* column;
    const Projection* projection;
  };
  const Records& records_;
  std::vector<Plain> plain_;
  uint32_t word_attribute_ = 0;
  const Words* words_ = nullptr;
};

}  // namespace zhili::fuse
