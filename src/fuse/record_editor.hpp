#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "fuse/config.hpp"
#include "fuse/records.hpp"
#include "text/division.hpp"

namespace zhili::fuse {

/// Adds records one by one, and changes them in place: numbers of records and values stay. Values that no record holds
/// any more stay too. `Column::frequency` and `Records::sources` tell of the records before the first edit.
class RecordEditor {
 public:
  /// No record, and the columns of the configuration.
  static Records empty(const Config& config);

  /// All outlive this. Makes the dictionaries take values again, with memory set aside for so many records.
  RecordEditor(Records& records, const Config& config, const text::DivisionTable& divisions, uint64_t capacity);

  /// Number of a value as it is written; standardised when it is seen for the first time.
  uint32_t raw(uint32_t attribute, std::string_view written);
  uint32_t time(std::string_view written);
  /// The next standard value, and the next value as written, as they were numbered before.
  void restore_value(uint32_t attribute, std::string_view value, bool valid);
  void restore_raw(uint32_t attribute, std::string_view written, uint32_t value);
  /// A record without values.
  uint32_t append(uint16_t source, std::string_view id);
  /// Gives a record its values, one number an attribute, and its time.
  void set(uint32_t record, std::span<const uint32_t> raws, uint32_t time);
  uint32_t time_of(uint32_t record) const { return records_.time_[record]; }
  /// Orders times as Records::updated_key does.
  TimeKey key_of_time(uint32_t time) const { return records_.time_key_[time]; }
  std::string_view text_of_time(uint32_t time) const { return records_.times_[time]; }
  std::string_view text_of_raw(uint32_t attribute, uint32_t raw) const {
    return records_.columns_[attribute].raws[raw];
  }

 private:
  Records& records_;
  const Config& config_;
  const text::DivisionTable& divisions_;
};

}  // namespace zhili::fuse
