#include <algorithm>
#include <array>

#include "base/output_dir.hpp"
#include "fuse/decisions.hpp"
#include "fuse/dir_lock.hpp"
#include "table/nearest.hpp"
#include "table/reader.hpp"

namespace zhili::fuse {
namespace {

namespace fs = std::filesystem;

constexpr size_t kColumns = 8;
constexpr size_t kNeeded = 5;  // The first five; the others may be missing.
constexpr std::array<std::string_view, kColumns> kNames = {"source_a", "record_a", "source_b", "record_b",
                                                           "decision", "by",       "time",     "note"};

/// The file as it stands, whatever its columns.
struct Lines {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  std::vector<uint64_t> numbers;
  std::array<size_t, kColumns> at{};  // Place of our columns in the header; header.size() where one is missing.
};

Status find_columns(const fs::path& path, Lines& lines) {
  for (size_t c = 0; c < kColumns; ++c) {
    lines.at[c] = static_cast<size_t>(std::ranges::find(lines.header, kNames[c]) - lines.header.begin());
    if (lines.at[c] == lines.header.size() && c < kNeeded) {
      return fail(ErrorCode::kInput, {path.string(), 1, 0},
                  fmt::format("The first line is: {}", fmt::join(kNames, ",")), "the column '{}' is missing",
                  kNames[c]);
    }
  }
  return {};
}

Result<Lines> read_lines(const fs::path& path) {
  Lines lines;
  std::error_code ec;
  const auto size = fs::file_size(path, ec);
  if (ec == std::errc::no_such_file_or_directory || (!ec && size == 0)) {
    lines.header.assign(kNames.begin(), kNames.end());
    for (size_t c = 0; c < kColumns; ++c) lines.at[c] = c;
    return lines;
  }
  table::ReadOptions options;
  options.format = table::Format::kDelimited;
  options.max_reject_share = 0;
  options.min_rejects = 0;
  ZHILI_ASSIGN(const auto reader, table::Reader::open(path, options));
  lines.header = reader->columns();
  ZHILI_TRY(find_columns(path, lines));
  table::Batch batch;
  for (;;) {
    ZHILI_ASSIGN(const bool more, reader->next(batch));
    if (!more) return lines;
    for (size_t row = 0; row < batch.rows(); ++row) {
      auto& cells = lines.rows.emplace_back();
      for (size_t c = 0; c < batch.columns(); ++c) cells.emplace_back(batch.cell(c, row));
      lines.numbers.push_back(batch.line(row));
    }
  }
}

Result<Decision> decision_of(const fs::path& path, const Lines& lines, size_t row) {
  const auto cell = [&](size_t column) {
    return lines.at[column] < lines.rows[row].size() ? lines.rows[row][lines.at[column]] : std::string();
  };
  Decision out{{cell(0), cell(1)}, {cell(2), cell(3)}, Verdict::kSame, cell(5), cell(6), cell(7), lines.numbers[row]};
  const auto wrong = [&](size_t column, std::string hint, std::string message) {
    return fail(Error{
        ErrorCode::kInput, std::move(message), {path.string(), out.line, lines.at[column] + 1}, std::move(hint), {}});
  };
  for (size_t c = 0; c + 1 < kNeeded; ++c) {
    if (cell(c).empty()) return wrong(c, "Name both records by source and record id.", fmt::format("no {}", kNames[c]));
  }
  if (out.a == out.b) return wrong(1, "Name two records.", "a record is paired with itself");
  const auto verdict = cell(4);
  for (const auto known : {Verdict::kSame, Verdict::kDifferent, Verdict::kUndo}) {
    if (verdict != name_of(known)) continue;
    out.verdict = known;
    return out;
  }
  return wrong(4, "Write same, different or undo.", fmt::format("'{}' is no decision", verdict));
}

void put_row(std::string& out, const std::vector<std::string>& cells) {
  for (size_t c = 0; c < cells.size(); ++c) {
    if (c > 0) out += ',';
    const auto& cell = cells[c];
    if (cell.find_first_of(",\"\r\n\t;|\x01") == std::string::npos) {
      out += cell;
      continue;
    }
    out += '"';
    for (const char ch : cell) {
      if (ch == '"') out += '"';
      out += ch;
    }
    out += '"';
  }
  out += '\n';
}

}  // namespace

Result<std::vector<Decision>> read_decisions(const fs::path& path) {
  ZHILI_ASSIGN(const auto lines, read_lines(path));
  std::vector<Decision> out;
  for (size_t row = 0; row < lines.rows.size(); ++row) {
    ZHILI_ASSIGN(auto decision, decision_of(path, lines, row));
    out.push_back(std::move(decision));
  }
  return out;
}

Status append_decision(const fs::path& path, const Decision& decision) {
  const auto dir = path.has_parent_path() ? path.parent_path() : fs::path(".");
  ZHILI_ASSIGN(const auto lock, DirLock::take(dir));
  ZHILI_ASSIGN(auto lines, read_lines(path));
  for (size_t c = 0; c < kColumns; ++c) {
    if (lines.at[c] != lines.header.size()) continue;
    lines.header.emplace_back(kNames[c]);
    for (size_t later = c + 1; later < kColumns; ++later) {
      if (lines.at[later] == lines.at[c]) lines.at[later] = lines.header.size();
    }
  }
  std::vector<std::string> row(lines.header.size());
  const std::string verdict(name_of(decision.verdict));
  const std::array<const std::string*, kColumns> cells = {&decision.a.source, &decision.a.record, &decision.b.source,
                                                          &decision.b.record, &verdict,           &decision.by,
                                                          &decision.time,     &decision.note};
  for (size_t c = 0; c < kColumns; ++c) row[lines.at[c]] = *cells[c];
  lines.rows.push_back(std::move(row));
  std::string bytes;
  put_row(bytes, lines.header);
  for (auto& cells_of_row : lines.rows) {
    cells_of_row.resize(lines.header.size());
    put_row(bytes, cells_of_row);
  }
  return write_file_atomically(path, bytes);
}

}  // namespace zhili::fuse
