#include "fuse/history.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/clock.hpp"
#include "table/csv_writer.hpp"
#include "table/reader.hpp"

namespace zhili::fuse {
namespace {

const std::vector<std::string>& history_columns() {
  static const std::vector<std::string> columns = {"time", "event", "old_id", "new_id", "records"};
  return columns;
}

/// Calls visit(batch, row) for each line of history.csv.
template <class Visit>
Status each_line(const std::filesystem::path& path, Visit&& visit) {
  std::error_code ec;
  if (!std::filesystem::exists(path, ec)) return {};
  table::ReadOptions options;
  options.format = table::Format::kDelimited;
  options.encoding = table::Encoding::kUtf8;
  options.delimiter = ',';
  options.columns = history_columns();
  options.max_reject_share = 0;
  options.min_rejects = 0;
  ZHILI_ASSIGN(const auto reader, table::Reader::open(path, options));
  table::Batch batch;
  for (;;) {
    ZHILI_ASSIGN(const bool more, reader->next(batch));
    if (!more) return {};
    for (size_t row = 0; row < batch.rows(); ++row) ZHILI_TRY(visit(batch, row));
  }
}

/// Follows one id, run by run: what one run did to it must not be taken for what the same run did to its successors.
class Tracer {
 public:
  Tracer(std::string_view id, bool present) : present_(present), ids_{std::string(id)} {}

  void take(PastEvent event) {
    if (event.time != time_) end_of_run();
    time_ = event.time;
    const bool from = ids_.contains(event.old_id);
    if (from && !present_ && !event.new_id.empty()) joined_.push_back(event.new_id);
    if (from && (event.event == name_of(Change::kMerged) || event.event == name_of(Change::kGone))) {
      left_.push_back(event.old_id);
    }
    if (from || ids_.contains(event.new_id)) out_.events.push_back(std::move(event));
  }

  Trace finish() && {
    end_of_run();
    out_.ids_now.assign(ids_.begin(), ids_.end());
    return std::move(out_);
  }

 private:
  void end_of_run() {
    if (!present_) {
      for (const auto& id : left_) ids_.erase(id);
      ids_.insert(joined_.begin(), joined_.end());
    }
    left_.clear();
    joined_.clear();
  }

  bool present_;
  std::set<std::string, std::less<>> ids_;
  std::string time_;
  std::vector<std::string> left_;
  std::vector<std::string> joined_;
  Trace out_;
};

}  // namespace

std::string_view name_of(Change change) {
  constexpr std::string_view kNames[] = {"merged", "split", "moved", "gone"};
  return kNames[static_cast<size_t>(change)];
}

std::string time_text(RunTime time) {
  return zhili::time_text(std::chrono::microseconds(time.time_since_epoch()).count(), 3);
}

Status write_history(const std::filesystem::path& path, const std::filesystem::path& earlier,
                     const std::vector<Event>& events, std::string_view time) {
  ZHILI_ASSIGN(auto writer, table::CsvWriter::create(path, history_columns()));
  const auto copy = [&](const table::Batch& batch, size_t row) {
    return writer.append(
        {batch.cell(0, row), batch.cell(1, row), batch.cell(2, row), batch.cell(3, row), batch.cell(4, row)});
  };
  ZHILI_TRY(each_line(earlier, copy));
  for (const auto& event : events) {
    const auto old_id = event.old_id.text();
    const auto new_id = event.new_id ? event.new_id.text() : std::string();
    ZHILI_TRY(writer.append({time, name_of(event.change), old_id, new_id, std::to_string(event.records)}));
  }
  return writer.finish();
}

Result<Trace> trace(const std::filesystem::path& history, std::string_view id, bool present) {
  Tracer tracer(id, present);
  const auto take = [&](const table::Batch& batch, size_t row) -> Status {
    PastEvent event{std::string(batch.cell(0, row)), std::string(batch.cell(1, row)), std::string(batch.cell(2, row)),
                    std::string(batch.cell(3, row)), 0};
    const auto count = batch.cell(4, row);
    const auto parsed = std::from_chars(count.data(), count.data() + count.size(), event.records);
    if (parsed.ec != std::errc() || parsed.ptr != count.data() + count.size()) {
      return fail(ErrorCode::kInput, {history.string(), batch.line(row), 0}, "Restore the file as a run wrote it.",
                  "'{}' is no number of records", count);
    }
    tracer.take(std::move(event));
    return {};
  };
  ZHILI_TRY(each_line(history, take));
  return std::move(tracer).finish();
}

}  // namespace zhili::fuse
