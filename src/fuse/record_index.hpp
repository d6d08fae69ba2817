#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "fuse/records.hpp"

namespace zhili::fuse {

/// Finds records by source and record id in constant time; `Records::find` walks the source instead. Takes 6 to 12
/// bytes a record and points into `records`. Safe to read from any thread.
class RecordIndex {
 public:
  RecordIndex(const Records& records, unsigned threads);

  std::optional<uint32_t> find(uint32_t source, std::string_view id) const;
  /// Takes in a record that was added to `records`.
  void add(uint32_t record);
  /// Makes room for so many records, so that `add` does not pause to grow.
  void reserve(uint64_t records);

 private:
  const Records& records_;
  void put(uint32_t record);

  std::vector<uint32_t> slots_;  // Record number + 1; 0 = free.
  uint64_t used_ = 0;
};

/// Hash of a record's name, whatever the order of sources and records.
uint64_t hash_record(std::string_view source, std::string_view id, uint64_t seed = 0);

}  // namespace zhili::fuse
