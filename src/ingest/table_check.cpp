#include "ingest/table_check.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "base/hash.hpp"
#include "base/parallel.hpp"
#include "ingest/key_set.hpp"
#include "table/nearest.hpp"

namespace zhili::ingest {
namespace {

std::string_view type_word(catalog::ValueType type) {
  using catalog::ValueType;
  switch (type) {
    case ValueType::kIdNumber:
      return "ID numbers";
    case ValueType::kCreditCode:
      return "credit codes";
    case ValueType::kPhone:
      return "telephone numbers";
    case ValueType::kPersonName:
      return "names of people";
    case ValueType::kDate:
      return "dates";
    default:
      return "numbers";
  }
}

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) {
    if (!out.empty()) out += ", ";
    out += '"';
    out += name;
    out += '"';
  }
  return out;
}

/// All that one run shares between its threads.
class Run {
 public:
  Run(table::Reader& reader, const Standard& standard, const Columns& columns, const TableCheckOptions& options)
      : reader_(reader), standard_(standard), columns_(columns), options_(options), out_{.figures = Figures(standard)} {
    reader_.on_reject([this](const table::Reject& reject) {
      if (out_.unreadable_rows.size() < kUnreadableRows) {
        out_.unreadable_rows.push_back({reject.line, reject.column, reject.kind});
      }
    });
  }

  Result<TableFigures> finish() {
    reader_.on_reject({});
    if (failed_) return fail(std::move(*failed_));
    out_.figures.sort();
    out_.unreadable = reader_.rejected();
    for (size_t k = 0; k < table::kRejectKinds; ++k) {
      out_.unreadable_by_kind[k] = reader_.rejected(static_cast<table::RejectKind>(k));
    }
    out_.keys_exact = keys_.is_exact();
    out_.description = reader_.description();
    out_.notes = reader_.notes();
    return std::move(out_);
  }

  void work() {
    Checker checker(standard_, columns_, options_.today);
    table::Batch batch;
    RowKeys keys;
    std::vector<uint8_t> rejected;
    for (uint64_t first = 0; take(batch, keys, first);) {
      checker.check(batch, keys, rejected);
      const std::scoped_lock lock(results_);
      for (size_t r = 0; r < rejected.size(); ++r) {
        if (rejected[r] != 0) out_.rejected.add(first + r);
      }
    }
    const std::scoped_lock lock(results_);
    out_.figures.join(std::move(checker.figures()));
  }

 private:
  /// The next rows, in the file's order, and whether their keys came before.
  bool take(table::Batch& batch, RowKeys& keys, uint64_t& first) {
    const std::scoped_lock lock(reading_);
    if (failed_ || ended_) return false;
    auto more = options_.cancel != nullptr && options_.cancel->requested()
                    ? Result<bool>(std::unexpected(options_.cancel->check().error()))
                    : reader_.next(batch);
    if (!more) {
      failed_ = std::move(more).error();
      return false;
    }
    ended_ = !*more;
    if (ended_) return false;
    first = reader_.rows_read() - batch.rows();
    take_keys(batch, keys);
    return true;
  }

  void take_keys(const table::Batch& batch, RowKeys& keys) {
    if (standard_.keys().empty()) return;
    keys.hashes.resize(batch.rows());
    keys.repeated.assign(batch.rows(), 0);
    for (size_t r = 0; r < batch.rows(); ++r) {
      uint64_t hash = 0;
      bool whole = true;
      for (const uint32_t key : standard_.keys()) {
        const std::string_view value = batch.cell(columns_.places[key], r);
        hash = hash_bytes(value, hash);
        whole = whole && !value.empty();
      }
      keys.hashes[r] = hash;
      // A batch of changes may well touch a row twice.
      if (whole && options_.kind == BatchKind::kFull && keys_.add(hash)) keys.repeated[r] = 1;
    }
  }

  table::Reader& reader_;
  const Standard& standard_;
  const Columns& columns_;
  const TableCheckOptions& options_;

  std::mutex reading_;
  KeySet keys_;
  bool ended_ = false;
  std::optional<Error> failed_;

  std::mutex results_;
  TableFigures out_;
};

/// A column that holds something else than was declared.
Status require_types(const Standard& standard, const TableFigures& table, const std::string& name) {
  std::vector<Error> wrong;
  for (size_t f = 0; f < standard.fields().size(); ++f) {
    const FieldStandard& field = standard.fields()[f];
    const FieldFigures& figures = table.figures.fields[f];
    const uint64_t present = figures.values - figures.missing;
    const uint64_t odd = figures.mistakes[static_cast<size_t>(Rule::kForm)];
    if (present < kFewestOfOtherType || static_cast<double>(odd) <= kMostOfOtherType * static_cast<double>(present)) {
      continue;
    }
    const uint64_t line = figures.examples[static_cast<size_t>(Rule::kForm)].lines().front();
    wrong.push_back({ErrorCode::kInput,
                     fmt::format("the column \"{}\" is declared to hold {}, and {} of its {} values are none",
                                 field.column, type_word(field.type), odd, present),
                     {name, line, 0},
                     "Send it as it was declared, or declare a new version of the dataset with its new type."});
  }
  if (wrong.empty()) return {};
  Error first = std::move(wrong.front());
  first.others.assign(std::make_move_iterator(wrong.begin() + 1), std::make_move_iterator(wrong.end()));
  return fail(std::move(first));
}

}  // namespace

std::string_view name_of(BatchKind kind) { return kind == BatchKind::kFull ? "full" : "changes"; }

table::ReadOptions read_options(table::Format format, table::Encoding encoding, char delimiter) {
  table::ReadOptions out;
  out.format = format;
  out.encoding = encoding;
  out.delimiter = delimiter;
  out.max_reject_share = kMostUnreadable;
  out.quote_rows = false;  // Errors are kept in the store.
  return out;
}

Result<Columns> find_columns(const Standard& standard, BatchKind kind, const std::vector<std::string>& columns,
                             const std::string& name) {
  Columns out;
  std::vector<std::string> missing;
  std::vector<std::string> unknown;
  for (const FieldStandard& field : standard.fields()) {
    const auto found = std::ranges::find(columns, field.column);
    if (found == columns.end()) missing.push_back(field.column);
    out.places.push_back(static_cast<uint32_t>(found - columns.begin()));
  }
  for (size_t c = 0; c < columns.size(); ++c) {
    if (columns[c] == kChangeColumn && kind == BatchKind::kChanges) {
      out.change = static_cast<int64_t>(c);
    } else if (std::ranges::find(standard.fields(), columns[c], &FieldStandard::column) == standard.fields().end()) {
      unknown.push_back(columns[c]);
    }
  }
  if (!missing.empty()) {
    const auto nearest = table::nearest_names(missing.front(), unknown);
    const std::string likely = !nearest.empty() ? nearest.front() : unknown.size() == 1 ? unknown.front() : "";
    const std::string hint =
        unknown.empty() ? "Send all columns that the dataset declares, or declare a new version without it."
        : likely.empty()
            ? fmt::format("The file has {}, which nobody declared. Rename what was renamed, or declare a new version.",
                          joined(unknown))
            : fmt::format(
                  "Was it renamed to \"{}\"? Rename it in the file, or declare a new version of the dataset "
                  "with its new name.",
                  likely);
    return fail(ErrorCode::kInput, {name, 1, 0}, hint, "of dataset {} the column{} {} {} missing", standard.dataset(),
                missing.size() == 1 ? "" : "s", joined(missing), missing.size() == 1 ? "is" : "are");
  }
  if (!unknown.empty()) {
    return fail(ErrorCode::kInput, {name, 1, 0},
                unknown.front() == kChangeColumn
                    ? "Send it as a batch of changes, or leave the column out of a full snapshot."
                    : "Leave them out, or declare a new version of the dataset: what nobody declared is not taken in.",
                "the column{} {} {} not declared in dataset {}", unknown.size() == 1 ? "" : "s", joined(unknown),
                unknown.size() == 1 ? "is" : "are", standard.dataset());
  }
  if (kind == BatchKind::kFull) return out;
  if (standard.keys().empty()) {
    return fail(ErrorCode::kInput, {}, "Declare a key, or send full snapshots.",
                "dataset {} has no key, so that changes can't be told from each other", standard.dataset());
  }
  if (out.change < 0) {
    return fail(ErrorCode::kInput, {name, 1, 0}, "It says insert, update or delete in each row.",
                "a batch of changes needs the column \"{}\"", kChangeColumn);
  }
  return out;
}

Result<TableFigures> check_table(table::Reader& reader, const Standard& standard, const TableCheckOptions& options) {
  ZHILI_ASSIGN(const Columns columns, find_columns(standard, options.kind, reader.columns(), options.name));
  Run run(reader, standard, columns, options);
  const unsigned threads = std::max(1U, options.threads);
  parallel_for(threads, 1, threads, [&](uint64_t, uint64_t, unsigned) { run.work(); });
  ZHILI_ASSIGN(TableFigures out, run.finish());
  ZHILI_TRY(require_types(standard, out, options.name));
  return out;
}

}  // namespace zhili::ingest
