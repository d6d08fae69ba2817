#include "fuse/members.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <span>
#include <string>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "base/parallel.hpp"
#include "table/parquet_writer.hpp"

namespace zhili::fuse {
namespace {

constexpr uint32_t kNoLink = ~uint32_t{0};

const std::vector<table::ParquetColumn>& member_columns() {
  using table::ParquetType;
  static const std::vector<table::ParquetColumn> columns = {
      {"entity_id", ParquetType::kText},     {"source", ParquetType::kText},      {"record", ParquetType::kText},
      {"link_source", ParquetType::kText},   {"link_record", ParquetType::kText}, {"weight", ParquetType::kDouble},
      {"probability", ParquetType::kDouble}, {"parts", ParquetType::kText}};
  return columns;
}

struct Member {
  uint32_t record;
  uint32_t link = kNoLink;  ///< A record of a row before.
  float weight = 0;
  std::string parts;
};

/// Orders the records of one entity after the other, each by its strongest link.
class Tree {
 public:
  explicit Tree(const Fusion& fusion) : fusion_(fusion), memo_(fusion.comparisons().size()) {}

  /// Prim's tree of greatest weight, grown from the first record.
  void grow(std::span<const uint32_t> records, std::vector<Member>& out) {
    const size_t linked = std::min(records.size(), kMostLinked);
    best_.assign(linked, -std::numeric_limits<float>::infinity());
    from_.assign(linked, kNoLink);
    inside_.assign(linked, 0);
    size_t last = 0;
    out.push_back({records[0], kNoLink, 0, {}});
    for (size_t done = 1; done < linked; ++done) {
      inside_[last] = 1;
      size_t next = linked;
      for (size_t i = 0; i < linked; ++i) {
        if (inside_[i] != 0) continue;
        const float w = weight(records[last], records[i]);
        if (w > best_[i]) {
          best_[i] = w;
          from_[i] = records[last];
        }
        if (next == linked || best_[i] > best_[next]) next = i;
      }
      last = next;
      out.push_back({records[last], from_[last], best_[last], parts(from_[last], records[last])});
    }
    for (const uint32_t record : records.subspan(linked)) out.push_back({record, kNoLink, 0, {}});
  }

 private:
  float weight(uint32_t a, uint32_t b) {
    const auto& comparisons = fusion_.comparisons();
    return fusion_.scorer().weight(comparisons.row(a), comparisons.row(b), memo_);
  }

  std::string parts(uint32_t a, uint32_t b) {
    const auto& comparisons = fusion_.comparisons();
    boost::json::array out;
    for (uint32_t c = 0; c < comparisons.size(); ++c) {
      const auto part = fusion_.scorer().part(c, comparisons.row(a), comparisons.row(b), memo_);
      if (part.level == kMissing) continue;
      const auto& comparison = comparisons.list()[c];
      // Hundredths of a bit are more than anybody reads.
      const double bits = std::round(100.0 * (part.weight + part.rarity)) / 100;
      boost::json::array one;
      one.emplace_back(fusion_.config().attributes[comparison.attribute].name);
      one.emplace_back(comparison.label(part.level));
      one.emplace_back(bits);
      out.emplace_back(std::move(one));
    }
    return boost::json::serialize(out);
  }

  const Fusion& fusion_;
  LevelMemo memo_;
  std::vector<float> best_;
  std::vector<uint32_t> from_;
  std::vector<uint8_t> inside_;
};

/// Gives rows to the file; entities are worked on a step at a time, by all threads.
class MemberRows {
 public:
  MemberRows(const Fusion& fusion, const Membership& membership, const std::vector<EntityId>& ids)
      : fusion_(fusion), membership_(membership), ids_(ids), parts_(fusion.threads()) {}

  Result<size_t> fill(table::ChunkWriter& out) {
    size_t row = 0;
    while (row < table::ChunkWriter::kRows) {
      if (next_ == ready_.size() && cluster_ == membership_.clusters()) break;
      if (next_ == ready_.size()) {
        ZHILI_TRY(fusion_.cancel().check());
        grow_some();
      }
      while (next_ < ready_.size() && row < table::ChunkWriter::kRows) put(out, row++, ready_[next_++]);
    }
    return row;
  }

 private:
  void grow_some() {
    constexpr uint32_t kEntities = 1U << 14;
    const uint32_t first = cluster_;
    const uint32_t end = std::min(membership_.clusters(), first + kEntities);
    const auto share = (end - first + static_cast<uint32_t>(parts_.size()) - 1) / static_cast<uint32_t>(parts_.size());
    parallel_for(parts_.size(), 1, fusion_.threads(), [&](uint64_t from, uint64_t to, unsigned) {
      for (uint64_t part = from; part < to; ++part) {
        parts_[part].clear();
        Tree tree(fusion_);
        const auto begin = first + static_cast<uint32_t>(part) * share;
        for (uint32_t c = begin; c < std::min(end, begin + share); ++c) tree.grow(membership_.of(c), parts_[part]);
      }
    });
    ready_.clear();
    for (auto& part : parts_) std::ranges::move(part, std::back_inserter(ready_));
    next_ = 0;
    cluster_ = end;
  }

  void put(table::ChunkWriter& out, size_t row, const Member& member) const {
    const auto& records = fusion_.records();
    const auto source = [&](uint32_t record) -> const std::string& {
      return fusion_.config().sources[records.source(record)].id;
    };
    const auto id = ids_[fusion_.clusters().of_record[member.record]].characters();
    out.set_text(0, row, {id.data(), id.size()});
    out.set_text(1, row, source(member.record));
    out.set_text(2, row, records.id(member.record));
    if (member.link == kNoLink) return;
    out.set_text(3, row, source(member.link));
    out.set_text(4, row, records.id(member.link));
    out.set_double(5, row, member.weight);
    out.set_double(6, row, probability(member.weight));
    out.set_text(7, row, member.parts);
  }

  const Fusion& fusion_;
  const Membership& membership_;
  const std::vector<EntityId>& ids_;
  std::vector<std::vector<Member>> parts_;
  std::vector<Member> ready_;
  size_t next_ = 0;
  uint32_t cluster_ = 0;
};

}  // namespace

Status write_members(const std::filesystem::path& path, const Fusion& fusion, const Membership& membership,
                     const std::vector<EntityId>& ids) {
  MemberRows rows(fusion, membership, ids);
  return table::write_parquet(path, member_columns(), [&](table::ChunkWriter& out) { return rows.fill(out); });
}

Status write_no_members(const std::filesystem::path& path) {
  return table::write_parquet(path, member_columns(), [](table::ChunkWriter&) -> Result<size_t> { return 0; });
}

}  // namespace zhili::fuse
