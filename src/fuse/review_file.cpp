#include <charconv>

#include "fuse/review.hpp"
#include "table/csv_writer.hpp"
#include "table/reader.hpp"

namespace zhili::fuse {
namespace {

constexpr std::string_view kColumns[] = {"number",   "source_a",    "record_a", "entity_a", "source_b", "record_b",
                                         "entity_b", "probability", "weight",   "together", "reason",   "pairs"};
constexpr size_t kFixed = std::size(kColumns);

}  // namespace

Status write_review(const std::filesystem::path& path, const ReviewList& list, const Fusion& fusion,
                    const std::vector<EntityId>& ids) {
  const auto& config = fusion.config();
  const auto& records = fusion.records();
  std::vector<std::string> columns(std::begin(kColumns), std::end(kColumns));
  for (const auto& attribute : config.attributes) {
    columns.push_back("a." + attribute.name);
    columns.push_back("b." + attribute.name);
  }
  ZHILI_ASSIGN(auto writer, table::CsvWriter::create(path, columns));
  std::vector<std::string_view> cells;
  uint64_t number = 0;
  for (const auto& pair : list.pairs) {
    const auto number_text = std::to_string(++number);
    const auto entity_a = ids[fusion.clusters().of_record[pair.a]].text();
    const auto entity_b = ids[fusion.clusters().of_record[pair.b]].text();
    const auto chance = fmt::format("{:.4f}", probability(pair.weight));
    const auto weight = fmt::format("{:.2f}", pair.weight);
    const auto why = reason(pair, fusion);
    const auto pairs = std::to_string(pair.pairs);
    cells = {number_text,
             config.sources[records.source(pair.a)].id,
             records.id(pair.a),
             entity_a,
             config.sources[records.source(pair.b)].id,
             records.id(pair.b),
             entity_b,
             chance,
             weight,
             pair.together ? "yes" : "no",
             why,
             pairs};
    for (uint32_t a = 0; a < records.attributes(); ++a) {
      const auto& column = records.column(a);
      cells.push_back(column.raws[column.raw[pair.a]]);
      cells.push_back(column.raws[column.raw[pair.b]]);
    }
    ZHILI_TRY(writer.append(cells));
  }
  return writer.finish();
}

Status read_review(const std::filesystem::path& path, uint64_t from, const std::function<bool(ReviewLine)>& take) {
  table::ReadOptions options;
  options.format = table::Format::kDelimited;
  ZHILI_ASSIGN(const auto reader, table::Reader::open(path, options));
  const auto& columns = reader->columns();
  if (columns.size() < kFixed || !std::equal(std::begin(kColumns), std::end(kColumns), columns.begin())) {
    return fail(ErrorCode::kInput, {path.string(), 1, 0}, "Run zhili fuse run again.", "is no review list of a run");
  }
  table::Batch batch;
  for (;;) {
    ZHILI_ASSIGN(const bool more, reader->next(batch));
    if (!more) return {};
    for (size_t row = 0; row < batch.rows(); ++row) {
      const auto cell = [&](size_t column) { return std::string(batch.cell(column, row)); };
      ReviewLine line;
      const auto number = batch.cell(0, row);
      std::from_chars(number.data(), number.data() + number.size(), line.number);
      if (line.number < from) continue;
      line.a = {cell(1), cell(2)};
      line.entity_a = cell(3);
      line.b = {cell(4), cell(5)};
      line.entity_b = cell(6);
      line.probability = cell(7);
      line.together = batch.cell(9, row) == "yes";
      line.reason = cell(10);
      line.pairs = cell(11);
      for (size_t c = kFixed; c + 1 < columns.size(); c += 2) {
        line.attributes.push_back(columns[c].substr(2));
        line.values_a.push_back(cell(c));
        line.values_b.push_back(cell(c + 1));
      }
      if (!take(std::move(line))) return {};
    }
  }
}

}  // namespace zhili::fuse
