#include "fuse/record_editor.hpp"

#include <algorithm>

namespace zhili::fuse {

Records RecordEditor::empty(const Config& config) {
  Records out;
  out.columns_.resize(config.attributes.size());
  for (auto& column : out.columns_) {
    column.value_of_raw.assign(1, 0);
    column.frequency.assign(1, 0);
    column.valid.assign(1, 0);
  }
  out.sources_.assign(config.sources.size(), {});
  out.time_key_.assign(1, 0);
  return out;
}

RecordEditor::RecordEditor(Records& records, const Config& config, const text::DivisionTable& divisions,
                           uint64_t capacity)
    : records_(records), config_(config), divisions_(divisions) {
  records.source_.reserve(capacity);
  records.id_.reserve(capacity);
  records.time_.reserve(capacity);
  const uint64_t more = capacity - std::min<uint64_t>(capacity, records.size());
  const auto make_room = [&](Dictionary& dictionary) { dictionary.unseal(dictionary.size() + more); };
  make_room(records.ids_);
  records.times_.unseal(0);
  for (auto& column : records.columns_) {
    make_room(column.raws);
    make_room(column.values);
    column.raw.reserve(capacity);
    column.value_of_raw.reserve(column.value_of_raw.size() + more);
    column.valid.reserve(column.valid.size() + more);
  }
}

uint32_t RecordEditor::raw(uint32_t attribute, std::string_view written) {
  auto& column = records_.columns_[attribute];
  const uint32_t raw = column.raws.add(written);
  if (raw < column.value_of_raw.size()) return raw;
  const auto standard = standardise(config_.attributes[attribute], written, divisions_);
  const uint32_t value = column.values.add(standard.value);
  column.value_of_raw.push_back(value);
  if (value == column.valid.size()) column.valid.push_back(standard.valid ? 1 : 0);
  return raw;
}

void RecordEditor::restore_value(uint32_t attribute, std::string_view value, bool valid) {
  records_.columns_[attribute].values.add(value);
  records_.columns_[attribute].valid.push_back(valid ? 1 : 0);
}

void RecordEditor::restore_raw(uint32_t attribute, std::string_view written, uint32_t value) {
  records_.columns_[attribute].raws.add(written);
  records_.columns_[attribute].value_of_raw.push_back(value);
}

uint32_t RecordEditor::time(std::string_view written) {
  const uint32_t time = records_.times_.add(written);
  if (time == records_.time_key_.size()) records_.time_key_.push_back(time_key(written));
  return time;
}

uint32_t RecordEditor::append(uint16_t source, std::string_view id) {
  records_.source_.push_back(source);
  records_.id_.push_back(records_.ids_.add(id));
  records_.time_.push_back(0);
  for (auto& column : records_.columns_) column.raw.push_back(0);
  return static_cast<uint32_t>(records_.size() - 1);
}

void RecordEditor::set(uint32_t record, std::span<const uint32_t> raws, uint32_t time) {
  records_.time_[record] = time;
  for (size_t a = 0; a < raws.size(); ++a) records_.columns_[a].raw[record] = raws[a];
}

}  // namespace zhili::fuse
