#include "fuse/cluster.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/parallel.hpp"
#include "fuse/group.hpp"
#include "fuse/union_find.hpp"

namespace zhili::fuse {
namespace {

constexpr size_t kDense = GroupClusterer::kDense;

/// Groups of records with their links, cut out of the whole by connected components.
struct Groups {
  std::vector<uint32_t> members;  // Group g: [starts[g], starts[g + 1]), ascending.
  std::vector<uint32_t> starts;
  std::vector<uint32_t> group_of;  // By record; UINT32_MAX for records without links.
};

Groups connected(size_t n, const std::vector<Edge>& edges, const Decided& decided, float threshold) {
  UnionFind links(n);
  std::vector<uint8_t> linked(n, 0);
  const auto link = [&](uint32_t a, uint32_t b) {
    links.join(a, b);
    linked[a] = linked[b] = 1;
  };
  for (const auto& edge : edges) {
    if (edge.weight >= threshold) link(edge.a, edge.b);
  }
  for (const auto& [a, b] : decided.same) link(a, b);
  Groups groups;
  groups.group_of.assign(n, UINT32_MAX);
  std::vector<uint32_t> sizes;
  for (uint32_t r = 0; r < n; ++r) {
    if (linked[r] == 0) continue;
    const uint32_t root = links.root(r);
    if (root == r) {
      groups.group_of[r] = static_cast<uint32_t>(sizes.size());
      sizes.push_back(0);
    } else {
      groups.group_of[r] = groups.group_of[root];
    }
    ++sizes[groups.group_of[r]];
  }
  groups.starts.assign(sizes.size() + 1, 0);
  std::partial_sum(sizes.begin(), sizes.end(), groups.starts.begin() + 1);
  groups.members.resize(groups.starts.back());
  auto next = groups.starts;
  for (uint32_t r = 0; r < n; ++r) {
    if (groups.group_of[r] != UINT32_MAX) groups.members[next[groups.group_of[r]]++] = r;
  }
  return groups;
}

/// Numbers the clusters of all groups in the order of their first records, and lists the groups that fell apart.
/// local[i] is the cluster of groups.members[i] within its group.
Clusters numbered(const Groups& groups, const std::vector<uint32_t>& local, const std::vector<uint8_t>& constrained,
                  uint64_t records) {
  const size_t count = groups.starts.size() - 1;
  Clusters out;
  out.of_record.assign(records, UINT32_MAX);
  std::vector<std::vector<uint32_t>> numbers(count);  // By group and local cluster.
  std::vector<uint32_t> seen(count, 0);
  for (uint32_t r = 0; r < records; ++r) {
    const uint32_t g = groups.group_of[r];
    if (g == UINT32_MAX) {
      out.of_record[r] = out.count++;
      continue;
    }
    const uint32_t l = local[groups.starts[g] + seen[g]++];
    if (numbers[g].size() <= l) numbers[g].resize(l + 1, UINT32_MAX);
    if (numbers[g][l] == UINT32_MAX) numbers[g][l] = out.count++;
    out.of_record[r] = numbers[g][l];
  }
  for (uint32_t g = 0; g < count; ++g) {
    if (numbers[g].size() < 2) continue;
    ++out.cut_count;
    const uint32_t size = groups.starts[g + 1] - groups.starts[g];
    if (out.cuts.size() >= kCutsShown && size <= out.cuts.back().records.size()) continue;
    out.cuts.push_back({{groups.members.begin() + groups.starts[g], groups.members.begin() + groups.starts[g + 1]},
                        static_cast<uint32_t>(numbers[g].size()),
                        constrained[g] != 0});
    std::ranges::stable_sort(out.cuts, std::greater<>{}, [](const Cut& cut) { return cut.records.size(); });
    if (out.cuts.size() > kCutsShown) out.cuts.pop_back();
  }
  return out;
}

}  // namespace

Result<Clusters> cluster(const Config& config, const Records& records, const std::vector<Edge>& edges,
                         const Scorer& scorer, const Decided& decided, float threshold, unsigned threads,
                         Progress::Mode progress, Cancel& cancel) {
  const GroupClusterer clusterer(config, records, edges, scorer, decided, threshold);
  const auto groups = connected(records.size(), edges, decided, threshold);
  const size_t count = groups.starts.size() - 1;
  // Links of the few groups that are too large to weigh whole.
  std::vector<std::pair<uint32_t, std::vector<GroupLink>>> large;
  for (uint32_t g = 0; g < count; ++g) {
    if (groups.starts[g + 1] - groups.starts[g] > kDense) large.push_back({g, {}});
  }
  const auto large_links = [&](uint32_t g) {
    return std::ranges::lower_bound(large, g, {}, [](const auto& entry) { return entry.first; });
  };
  if (!large.empty()) {
    for (const auto& edge : edges) {
      const uint32_t g = groups.group_of[edge.a];
      if (edge.weight >= threshold && groups.starts[g + 1] - groups.starts[g] > kDense) {
        const auto first = groups.members.begin() + groups.starts[g];
        const auto place = [&](uint32_t record) {
          const auto last = groups.members.begin() + groups.starts[g + 1];
          return static_cast<uint32_t>(std::lower_bound(first, last, record) - first);
        };
        large_links(g)->second.push_back({place(edge.a), place(edge.b), edge.weight});
      }
    }
  }
  std::vector<uint32_t> local(groups.members.size(), 0);  // Cluster within the group.
  std::vector<uint8_t> constrained(count, 0);
  std::vector<Scorer::Scratch> scratches(threads, Scorer::Scratch(scorer.comparisons().size()));
  Progress shown("Clustering", count, "groups", progress);
  parallel_for(count, 64, threads, [&](uint64_t begin, uint64_t end, unsigned thread) {
    std::vector<uint32_t> cluster_of;
    for (uint64_t g = begin; g < end && !cancel.requested(); ++g) {
      const uint32_t first = groups.starts[g];
      const std::span members(groups.members.data() + first, groups.starts[g + 1] - first);
      std::vector<GroupLink> links;
      if (members.size() > kDense) links = large_links(static_cast<uint32_t>(g))->second;
      constrained[g] = clusterer.run(members, std::move(links), scratches[thread], cluster_of) ? 1 : 0;
      std::ranges::copy(cluster_of, local.begin() + first);
    }
    shown.add(end - begin);
  });
  ZHILI_TRY(cancel.check());
  return numbered(groups, local, constrained, records.size());
}

}  // namespace zhili::fuse
