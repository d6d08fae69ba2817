#include "table/reader.hpp"

#include <algorithm>
#include <map>

#include "table/blanks.hpp"
#include "table/delimited.hpp"
#include "table/json_lines.hpp"
#include "table/nearest.hpp"
#include "table/parquet_reader.hpp"
#include "table/text_input.hpp"

namespace zhili::table {
namespace fs = std::filesystem;
namespace {

// Below this many lines a share says little.
constexpr uint64_t kFewLines = 100;
constexpr std::string_view kParquetMagic = "PAR1";

std::string lower_extension(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return extension;
}

// A first character that begins no delimited table: JSON, then.
Result<bool> begins_like_json(TextInput& text) {
  bool whole = false;
  ZHILI_ASSIGN(const std::string sample, text.sample(kSampleBytes, whole));
  const std::string_view head = trim_blanks(sample);
  return head.starts_with('[') || (head.starts_with('{') && head.find('"') != std::string_view::npos);
}

Result<std::unique_ptr<Reader>> open_text(ByteInput input, std::string_view extension, const ReadOptions& options) {
  ZHILI_ASSIGN(auto text, TextInput::create(std::move(input), options.encoding));
  bool json = options.format == Format::kJsonLines;
  if (options.format == Format::kAuto) {
    const bool delimited = extension == ".csv" || extension == ".tsv" || extension == ".tab" || extension == ".psv";
    json = extension == ".jsonl" || extension == ".ndjson" || extension == ".json";
    if (!json && !delimited) {
      ZHILI_ASSIGN(json, begins_like_json(text));
    }
  }
  return json ? JsonLinesReader::create(std::move(text), options) : DelimitedReader::create(std::move(text), options);
}

}  // namespace

std::string_view reject_kind_name(RejectKind kind) {
  static constexpr std::string_view kNames[kRejectKinds] = {"ragged", "quote", "encoding", "nul", "limit", "syntax"};
  return kNames[static_cast<size_t>(kind)];
}

Result<std::unique_ptr<Reader>> Reader::open(const fs::path& path, const ReadOptions& options) {
  if (options.format == Format::kParquet || (options.format == Format::kAuto && lower_extension(path) == ".parquet")) {
    return ParquetReader::create(path, options);
  }
  ZHILI_ASSIGN(auto input, ByteInput::open(path));
  if (options.format == Format::kAuto) {
    ZHILI_ASSIGN(const std::string_view head, input.peek(kParquetMagic.size()));
    if (head == kParquetMagic) return ParquetReader::create(path, options);
  }
  return open_text(std::move(input), lower_extension(path), options);
}

namespace {

std::unexpected<Error> parquet_needs_a_file(const std::string& name) {
  return fail(ErrorCode::kUsage, {name, 0, 0}, "Write the bytes to a file first.", "Parquet is read from files only");
}

}  // namespace

Result<std::unique_ptr<Reader>> Reader::open_bytes(std::string name, std::string bytes, const ReadOptions& options) {
  if (options.format == Format::kParquet) return parquet_needs_a_file(name);
  const std::string extension = lower_extension(name);
  return open_text(ByteInput::from_bytes(std::move(name), std::move(bytes)), extension, options);
}

Result<std::unique_ptr<Reader>> Reader::open_source(std::string name, uint64_t total, ByteSource source,
                                                    const ReadOptions& options) {
  if (options.format == Format::kParquet) return parquet_needs_a_file(name);
  const std::string extension = lower_extension(name);
  return open_text(ByteInput::from_source(std::move(name), total, std::move(source)), extension, options);
}

Status Reader::choose_columns(const std::vector<std::string>& names, uint64_t line) {
  const auto& wanted = options_.columns;
  std::map<std::string_view, std::vector<uint32_t>> places;
  for (uint32_t i = 0; i < names.size(); ++i) places[names[i]].push_back(i);
  for (const auto& [column, at] : places) {
    const bool asked = wanted.empty() || std::find(wanted.begin(), wanted.end(), column) != wanted.end();
    if (column.empty() && asked) {
      return fail(ErrorCode::kInput, {name_, line, 0},
                  "Give each column a name in the header, or name the columns that you want.",
                  "column {} of {} has no name (the columns are {})", at[0] + 1, names.size(), quoted_list(names));
    }
    if (!column.empty() && at.size() > 1) {
      return fail(ErrorCode::kInput, {name_, line, 0}, "Rename one of them in the header.",
                  "the column \"{}\" occurs {} times: as columns {} and {}", column, at.size(), at[0] + 1, at[1] + 1);
    }
  }
  if (wanted.empty()) {
    columns_ = names;
    for (uint32_t i = 0; i < names.size(); ++i) sources_.push_back(i);
    return {};
  }
  for (const auto& column : wanted) {
    const auto found = places.find(column);
    if (found == places.end() || column.empty()) {
      const auto nearest = nearest_names(column, names);
      const std::string hint = nearest.empty() ? fmt::format("The file's columns are {}.", quoted_list(names))
                                               : fmt::format("Did you mean {}? The file's columns are {}.",
                                                             quoted_list(nearest), quoted_list(names));
      return fail(ErrorCode::kInput, {name_, line, 0}, hint, "the column \"{}\" is missing", column);
    }
    columns_.push_back(column);
    sources_.push_back(found->second[0]);
  }
  return {};
}

void Reader::reject(Reject reject) {
  const bool first = rejected_++ == 0;
  ++rejected_by_kind_[static_cast<size_t>(reject.kind)];
  rejected_lines_ += reject.lines;
  if (on_reject_) on_reject_(reject);
  if (first) first_reject_ = std::move(reject);
}

Result<bool> Reader::next(Batch& batch) {
  if (failed_) return fail(*failed_);
  auto more = next_or_error(batch);
  if (!more) failed_ = more.error();
  return more;
}

Result<bool> Reader::next_or_error(Batch& batch) {
  for (;;) {
    batch.clear(columns_.size());
    ZHILI_ASSIGN(const bool more, fill(batch));
    rows_read_ += batch.rows();
    ZHILI_TRY(check_rejects(!more));
    if (!more || batch.rows() > 0) return more;
  }
}

Status Reader::check_rejects(bool at_end) const {
  if (rejected_ == 0) return {};
  const uint64_t lines = rows_read_ + rejected_lines_;
  if (!at_end && lines < kFewLines) return {};
  const auto all = static_cast<double>(lines);
  const auto bad = static_cast<double>(rejected_lines_);
  const double borne =
      rejected_ < options_.min_rejects ? std::max(0.5, options_.max_reject_share) : options_.max_reject_share;
  if (bad <= borne * all) return {};
  const auto most = std::max_element(rejected_by_kind_.begin(), rejected_by_kind_.end()) - rejected_by_kind_.begin();
  return fail(ErrorCode::kInput, {name_, first_reject_.line, first_reject_.column},
              reject_hint(static_cast<RejectKind>(most)),
              "too many rows can't be read: {} of {} lines so far ({:.1f} %; borne are {:.1f} %). The first: {}{}",
              rejected_lines_, lines, 100 * bad / all, 100 * borne, first_reject_.reason,
              options_.quote_rows ? ". It reads: " + first_reject_.excerpt : std::string());
}

}  // namespace zhili::table
