#include "fuse/records.hpp"

#include <algorithm>
#include <numeric>

#include "base/limits.hpp"
#include "base/parallel.hpp"
#include "table/reader.hpp"

namespace zhili::fuse {
namespace {

constexpr size_t kRejectsKept = 100'000;

/// What of a source's file goes where.
struct Binding {
  std::vector<std::string> wanted;  // Columns to read.
  int record_id = -1;               // Place in `wanted`.
  int updated = -1;
  std::vector<std::vector<size_t>> attributes;  // By attribute: places in `wanted`.
};

Binding narrow(const ColumnBinding& found, const std::vector<std::string>& header) {
  Binding binding;
  const auto want = [&](uint32_t column) {
    const auto at = std::ranges::find(binding.wanted, header[column]);
    if (at != binding.wanted.end()) return static_cast<size_t>(at - binding.wanted.begin());
    binding.wanted.push_back(header[column]);
    return binding.wanted.size() - 1;
  };
  if (found.record_id) binding.record_id = static_cast<int>(want(*found.record_id));
  if (found.updated) binding.updated = static_cast<int>(want(*found.updated));
  for (const auto& columns : found.columns) {
    binding.attributes.emplace_back();
    for (const uint32_t column : columns) binding.attributes.back().push_back(want(column));
  }
  return binding;
}

table::ReadOptions options_of(const Config& config, const Source& source) {
  table::ReadOptions options;
  options.format = source.format;
  options.encoding = source.encoding;
  options.delimiter = source.delimiter;
  options.max_reject_share = config.max_reject_share;
  return options;
}

/// Finds every source's columns before the first row is read, so that a mistake costs no waiting.
Result<std::vector<Binding>> bind_all(const Config& config) {
  std::vector<std::vector<std::string>> headers;
  for (const auto& source : config.sources) {
    ZHILI_ASSIGN(const auto reader, table::Reader::open(source.file, options_of(config, source)));
    headers.push_back(reader->columns());
  }
  ZHILI_ASSIGN(const auto found, bind_columns(config, headers));
  std::vector<Binding> bindings;
  bindings.reserve(headers.size());
  for (size_t s = 0; s < headers.size(); ++s) bindings.push_back(narrow(found[s], headers[s]));
  return bindings;
}

}  // namespace

/// Fills Records, source after source.
class RecordReader {
 public:
  RecordReader(const Config& config, const text::DivisionTable& divisions, unsigned threads, Progress::Mode progress,
               Cancel& cancel)
      : config_(config), divisions_(divisions), threads_(threads), progress_(progress), cancel_(cancel) {
    out_.columns_.resize(config.attributes.size());
  }

  Result<Records> run() {
    ZHILI_ASSIGN(const auto bindings, bind_all(config_));
    for (uint32_t s = 0; s < config_.sources.size(); ++s) ZHILI_TRY(read_source(s, bindings[s]));
    ZHILI_TRY(standardise_all());
    for (uint32_t t = 0; t < out_.times_.size(); ++t) out_.time_key_.push_back(time_key(out_.times_[t]));
    return std::move(out_);
  }

 private:
  Status read_source(uint32_t s, const Binding& binding);
  void take(uint32_t s, const table::Batch& batch, const Binding& binding);
  Status check_ids(const Source& source, const Binding& binding, const SourceCount& count,
                   const table::ReadOptions& options) const;
  Status standardise_all();

  const Config& config_;
  const text::DivisionTable& divisions_;
  unsigned threads_;
  Progress::Mode progress_;
  Cancel& cancel_;
  Records out_;
  std::vector<bool> seen_;       // By id number: read in the present source.
  uint64_t first_wrong_id_ = 0;  // Line in the present source.
};

Status RecordReader::read_source(uint32_t s, const Binding& binding) {
  const auto& source = config_.sources[s];
  auto options = options_of(config_, source);
  options.columns = binding.wanted;
  ZHILI_ASSIGN(auto reader, table::Reader::open(source.file, options));
  out_.sources_.push_back({out_.size(), 0, 0});
  auto& count = out_.sources_.back();
  reader->on_reject([&](const table::Reject& reject) {
    if (out_.rejects_.size() < kRejectsKept) {
      out_.rejects_.push_back({s, reject.kind, reject.line, reject.column, reject.reason, reject.excerpt});
    }
  });
  seen_.assign(seen_.size(), false);
  Progress progress("Reading " + source.id, reader->bytes_total(), "bytes", progress_);
  table::Batch batch;
  uint64_t bytes = 0;
  for (;;) {
    ZHILI_TRY(cancel_.check());
    ZHILI_ASSIGN(const bool more, reader->next(batch));
    if (!more) break;
    if (out_.size() + batch.rows() > limits::kRecords) {
      return fail(ErrorCode::kLimit, {source.file.string(), batch.line(0), 0}, "Fuse fewer sources in one run.",
                  "more than {} records", limits::kRecords);
    }
    take(s, batch, binding);
    progress.add(reader->bytes_done() - bytes);
    bytes = reader->bytes_done();
  }
  count.records = out_.size() - count.first;
  ZHILI_TRY(check_ids(source, binding, count, options));
  count.rejected += reader->rejected();
  return {};
}

/// Rows with an empty or a repeated record id are rejects like others, and as many are borne. `count.rejected` holds
/// them alone.
Status RecordReader::check_ids(const Source& source, const Binding& binding, const SourceCount& count,
                               const table::ReadOptions& options) const {
  const auto all = static_cast<double>(count.records + count.rejected);
  const double borne =
      count.rejected < options.min_rejects ? std::max(0.5, options.max_reject_share) : options.max_reject_share;
  if (static_cast<double>(count.rejected) <= borne * all) return {};
  return fail(
      ErrorCode::kInput, {source.file.string(), first_wrong_id_, 0},
      "Name a column as record_id whose values tell the rows apart, or leave it out.",
      "the record ids in column \"{}\" do not tell rows apart: {} of {} rows have one that is empty or was used "
      "before",
      binding.wanted[static_cast<size_t>(binding.record_id)], count.rejected, count.records + count.rejected);
}

void RecordReader::take(uint32_t s, const table::Batch& batch, const Binding& binding) {
  std::vector<uint32_t> rows;
  rows.reserve(batch.rows());
  for (uint32_t row = 0; row < batch.rows(); ++row) {
    std::string line_id;
    std::string_view id;
    if (binding.record_id >= 0)
      id = batch.cell(static_cast<size_t>(binding.record_id), row);
    else
      id = line_id = std::to_string(batch.line(row));
    const uint32_t number = out_.ids_.add(id);
    if (seen_.size() <= number) seen_.resize(std::max<size_t>(number + 1, seen_.size() * 2), false);
    if (number == 0 || seen_[number]) {
      if (++out_.sources_[s].rejected == 1) first_wrong_id_ = batch.line(row);
      if (out_.rejects_.size() < kRejectsKept) {
        out_.rejects_.push_back({s, std::nullopt, batch.line(row), 0,
                                 number == 0 ? "the record id is empty"
                                             : fmt::format("the record id \"{}\" was used before in this source", id),
                                 std::string(id)});
      }
      continue;
    }
    seen_[number] = true;
    rows.push_back(row);
    out_.source_.push_back(static_cast<uint16_t>(s));
    out_.id_.push_back(number);
    out_.time_.push_back(binding.updated < 0 ? 0
                                             : out_.times_.add(batch.cell(static_cast<size_t>(binding.updated), row)));
  }
  parallel_for(out_.columns_.size(), 1, threads_, [&](uint64_t begin, uint64_t end, unsigned) {
    std::string joined;
    for (uint64_t a = begin; a < end; ++a) {
      auto& column = out_.columns_[a];
      const auto& cells = binding.attributes[a];
      for (const uint32_t row : rows) {
        if (cells.empty()) {
          column.raw.push_back(0);
        } else if (cells.size() == 1) {
          column.raw.push_back(column.raws.add(batch.cell(cells[0], row)));
        } else {
          joined.clear();
          for (const size_t cell : cells) join_cell(joined, config_.attributes[a].type, batch.cell(cell, row));
          column.raw.push_back(column.raws.add(std::string_view(joined).substr(0, limits::kCellBytes)));
        }
      }
    }
  });
}

Status RecordReader::standardise_all() {
  uint64_t values = 0;
  for (const auto& column : out_.columns_) values += column.raws.size();
  Progress progress("Standardising", values, "values", progress_);
  for (size_t a = 0; a < out_.columns_.size(); ++a) {
    ZHILI_TRY(cancel_.check());
    auto& column = out_.columns_[a];
    const auto& attribute = config_.attributes[a];
    column.raws.seal();
    column.value_of_raw.assign(column.raws.size(), 0);
    column.valid.assign(1, 0);
    // In slices, so that the standard forms of a large column never all lie in memory twice.
    constexpr uint32_t kSlice = 1U << 16;
    std::vector<Standard> slice;
    for (uint32_t first = 1; first < column.raws.size(); first += kSlice) {
      ZHILI_TRY(cancel_.check());
      const uint32_t n = std::min(kSlice, column.raws.size() - first);
      slice.assign(n, {});
      parallel_for(n, 1024, threads_, [&](uint64_t begin, uint64_t end, unsigned) {
        for (uint64_t i = begin; i < end; ++i) {
          slice[i] = standardise(attribute, column.raws[first + static_cast<uint32_t>(i)], divisions_);
        }
      });
      for (uint32_t i = 0; i < n; ++i) {
        const uint32_t value = column.values.add(slice[i].value);
        column.value_of_raw[first + i] = value;
        if (value == column.valid.size()) column.valid.push_back(slice[i].valid ? 1 : 0);
      }
      progress.add(n);
    }
    // A name that may be swapped with its partner is looked up among the partner's values.
    if (attribute.type != SemanticType::kLatinName) column.values.seal();
    column.frequency.assign(column.values.size(), 0);
    for (const uint32_t raw : column.raw) ++column.frequency[column.value_of_raw[raw]];
  }
  return {};
}

/// Eleven values a place: text that ends comes before text that goes on.
TimeKey time_key(std::string_view time) {
  constexpr int kPlaces = 36;
  constexpr int kShortest = 14;  // Down to the second; a day alone is its midnight.
  if (time.empty()) return 0;
  TimeKey key = 0;
  int places = 0;
  for (const char c : time) {
    if (c < '0' || c > '9' || places == kPlaces) continue;
    key = key * 11 + static_cast<unsigned>(c - '0' + 1);
    ++places;
  }
  for (; places < kPlaces; ++places) key = key * 11 + (places < kShortest ? 1 : 0);
  return key;
}

std::optional<uint64_t> Records::find(uint32_t source, std::string_view id) const {
  const uint32_t number = ids_.find(id);
  if (number == 0) return std::nullopt;
  const auto& count = sources_[source];
  for (uint64_t r = count.first; r < count.first + count.records; ++r) {
    if (id_[r] == number) return r;
  }
  return std::nullopt;
}

Result<Records> read_records(const Config& config, const text::DivisionTable& divisions, unsigned threads,
                             Progress::Mode progress, Cancel& cancel) {
  return RecordReader(config, divisions, threads, progress, cancel).run();
}

}  // namespace zhili::fuse
