#include "fuse/report_figures.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "base/parallel.hpp"

namespace zhili::fuse {
namespace {

/// Upper ends of the classes of entity sizes beyond 10 records.
constexpr std::array<uint64_t, 7> kSizeEnds{15, 20, 50, 100, 500, 1000, UINT64_MAX};

size_t size_class(uint64_t n) {
  if (n <= 10) return static_cast<size_t>(n - 1);
  return 10 + static_cast<size_t>(std::ranges::lower_bound(kSizeEnds, n) - kSizeEnds.begin());
}

void count_columns(const Fusion& fusion, ReportFigures& out) {
  const auto& records = fusion.records();
  for (auto& source : out.sources) source.columns.resize(records.attributes());
  parallel_for(records.attributes(), 1, fusion.threads(), [&](uint64_t begin, uint64_t end, unsigned) {
    for (uint64_t a = begin; a < end; ++a) {
      const auto& column = records.column(static_cast<uint32_t>(a));
      std::vector<uint16_t> seen(column.values.size(), 0);  // Source + 1 that held the value last.
      for (uint32_t s = 0; s < out.sources.size(); ++s) {
        auto& figures = out.sources[s].columns[a];
        const auto& count = records.sources()[s];
        for (uint64_t r = count.first; r < count.first + count.records; ++r) {
          const uint32_t raw = column.raw[r];
          if (raw == 0) continue;
          ++figures.filled;
          const uint32_t value = column.value_of_raw[raw];
          if (value == 0) continue;
          ++figures.usable;
          figures.valid += column.valid[value];
          if (seen[value] != s + 1) ++figures.distinct;
          seen[value] = static_cast<uint16_t>(s + 1);
        }
      }
    }
  });
}

/// Numbers in a reason ("3 cells instead of 5") differ from row to row; the kind of failure is what counts.
std::string without_numbers(const std::string& reason) {
  std::string out;
  for (const char c : reason) {
    const bool digit = c >= '0' && c <= '9';
    if (!digit)
      out += c;
    else if (!out.ends_with('#'))
      out += '#';
  }
  return out;
}

void count_rejects(const Fusion& fusion, ReportFigures& out) {
  std::map<std::pair<uint32_t, std::string>, RejectReason> reasons;
  for (const auto& row : fusion.records().rejects()) {
    auto key = without_numbers(row.reason);
    // What stands in quotes is a value of the row.
    if (const size_t quote = key.find('"'); quote != std::string::npos) key.resize(quote);
    auto& reason = reasons[{row.source, std::move(key)}];
    if (reason.rows++ == 0) {
      reason.source = row.source;
      reason.kind = row.kind;
      reason.reason = row.reason;
      reason.first_line = row.line;
    }
  }
  for (auto& [key, reason] : reasons) out.rejects.push_back(std::move(reason));
  std::ranges::stable_sort(out.rejects, std::greater<>{}, &RejectReason::rows);
  if (out.rejects.size() > kReasonsShown) out.rejects.resize(kReasonsShown);
}

/// Walks the entities once: sizes, and which sources know them.
class EntityCounter {
 public:
  EntityCounter(const Fusion& fusion, ReportFigures& out) : records_(fusion.records()), out_(out) {
    const size_t n = out.sources.size();
    out.entities_known.assign(n + 1, 0);
    out.records_known.assign(n, std::vector<uint64_t>(n + 1, 0));
    if (n <= kOverlapSources) out.overlap.assign(n, std::vector<uint64_t>(n, 0));
    sizes_.assign(10 + kSizeEnds.size(), 0);
  }

  void take(uint32_t entity, std::span<const uint32_t> members) {
    if (members.empty()) return;
    ++out_.entities;
    ++sizes_[size_class(members.size())];
    out_.largest = std::max<uint64_t>(out_.largest, members.size());
    counts_.clear();
    for (const uint32_t record : members) {  // Ascending, hence source by source.
      const uint16_t source = records_.source(record);
      if (counts_.empty() || counts_.back().first != source) counts_.emplace_back(source, 0);
      ++counts_.back().second;
    }
    const size_t known = counts_.size();
    ++out_.entities_known[known];
    for (const auto& [source, n] : counts_) {
      ++out_.sources[source].entities;
      if (known == 1) ++out_.sources[source].only_here;
      out_.records_known[source][known] += n;
    }
    if (!out_.overlap.empty()) {
      for (const auto& a : counts_) {
        for (const auto& b : counts_) ++out_.overlap[a.first][b.first];
      }
    }
    // One to show: many sources, but few enough records to read.
    constexpr size_t kReadable = 10;
    const auto worth = std::pair(known, members.size());
    if (members.size() >= 2 && members.size() <= kReadable && worth > best_) {
      best_ = worth;
      out_.example = entity;
    }
  }

  void finish() {
    for (size_t k = 0; k < sizes_.size(); ++k) {
      if (sizes_[k] == 0) continue;
      const uint64_t from = k < 10 ? k + 1 : k == 10 ? 11 : kSizeEnds[k - 11] + 1;
      out_.sizes.push_back({from, k < 10 ? from : std::min(kSizeEnds[k - 10], out_.largest), sizes_[k]});
    }
  }

 private:
  const Records& records_;
  ReportFigures& out_;
  std::vector<uint64_t> sizes_;
  std::vector<std::pair<uint16_t, uint64_t>> counts_;
  std::pair<size_t, size_t> best_{0, 0};
};

}  // namespace

ReportFigures count_figures(const Fusion& fusion, const Grouping& members) {
  ReportFigures out;
  const auto& records = fusion.records();
  out.records = records.size();
  for (const auto& count : records.sources()) out.sources.push_back({count.records, count.rejected, 0, 0, {}});
  count_columns(fusion, out);
  count_rejects(fusion, out);
  EntityCounter counter(fusion, out);
  for (uint32_t entity = 0; entity < members.size(); ++entity) counter.take(entity, members.of(entity));
  counter.finish();
  out.possible_pairs = fusion.allowed().count(records.sources());
  out.candidate_pairs = fusion.scored().counts.pairs;
  const auto low = static_cast<float>(weight_of(fusion.config().review_low));
  const auto high = static_cast<float>(weight_of(fusion.config().review_high));
  for (const auto& edge : fusion.scored().edges) {
    out.linked_pairs += edge.weight >= fusion.threshold() ? 1 : 0;
    out.review_pairs += edge.weight >= low && edge.weight <= high ? 1 : 0;
  }
  for (const auto& rule : fusion.blocks().rules()) out.pairs_given_up += rule.pairs_given_up;
  return out;
}

}  // namespace zhili::fuse
