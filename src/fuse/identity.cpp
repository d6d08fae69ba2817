#include "fuse/identity.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

#include "base/hash.hpp"
#include "base/parallel.hpp"
#include "base/progress.hpp"
#include "fuse/links_file.hpp"
#include "fuse/record_index.hpp"

namespace zhili::fuse {
namespace {

/// Numbers ids in order of first appearance.
class IdNumbers {
 public:
  IdNumbers() : slots_(1U << 12, 0) {}

  uint32_t add(EntityId id) {
    for (size_t slot = mix64(id.bits) & (slots_.size() - 1);; slot = (slot + 1) & (slots_.size() - 1)) {
      if (slots_[slot] == 0) {
        ids_.push_back(id);
        slots_[slot] = static_cast<uint32_t>(ids_.size());
        if (ids_.size() * 2 > slots_.size()) grow();
        return static_cast<uint32_t>(ids_.size() - 1);
      }
      if (ids_[slots_[slot] - 1] == id) return slots_[slot] - 1;
    }
  }
  std::vector<EntityId> take() && { return std::move(ids_); }

 private:
  void grow() {
    slots_.assign(slots_.size() * 2, 0);
    for (uint32_t number = 0; number < ids_.size(); ++number) {
      size_t slot = mix64(ids_[number].bits) & (slots_.size() - 1);
      while (slots_[slot] != 0) slot = (slot + 1) & (slots_.size() - 1);
      slots_[slot] = number + 1;
    }
  }

  std::vector<EntityId> ids_;
  std::vector<uint32_t> slots_;  // Number + 1; 0 = free.
};

/// Finds the records of an earlier run's lines. Most lines stand in the order of today's records, so the record behind
/// the last one found is tried first; the index is built when that fails.
class EarlierRecords {
 public:
  EarlierRecords(const Config& config, const Records& records, unsigned threads)
      : config_(config), records_(records), threads_(threads) {}

  std::optional<uint32_t> find(std::string_view source, std::string_view id) {
    if (source != source_name_) {
      source_name_ = source;
      source_ = config_.find_source(source);
    }
    if (!source_) return std::nullopt;
    if (next_ < records_.size() && records_.source(next_) == *source_ && records_.id(next_) == id) return next_++;
    if (!index_) index_.emplace(records_, threads_);
    const auto found = index_->find(*source_, id);
    if (found) next_ = *found + 1;
    return found;
  }

 private:
  const Config& config_;
  const Records& records_;
  unsigned threads_;
  std::string source_name_;
  std::optional<uint32_t> source_;
  uint32_t next_ = 0;
  std::optional<RecordIndex> index_;
};

/// So many records of an old entity are in a cluster.
struct Share {
  uint32_t cluster;
  uint32_t old_number;
  uint32_t records;
};

class Assigner {
 public:
  Assigner(const IdSurroundings& surroundings, const Membership& membership, const EarlierEntities* earlier,
           unsigned threads)
      : surroundings_(surroundings), membership_(membership), earlier_(earlier), threads_(threads) {
    out_.of_cluster.resize(membership.clusters());
  }

  Identity run() {
    if (earlier_ != nullptr) {
      settle_shares();
      tell_changes();
    }
    name_the_rest();
    fill_new_ids();
    std::ranges::sort(out_.events, {}, [](const Event& e) { return std::tuple(e.old_id, e.new_id); });
    for (const auto& anchor : anchors_) out_.fresh += anchor != 0 ? 1 : 0;
    out_.kept = out_.of_cluster.size() - out_.fresh;
    return std::move(out_);
  }

 private:
  struct Pending {
    size_t event;
    uint32_t cluster;
  };

  void shares_of(uint32_t cluster, std::vector<uint32_t>& numbers, std::vector<Share>& shares) const;
  void settle_shares();
  void settle_contested(const std::vector<Share>& shares);
  void tell_changes();
  void name_the_rest();
  void part_equal_ids();
  void leave_taken_ids(uint32_t attempt);
  void fill_new_ids();
  uint64_t anchor_of(uint32_t cluster) const;
  static EntityId derive(uint64_t anchor, uint32_t attempt);

  const IdSurroundings& surroundings_;
  const Membership& membership_;
  const EarlierEntities* earlier_;
  unsigned threads_;
  Identity out_;
  std::vector<Share> contested_;   // All shares of clusters and old entities that do not match one to one.
  std::vector<uint8_t> alive_;     // By old number: some cluster took its id.
  std::vector<uint64_t> anchors_;  // By cluster; 0 where it carries an earlier id.
  std::vector<Pending> pending_;   // Events whose new id is not known yet.
};

/// One entry for each old entity of which the cluster holds records.
void Assigner::shares_of(uint32_t cluster, std::vector<uint32_t>& numbers, std::vector<Share>& shares) const {
  numbers.clear();
  shares.clear();
  for (const uint32_t record : membership_.of(cluster)) {
    if (earlier_->of_record[record] != EarlierEntities::kNone) numbers.push_back(earlier_->of_record[record]);
  }
  std::ranges::sort(numbers);
  for (const uint32_t number : numbers) {
    if (shares.empty() || shares.back().old_number != number) shares.push_back({cluster, number, 0});
    ++shares.back().records;
  }
}

void Assigner::settle_shares() {
  alive_.assign(earlier_->ids.size(), 0);
  std::vector<uint8_t> spread(earlier_->ids.size(), 0);  // Clusters that hold some of it; 2 stands for more.
  std::vector<uint32_t> numbers;
  std::vector<Share> shares;
  for (uint32_t c = 0; c < membership_.clusters(); ++c) {
    shares_of(c, numbers, shares);
    for (const auto& share : shares) {
      spread[share.old_number] = std::min<uint8_t>(2, static_cast<uint8_t>(spread[share.old_number] + 1));
    }
  }
  for (uint32_t c = 0; c < membership_.clusters(); ++c) {
    shares_of(c, numbers, shares);
    if (shares.size() == 1 && spread[shares[0].old_number] == 1) {
      out_.of_cluster[c] = earlier_->ids[shares[0].old_number];
      alive_[shares[0].old_number] = 1;
    } else {
      contested_.insert(contested_.end(), shares.begin(), shares.end());
    }
  }
  settle_contested(contested_);
}

void Assigner::settle_contested(const std::vector<Share>& shares) {
  struct Claim {
    Share share;
    bool own;
    EntityId id;
    uint64_t anchor;
  };
  std::vector<Claim> claims;
  claims.reserve(shares.size());
  for (const auto& share : shares) {
    const uint64_t anchor = anchor_of(share.cluster);
    const EntityId id = earlier_->ids[share.old_number];
    claims.push_back({share, derive(anchor, 0) == id, id, anchor});
  }
  std::ranges::sort(claims, [](const Claim& x, const Claim& y) {
    return std::tuple(y.share.records, y.own, x.id, x.anchor) < std::tuple(x.share.records, x.own, y.id, y.anchor);
  });
  for (const auto& claim : claims) {
    auto& id = out_.of_cluster[claim.share.cluster];
    if (id || alive_[claim.share.old_number] != 0) continue;
    id = claim.id;
    alive_[claim.share.old_number] = 1;
  }
}

void Assigner::tell_changes() {
  std::vector<uint8_t> seen(earlier_->ids.size(), 0);
  for (const auto& share : contested_) {
    const EntityId old_id = earlier_->ids[share.old_number];
    seen[share.old_number] = 1;
    const EntityId now = out_.of_cluster[share.cluster];
    if (now == old_id) continue;
    const Change change = alive_[share.old_number] == 0 ? Change::kMerged : now ? Change::kMoved : Change::kSplit;
    if (!now) pending_.push_back({out_.events.size(), share.cluster});
    out_.events.push_back({change, old_id, now, share.records});
  }
  for (uint32_t number = 0; number < earlier_->ids.size(); ++number) {
    if (alive_[number] == 0 && seen[number] == 0) {
      out_.events.push_back({Change::kGone, earlier_->ids[number], {}, earlier_->lost[number]});
    }
  }
}

uint64_t Assigner::anchor_of(uint32_t cluster) const {
  uint64_t lowest = UINT64_MAX;
  for (const uint32_t record : membership_.of(cluster)) {
    lowest = std::min(lowest, surroundings_.hash(record));
  }
  return std::max<uint64_t>(lowest, 1);
}

EntityId Assigner::derive(uint64_t anchor, uint32_t attempt) {
  const uint64_t mixed = attempt == 0 ? anchor : combine64(anchor, attempt);
  return {std::max<uint64_t>(mixed >> (64 - EntityId::kBits), 1)};
}

void Assigner::name_the_rest() {
  anchors_.assign(membership_.clusters(), 0);
  parallel_for(membership_.clusters(), 1U << 13, threads_, [&](uint64_t begin, uint64_t end, unsigned) {
    for (uint64_t c = begin; c < end; ++c) {
      if (out_.of_cluster[c]) continue;
      anchors_[c] = anchor_of(static_cast<uint32_t>(c));
      out_.of_cluster[c] = derive(anchors_[c], 0);
    }
  });
  leave_taken_ids(0);
  part_equal_ids();
}

/// Where two clusters have one id, the one that carries it from an earlier run keeps it, else the lower anchor; the
/// others are given the next id of their anchor, until all differ.
void Assigner::part_equal_ids() {
  std::vector<EntityId> sorted;
  for (uint32_t attempt = 1;; ++attempt) {
    sorted = out_.of_cluster;
    std::ranges::sort(sorted);
    std::vector<EntityId> doubled;
    for (size_t i = 1; i < sorted.size(); ++i) {
      if (sorted[i] == sorted[i - 1] && (doubled.empty() || doubled.back() != sorted[i])) doubled.push_back(sorted[i]);
    }
    if (doubled.empty()) return;
    std::vector<std::tuple<EntityId, uint64_t, uint32_t>> holders;
    for (uint32_t c = 0; c < out_.of_cluster.size(); ++c) {
      if (std::ranges::binary_search(doubled, out_.of_cluster[c])) {
        holders.emplace_back(out_.of_cluster[c], anchors_[c], c);
      }
    }
    std::ranges::sort(holders);
    for (size_t i = 1; i < holders.size(); ++i) {
      const auto [id, anchor, cluster] = holders[i];
      if (std::get<0>(holders[i - 1]) == id) out_.of_cluster[cluster] = derive(anchor, attempt);
    }
    leave_taken_ids(attempt);
  }
}

/// A new id that an entity outside has is no id for one of ours.
void Assigner::leave_taken_ids(uint32_t attempt) {
  if (!surroundings_.taken) return;
  for (uint32_t c = 0; c < out_.of_cluster.size(); ++c) {
    for (uint32_t next = attempt + 1; anchors_[c] != 0 && surroundings_.taken(out_.of_cluster[c]); ++next) {
      out_.of_cluster[c] = derive(anchors_[c], next);
    }
  }
}

void Assigner::fill_new_ids() {
  for (const auto& pending : pending_) out_.events[pending.event].new_id = out_.of_cluster[pending.cluster];
}

}  // namespace

Result<EarlierEntities> read_earlier_entities(const std::filesystem::path& dir, const Config& config,
                                              const Records& records, unsigned threads, Progress::Mode progress,
                                              const Cancel& cancel) {
  EarlierEntities out;
  out.of_record.assign(records.size(), EarlierEntities::kNone);
  IdNumbers numbers;
  EarlierRecords finder(config, records, threads);
  ZHILI_TRY(read_links_file(dir, progress, cancel, [&](const Link& link) -> Status {
    const auto id = EntityId::parse(link.entity);
    if (!id) {
      return fail(ErrorCode::kInput, {(dir / "links.csv").string(), link.line, 0},
                  "Restore the file as a run wrote it, or write to another directory (all entities get new ids).",
                  "'{}' is no entity id", link.entity);
    }
    const uint32_t number = numbers.add(*id);
    if (out.lost.size() <= number) out.lost.push_back(0);
    if (const auto record = finder.find(link.source, link.record)) {
      out.of_record[*record] = number;
    } else {
      ++out.lost[number];
    }
    return {};
  }));
  out.ids = std::move(numbers).take();
  return out;
}

Identity assign_ids(const Config& config, const Records& records, const Membership& membership,
                    const EarlierEntities* earlier, unsigned threads) {
  const IdSurroundings all{.hash =
                               [&](uint32_t record) {
                                 const auto& source = config.sources[records.source(record)].id;
                                 return hash_record(source, records.id(record), config.seed);
                               },
                           .taken = {}};
  return assign_ids(all, membership, earlier, threads);
}

Identity assign_ids(const IdSurroundings& surroundings, const Membership& membership, const EarlierEntities* earlier,
                    unsigned threads) {
  return Assigner(surroundings, membership, earlier, threads).run();
}

}  // namespace zhili::fuse
