#include "fuse/entities.hpp"

#include <algorithm>
#include <set>

#include "base/limits.hpp"
#include "base/parallel.hpp"
#include "base/progress.hpp"
#include "fuse/golden.hpp"
#include "table/parquet_writer.hpp"
#include "text/utf8.hpp"

namespace zhili::fuse {
namespace {

/// Entities whose golden values are chosen at once, by all threads, before they are written one after the other.
constexpr uint32_t kSlab = 32 * table::ChunkWriter::kRows;

std::string in_small_letters(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

class EntityWriter {
 public:
  EntityWriter(const Config& config, const Records& records, const Membership& membership,
               const std::vector<EntityId>& ids, unsigned threads, Progress& progress, const Cancel& cancel)
      : config_(config),
        records_(records),
        membership_(membership),
        ids_(ids),
        threads_(threads),
        cancel_(cancel),
        rules_(config, records),
        progress_(progress) {}

  /// The next rows of the table, for `write_parquet`.
  Result<size_t> fill(table::ChunkWriter& out) {
    ZHILI_TRY(cancel_.check());
    if (next_ == slab_end_) choose_slab();
    const auto rows = static_cast<uint32_t>(std::min<size_t>(table::ChunkWriter::kRows, slab_end_ - next_));
    for (uint32_t row = 0; row < rows; ++row) {
      const auto id = ids_[next_ + row].characters();
      out.set_text(0, row, {id.data(), id.size()});
      out.set_int64(1, row, membership_.size(next_ + row));
    }
    for (uint32_t a = 0; a < records_.attributes(); ++a) put_attribute(out, a, rows);
    next_ += rows;
    progress_.add(rows);
    return rows;
  }

 private:
  void choose_slab() {
    slab_begin_ = slab_end_;
    slab_end_ = std::min(membership_.clusters(), slab_begin_ + kSlab);
    chosen_.resize(size_t{slab_end_ - slab_begin_} * records_.attributes());
    parallel_for(slab_end_ - slab_begin_, 1024, threads_, [&](uint64_t begin, uint64_t end, unsigned) {
      GoldenRules::Scratch scratch;
      for (uint64_t i = begin; i < end; ++i) {
        const auto members = membership_.of(slab_begin_ + static_cast<uint32_t>(i));
        for (uint32_t a = 0; a < records_.attributes(); ++a) {
          chosen_[i * records_.attributes() + a] = rules_.choose(a, members, scratch);
        }
      }
    });
  }

  void put_attribute(table::ChunkWriter& out, uint32_t attribute, uint32_t rows) {
    const size_t column = kColumnsBeforeAttributes + size_t{attribute} * kColumnsOfAttribute;
    const size_t first = size_t{next_ - slab_begin_} * records_.attributes() + attribute;
    for (uint32_t row = 0; row < rows; ++row) {
      const auto& golden = chosen_[first + size_t{row} * records_.attributes()];
      if (golden.record == GoldenValue::kNone) continue;
      out.set_text(column, row, whole_text(rules_.text(attribute, golden.record, buffer_)));
      out.set_text(column + 1, row, config_.sources[records_.source(golden.record)].id);
      out.set_text(column + 2, row, records_.id(golden.record));
      if (const auto time = records_.updated(golden.record); !time.empty()) out.set_text(column + 3, row, time);
      out.set_int64(column + 4, row, golden.differs);
    }
  }

  /// A value that was cut at the limit of a cell may end within a character.
  static std::string_view whole_text(std::string_view text) {
    if (text.size() < limits::kCellBytes || text::valid_utf8(text)) return text;
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80) text.remove_suffix(1);
    text.remove_suffix(text.empty() ? 0 : 1);
    return text;
  }

  const Config& config_;
  const Records& records_;
  const Membership& membership_;
  const std::vector<EntityId>& ids_;
  unsigned threads_;
  const Cancel& cancel_;
  GoldenRules rules_;
  Progress& progress_;
  std::vector<GoldenValue> chosen_;  // Of the slab: entity by entity, attribute by attribute.
  uint32_t slab_begin_ = 0;
  uint32_t slab_end_ = 0;
  uint32_t next_ = 0;
  std::string buffer_;
};

}  // namespace

std::vector<std::string> entity_columns(const Config& config) {
  std::vector<std::string> out;
  std::set<std::string> taken;
  const auto add = [&](const std::string& name) {
    std::string free = name;
    for (int n = 2; !taken.insert(in_small_letters(free)).second; ++n) free = fmt::format("{}_{}", name, n);
    out.push_back(std::move(free));
  };
  add("entity_id");
  add("records");
  for (const auto& attribute : config.attributes) {
    add(attribute.name);
    for (const auto* suffix : {"_source", "_record", "_time", "_differs"}) add(attribute.name + suffix);
  }
  return out;
}

Status write_entities(const std::filesystem::path& path, const Config& config, const Records& records,
                      const Membership& membership, const std::vector<EntityId>& ids, unsigned threads,
                      Progress& progress, const Cancel& cancel) {
  const auto names = entity_columns(config);
  std::vector<table::ParquetColumn> columns;
  for (size_t i = 0; i < names.size(); ++i) {
    const bool count = i == 1 || (i >= kColumnsBeforeAttributes &&
                                  (i - kColumnsBeforeAttributes) % kColumnsOfAttribute == kColumnsOfAttribute - 1);
    columns.push_back({names[i], count ? table::ParquetType::kInt64 : table::ParquetType::kText});
  }
  EntityWriter writer(config, records, membership, ids, threads, progress, cancel);
  return table::write_parquet(path, columns, [&](table::ChunkWriter& out) { return writer.fill(out); });
}

}  // namespace zhili::fuse
