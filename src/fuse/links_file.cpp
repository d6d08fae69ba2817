#include "fuse/links_file.hpp"

#include "table/reader.hpp"

namespace zhili::fuse {

Status read_links_file(const std::filesystem::path& dir, Progress::Mode progress, const Cancel& cancel,
                       const std::function<Status(const Link&)>& take) {
  const auto path = dir / "links.csv";
  std::error_code ec;
  if (!std::filesystem::exists(path, ec)) {
    return fail(ErrorCode::kNotFound, {dir.string(), 0, 0},
                "Name the directory that zhili fuse run wrote its result to (--out).", "holds no result of a run");
  }
  table::ReadOptions options;
  options.format = table::Format::kDelimited;
  options.encoding = table::Encoding::kUtf8;
  options.delimiter = ',';
  options.columns = {"source", "record_id", "entity_id"};
  options.max_reject_share = 0;
  options.min_rejects = 0;
  ZHILI_ASSIGN(const auto reader, table::Reader::open(path, options));
  Progress shown("Reading links.csv", reader->bytes_total(), "bytes", progress);
  table::Batch batch;
  uint64_t bytes = 0;
  for (;;) {
    ZHILI_TRY(cancel.check());
    ZHILI_ASSIGN(const bool more, reader->next(batch));
    if (!more) return {};
    for (size_t row = 0; row < batch.rows(); ++row) {
      ZHILI_TRY(take({batch.cell(0, row), batch.cell(1, row), batch.cell(2, row), batch.line(row)}));
    }
    shown.add(reader->bytes_done() - bytes);
    bytes = reader->bytes_done();
  }
}

}  // namespace zhili::fuse
