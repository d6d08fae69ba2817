#include "ingest/figures.hpp"

#include <algorithm>
#include <utility>

namespace zhili::ingest {
namespace {

/// Keeps the `most` least items in a heap whose top is the greatest.
template <class T>
void keep_least(std::vector<T>& heap, T one, size_t most) {
  heap.push_back(std::move(one));
  std::ranges::push_heap(heap, [](const T& a, const T& b) { return a < b; });
  if (heap.size() <= most) return;
  std::ranges::pop_heap(heap, [](const T& a, const T& b) { return a < b; });
  heap.pop_back();
}

}  // namespace

void FirstLines::add(uint64_t line) {
  if (lines_.size() == kExamples && line >= lines_.back()) return;
  lines_.insert(std::ranges::upper_bound(lines_, line), line);
  if (lines_.size() > kExamples) lines_.pop_back();
}

void FirstLines::join(const FirstLines& other) {
  for (const uint64_t line : other.lines_) add(line);
}

uint64_t FieldFigures::mistaken() const {
  uint64_t all = 0;
  for (const uint64_t count : mistakes) all += count;
  return all - mistakes[static_cast<size_t>(Rule::kMissing)];
}

bool Figures::is_among_worst(size_t flaws, uint64_t line) const {
  if (worst.size() < kWorstRows) return true;
  const FlawedRow& least = worst.front();
  return flaws > least.flaws.size() || (flaws == least.flaws.size() && line < least.line);
}

void Figures::keep_worst(FlawedRow row) { keep_least(worst, std::move(row), kWorstRows); }

bool Figures::is_in_sample(uint64_t hash) const { return sample.size() < kSampleRows || hash < sample.front().hash; }

void Figures::keep_sample(SampleRow row) { keep_least(sample, std::move(row), kSampleRows); }

void Figures::join(Figures&& other) {
  rows += other.rows;
  mistaken_rows += other.mistaken_rows;
  rejected_rows += other.rejected_rows;
  repeated += other.repeated;
  for (size_t i = 0; i < changes.size(); ++i) changes[i] += other.changes[i];
  for (size_t f = 0; f < fields.size(); ++f) {
    FieldFigures& to = fields[f];
    const FieldFigures& from = other.fields[f];
    to.values += from.values;
    to.missing += from.missing;
    for (size_t r = 0; r < kRules; ++r) {
      to.mistakes[r] += from.mistakes[r];
      to.examples[r].join(from.examples[r]);
    }
    to.different.join(from.different);
    to.numbers += from.numbers;
    to.sum += from.sum;
    to.least = std::min(to.least, from.least);
    to.most = std::max(to.most, from.most);
  }
  for (size_t r = 0; r < rules.size(); ++r) {
    rules[r].broken += other.rules[r].broken;
    rules[r].unknown += other.rules[r].unknown;
    rules[r].examples.join(other.rules[r].examples);
  }
  for (FlawedRow& row : other.worst) keep_worst(std::move(row));
  for (SampleRow& row : other.sample) keep_sample(std::move(row));
}

void Figures::sort() {
  std::ranges::sort(worst, [](const FlawedRow& a, const FlawedRow& b) { return a < b; });
  std::ranges::sort(sample, [](const SampleRow& a, const SampleRow& b) { return a < b; });
}

}  // namespace zhili::ingest
