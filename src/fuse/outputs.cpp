#include "fuse/outputs.hpp"

#include <algorithm>

#include "table/csv_writer.hpp"
#include "table/parquet_writer.hpp"

namespace zhili::fuse {

Status write_links(const std::filesystem::path& path, const Config& config, const Records& records,
                   const std::vector<uint32_t>& cluster_of, const std::vector<EntityId>& ids, Progress& progress,
                   const Cancel& cancel) {
  ZHILI_ASSIGN(auto writer, table::CsvWriter::create(path, {"source", "record_id", "entity_id"}));
  constexpr uint64_t kStep = 1U << 16;
  for (uint64_t first = 0; first < records.size(); first += kStep) {
    ZHILI_TRY(cancel.check());
    const uint64_t end = std::min(records.size(), first + kStep);
    for (uint64_t r = first; r < end; ++r) {
      const auto id = ids[cluster_of[r]].characters();
      ZHILI_TRY(writer.append({config.sources[records.source(r)].id, records.id(r), {id.data(), id.size()}}));
    }
    progress.add(end - first);
  }
  return writer.finish();
}

Result<uint64_t> write_pairs(const std::filesystem::path& path, const Fusion& fusion, Progress& progress) {
  using table::ParquetType;
  const std::vector<table::ParquetColumn> columns = {
      {"source_a", ParquetType::kText}, {"record_a", ParquetType::kText}, {"source_b", ParquetType::kText},
      {"record_b", ParquetType::kText}, {"weight", ParquetType::kDouble}, {"probability", ParquetType::kDouble}};
  const auto& edges = fusion.scored().edges;
  const auto& records = fusion.records();
  const auto& sources = fusion.config().sources;
  size_t next = 0;
  uint64_t pairs = 0;
  const auto fill = [&](table::ChunkWriter& out) -> Result<size_t> {
    ZHILI_TRY(fusion.cancel().check());
    size_t row = 0;
    const size_t first = next;
    for (; next < edges.size() && row < table::ChunkWriter::kRows; ++next) {
      const auto& edge = edges[next];
      if (edge.weight < fusion.threshold()) continue;
      out.set_text(0, row, sources[records.source(edge.a)].id);
      out.set_text(1, row, records.id(edge.a));
      out.set_text(2, row, sources[records.source(edge.b)].id);
      out.set_text(3, row, records.id(edge.b));
      out.set_double(4, row, edge.weight);
      out.set_double(5, row, probability(edge.weight));
      ++row;
    }
    progress.add(next - first);
    pairs += row;
    return row;
  };
  ZHILI_TRY(table::write_parquet(path, columns, fill));
  return pairs;
}

Status write_rejects(const std::filesystem::path& path, const Config& config, const Records& records) {
  ZHILI_ASSIGN(auto writer, table::CsvWriter::create(path, {"source", "file", "line", "column", "reason", "excerpt"}));
  const auto known = [](uint64_t n) { return n == 0 ? std::string() : std::to_string(n); };
  for (const auto& reject : records.rejects()) {
    const auto& source = config.sources[reject.source];
    ZHILI_TRY(writer.append(
        {source.id, source.file.string(), known(reject.line), known(reject.column), reject.reason, reject.excerpt}));
  }
  return writer.finish();
}

}  // namespace zhili::fuse
