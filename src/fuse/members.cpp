#include "fuse/members.hpp"

#include <algorithm>
#include <iterator>
#include <string>

#include "base/parallel.hpp"
#include "fuse/link_tree.hpp"
#include "table/parquet_writer.hpp"

namespace zhili::fuse {
namespace {

const std::vector<table::ParquetColumn>& member_columns() {
  using table::ParquetType;
  static const std::vector<table::ParquetColumn> columns = {
      {"entity_id", ParquetType::kText},     {"source", ParquetType::kText},      {"record", ParquetType::kText},
      {"link_source", ParquetType::kText},   {"link_record", ParquetType::kText}, {"weight", ParquetType::kDouble},
      {"probability", ParquetType::kDouble}, {"parts", ParquetType::kText}};
  return columns;
}

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
        LinkTree tree(fusion_);
        const auto begin = first + static_cast<uint32_t>(part) * share;
        for (uint32_t c = begin; c < std::min(end, begin + share); ++c) tree.grow(membership_.of(c), parts_[part]);
      }
    });
    ready_.clear();
    for (auto& part : parts_) std::ranges::move(part, std::back_inserter(ready_));
    next_ = 0;
    cluster_ = end;
  }

  void put(table::ChunkWriter& out, size_t row, const LinkTree::Member& member) const {
    const auto& records = fusion_.records();
    const auto source = [&](uint32_t record) -> const std::string& {
      return fusion_.config().sources[records.source(record)].id;
    };
    const auto id = ids_[fusion_.clusters().of_record[member.record]].characters();
    out.set_text(0, row, {id.data(), id.size()});
    out.set_text(1, row, source(member.record));
    out.set_text(2, row, records.id(member.record));
    if (member.link == LinkTree::kNone) return;
    out.set_text(3, row, source(member.link));
    out.set_text(4, row, records.id(member.link));
    out.set_double(5, row, member.weight);
    out.set_double(6, row, probability(member.weight));
    out.set_text(7, row, member.parts);
  }

  const Fusion& fusion_;
  const Membership& membership_;
  const std::vector<EntityId>& ids_;
  std::vector<std::vector<LinkTree::Member>> parts_;
  std::vector<LinkTree::Member> ready_;
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
