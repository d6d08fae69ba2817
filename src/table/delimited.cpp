#include "table/delimited.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include <simdjson.h>

#include "base/limits.hpp"
#include "table/blanks.hpp"
#include "table/excerpt.hpp"
#include "table/marks.hpp"
#include "table/row_skipper.hpp"

namespace zhili::table {
namespace {

// Those that text holds least come first: they win where two cut the sample equally well.
constexpr std::string_view kDelimiters = "\x01\t|;,";
constexpr size_t kSampleRows = 500;
constexpr uint32_t kScanBytes = uint32_t{64} << 10;
// A row over more lines than this is noted: a quote may be missing.
constexpr uint32_t kSuspectLines = 200;

std::string delimiter_name(char delimiter) {
  switch (delimiter) {
    case ',':
      return "comma";
    case '\t':
      return "tab";
    case ';':
      return "semicolon";
    case '|':
      return "bar";
    case '\x01':
      return "\\x01";
    default:
      return fmt::format("'{}'", delimiter);
  }
}

// Makes one of each two quotes, in place; returns the new length.
uint32_t undouble(char* text, uint32_t size, char quote) {
  uint32_t to = 0;
  for (uint32_t from = 0; from < size; ++from) {
    text[to++] = text[from];
    if (text[from] == quote && from + 1 < size && text[from + 1] == quote) ++from;
  }
  return to;
}

// How many cells each row of the sample has if cut by this delimiter. The last row is left out unless it is whole.
std::vector<size_t> cell_counts(std::string_view sample, bool whole, char delimiter, char quote, char newline) {
  std::vector<size_t> counts;
  size_t cells = 1;
  enum class In { kStart, kPlain, kQuotes, kBehind } in = In::kStart;
  bool any = false;
  for (const char c : sample) {
    if (in == In::kQuotes) {
      if (c == quote) in = In::kBehind;
    } else if (quote != 0 && c == quote && in != In::kPlain) {
      in = In::kQuotes;  // An opening quote, or the second of two.
      any = true;
    } else if (c == newline) {
      if (any) counts.push_back(cells);
      if (counts.size() == kSampleRows) return counts;
      cells = 1;
      any = false;
      in = In::kStart;
    } else if (c == delimiter) {
      ++cells;
      any = true;
      in = In::kStart;
    } else if (c != ' ' && c != '\r') {
      any = true;
      if (in == In::kStart) in = In::kPlain;
    }
  }
  if (any && (whole || counts.empty())) counts.push_back(cells);
  return counts;
}

}  // namespace

char detect_newline(std::string_view sample, char quote) {
  bool quoted = false;
  for (size_t i = 0; i < sample.size(); ++i) {
    const char c = sample[i];
    if (quote != 0 && c == quote) quoted = !quoted;
    if (quoted) continue;
    if (c == '\n') return '\n';
    if (c == '\r') {
      const size_t next = sample.find_first_not_of('\r', i);
      return next == std::string_view::npos || sample[next] == '\n' ? '\n' : '\r';
    }
  }
  return '\n';
}

char detect_delimiter(std::string_view sample, bool whole, char quote, char newline) {
  char best = ',';
  double best_share = 0;
  size_t best_cells = 1;
  for (const char delimiter : kDelimiters) {
    const auto counts = cell_counts(sample, whole, delimiter, quote, newline);
    if (counts.empty() || counts[0] < 2) continue;
    const auto same = static_cast<double>(std::count(counts.begin(), counts.end(), counts[0]));
    const double share = same / static_cast<double>(counts.size());
    if (share > best_share + 0.05 || (share > best_share - 0.05 && counts[0] > best_cells)) {
      best = delimiter;
      best_share = share;
      best_cells = counts[0];
    }
  }
  return best;
}

DelimitedReader::DelimitedReader(TextInput input, const ReadOptions& options)
    : Reader(input.name(), options), input_(std::move(input)) {}

Result<std::unique_ptr<Reader>> DelimitedReader::create(TextInput input, const ReadOptions& options) {
  const auto bad = [](char c) { return c == '\n' || c == '\r' || static_cast<unsigned char>(c) >= 0x80; };
  if (bad(options.delimiter) || bad(options.quote) || (options.delimiter != 0 && options.delimiter == options.quote)) {
    return fail(ErrorCode::kUsage, {input.name(), 0, 0}, "Take one ASCII character each, such as , and \".",
                "delimiter and quote must be two different ASCII characters and no line ends");
  }
  auto reader = std::unique_ptr<DelimitedReader>(new DelimitedReader(std::move(input), options));
  ZHILI_TRY(reader->read_header());
  return std::unique_ptr<Reader>(std::move(reader));
}

std::string DelimitedReader::description() const {
  return fmt::format("delimited by {}, {}", delimiter_name(delimiter_), charset_name(input_.charset()));
}

std::vector<std::string> DelimitedReader::notes() const {
  if (long_rows_ == 0) return {};
  return {
      fmt::format("{} row(s) run over more than {} lines within quotes, the first by the quote at line {}, column "
                  "{}: a closing quote may be missing there.",
                  long_rows_, kSuspectLines, first_long_row_.line, first_long_row_.column)};
}

// ---- Header

Status DelimitedReader::read_header() {
  bool whole = false;
  ZHILI_ASSIGN(const std::string sample, input_.sample(kSampleBytes, whole));
  newline_ = detect_newline(sample, options().quote);
  delimiter_ =
      options().delimiter != 0 ? options().delimiter : detect_delimiter(sample, whole, options().quote, newline_);

  row_.resize(limits::kColumns + 1);
  TextBuffer text;
  for (;;) {
    ZHILI_TRY(load(text));
    scan(text);
    Found found = Found::kMore;
    do {
      found = next_row();
      if (found == Found::kRow && row_is_blank()) line_ += row_newlines_ + 1;
    } while (found == Found::kRow && row_is_blank());
    if (found != Found::kMore) {
      if (found == Found::kBad) {
        const Spot at = spot(bad_at_);
        return fail(ErrorCode::kInput, {name(), at.line, at.column}, "Correct the header row.",
                    "text behind a closing quote in the header");
      }
      break;
    }
    carry_.assign(text_ + row_begin_, size_ - row_begin_);
    if (at_end_ && in_quotes_) {
      const Spot at = spot(open_quote_);
      return unclosed(at.line, at.column);
    }
    if (at_end_) {
      return fail(ErrorCode::kInput, {name(), 1, 0}, "Export the table again, with a header row.", "the file is empty");
    }
    if (carry_.size() > limits::kRowBytes) {
      return fail(ErrorCode::kLimit, {name(), line_, 0}, "Check that this is a table, and its line ends and quotes.",
                  "the header row is longer than {} bytes (limit kRowBytes)", limits::kRowBytes);
    }
  }
  ZHILI_ASSIGN(names_, header_names());
  row_.resize(names_.size() + 1);
  ZHILI_TRY(choose_columns(names_, line_));
  line_ += row_newlines_ + 1;
  carry_.assign(text_ + pos_, size_ - pos_);
  return {};
}

Result<std::vector<std::string>> DelimitedReader::header_names() {
  const std::string_view row(text_ + row_begin_, row_end_ - row_begin_);
  const size_t invalid = first_invalid_utf8(row);
  const size_t nul = row.find('\0');
  if (invalid != std::string_view::npos) {
    const Spot at = spot(row_begin_ + static_cast<uint32_t>(invalid));
    return fail(ErrorCode::kInput, {name(), at.line, at.column}, reject_hint(RejectKind::kEncoding),
                "the header holds bytes that are not {}", charset_name(input_.charset()));
  }
  if (nul != std::string_view::npos) {
    const Spot at = spot(row_begin_ + static_cast<uint32_t>(nul));
    return fail(ErrorCode::kInput, {name(), at.line, at.column}, reject_hint(RejectKind::kNul),
                "the header holds a NUL byte");
  }
  if (row_cells_ > limits::kColumns) {
    return fail(ErrorCode::kLimit, {name(), line_, 0}, "Check the delimiter, and that the first row is the header.",
                "the header has {} columns; the limit kColumns is {}", row_cells_, limits::kColumns);
  }
  std::vector<std::string> names;
  for (size_t i = 0; i < row_cells_; ++i) {
    std::string cell(text_ + row_[i].begin, row_[i].end - row_[i].begin);
    if (row_[i].escaped) cell.resize(undouble(cell.data(), static_cast<uint32_t>(cell.size()), options().quote));
    names.emplace_back(trim_blanks(cell));
  }
  return names;
}

std::string DelimitedReader::column_label(size_t index) const {
  return index < names_.size() ? fmt::format("cell {} (\"{}\")", index + 1, names_[index])
                               : fmt::format("cell {}", index + 1);
}

std::unexpected<Error> DelimitedReader::unclosed(uint64_t line, uint64_t column) const {
  const char quote = options().quote;
  return fail(ErrorCode::kInput, {name(), line, column},
              fmt::format("Close the quote there; double it ({0}{0}) where it is part of the text.", quote),
              "a quote opens here and is never closed: everything to the end of the file stands within it");
}

// ---- Blocks and marks

// Puts carry_ and the next block into `text`; false when no text is left.
Result<bool> DelimitedReader::load(TextBuffer& text) {
  size_t size = carry_.size();
  text.reserve(size + 1);
  std::memcpy(text.data(), carry_.data(), size);
  if (!at_end_) {
    // Reading at least as much as was carried keeps a long row's cost linear.
    ZHILI_ASSIGN(const size_t got, input_.read(text, size, std::max(options().block_bytes, size)));
    size += got;
    if (got == 0) {
      at_end_ = true;
      text.reserve(size + 1);
      if (size > 0 && text.data()[size - 1] != newline_) text.data()[size++] = newline_;
    }
  }
  carry_.clear();
  size_ = static_cast<uint32_t>(size);
  return size > 0;
}

void DelimitedReader::scan(TextBuffer& text) {
  text_ = text.data();
  mark_count_ = 0;
  mark_ = 0;
  pos_ = 0;
  const char quote = options().quote != 0 ? options().quote : newline_;
  // In pieces, so that room for marks grows with their number and not with the block.
  for (uint32_t at = 0; at < size_; at += std::min(kScanBytes, size_ - at)) {
    find_marks(text_, at, at + std::min(kScanBytes, size_ - at), delimiter_, quote, newline_, marks_, mark_count_);
  }
  // Whole rows end with a newline, so the check does not cut a character.
  uint32_t whole = size_;
  while (whole > 0 && text_[whole - 1] != newline_) --whole;
  suspect_ = !simdjson::validate_utf8(text_, whole) || std::memchr(text_, '\0', whole) != nullptr;
}

// ---- Rows

bool DelimitedReader::blank(uint32_t begin, uint32_t end) const {
  return begin == end || trim_blanks(std::string_view(text_ + begin, end - begin)).empty();
}

bool DelimitedReader::row_is_blank() const {
  return row_cells_ == 1 && !row_[0].escaped && row_[0].begin == row_begin_ && blank(row_[0].begin, row_[0].end);
}

// Finds the row at pos_: its cells, end and newlines. kMore when the block ends before it does; nothing moves then.
DelimitedReader::Found DelimitedReader::next_row() {
  const uint32_t* const marks = marks_.data();
  const char* const text = text_;
  RawCell* const row = row_.data();
  const size_t room = row_.size();
  const char delimiter = delimiter_;
  const char newline = newline_;
  size_t mark = mark_;
  size_t cells = 0;
  row_begin_ = pos_;
  row_newlines_ = 0;
  in_quotes_ = false;
  RawCell cell{pos_, pos_, false};
  bool closed = false;
  while (mark < mark_count_) {
    const uint32_t at = marks[mark++];
    const char c = text[at];
    if (c == delimiter || c == newline) {
      if (!closed) cell.end = at;
      if (cells < room) row[cells] = cell;
      ++cells;
      cell = {at + 1, at + 1, false};
      closed = false;
      if (c == delimiter) continue;
      row_cells_ = cells;
      row_end_ = at;
      pos_ = at + 1;
      mark_ = mark;
      return Found::kRow;
    }
    if (closed || !blank(cell.begin, at)) continue;  // A quote within an unquoted cell is text.
    const Found found = quoted_cell(at, mark, cell);
    if (found == Found::kMore) return Found::kMore;
    if (found == Found::kBad) return skip_bad_row(mark);
    closed = true;
  }
  return Found::kMore;
}

// Reads a quoted cell from behind its opening quote to the mark behind the closing one, which it leaves to be taken.
DelimitedReader::Found DelimitedReader::quoted_cell(uint32_t open, size_t& mark, RawCell& cell) {
  const char quote = options().quote;
  cell.begin = open + 1;
  in_quotes_ = true;
  open_quote_ = open;
  while (mark < mark_count_) {
    const uint32_t at = marks_[mark++];
    if (text_[at] == newline_) ++row_newlines_;
    if (text_[at] != quote) continue;
    if (at + 1 == size_) return Found::kMore;  // Whether it is doubled lies beyond the block.
    if (text_[at + 1] == quote) {
      cell.escaped = true;
      ++mark;
      continue;
    }
    if (mark == mark_count_) return Found::kMore;
    in_quotes_ = false;
    cell.end = at;
    const uint32_t behind = marks_[mark];
    if (text_[behind] == quote || !blank(at + 1, behind)) {
      bad_at_ = at + 1;
      return Found::kBad;
    }
    return Found::kRow;
  }
  return Found::kMore;
}

// Behind a broken quoted cell: the row ends with the next newline.
DelimitedReader::Found DelimitedReader::skip_bad_row(size_t mark) {
  while (mark < mark_count_) {
    const uint32_t at = marks_[mark++];
    if (text_[at] != newline_) continue;
    row_end_ = at;
    pos_ = at + 1;
    mark_ = mark;
    return Found::kBad;
  }
  return Found::kMore;
}

DelimitedReader::Spot DelimitedReader::spot(uint32_t at) const {
  Spot found{line_, 1};
  uint32_t start = row_begin_;
  for (uint32_t i = row_begin_; i < at; ++i) {
    if (text_[i] == newline_) {
      ++found.line;
      start = i + 1;
    }
  }
  found.column += count_characters(std::string_view(text_ + start, at - start));
  return found;
}

void DelimitedReader::reject_row(RejectKind kind, uint32_t at, std::string reason) {
  const Spot where = spot(at);
  reject({kind, where.line, where.column, std::move(reason),
          excerpt(std::string_view(text_ + row_begin_, row_end_ - row_begin_)), row_newlines_ + 1});
}

void DelimitedReader::put_row(Batch& batch) {
  CellRange* cells = batch.add_row(line_);
  for (const uint32_t source : sources()) {
    RawCell& raw = row_[source];
    if (raw.escaped) {
      raw.end = raw.begin + undouble(text_ + raw.begin, raw.end - raw.begin, options().quote);
      raw.escaped = false;
    }
    const std::string_view cell = trim_blanks(std::string_view(text_ + raw.begin, raw.end - raw.begin));
    *cells++ = {static_cast<uint32_t>(cell.data() - text_), static_cast<uint32_t>(cell.size())};
  }
}

// A row that is not certainly good: finds what is wrong with it, or takes it after all.
void DelimitedReader::take_odd_row(Batch& batch, Found found) {
  const std::string_view row(text_ + row_begin_, row_end_ - row_begin_);
  if (suspect_) {
    if (const size_t at = first_invalid_utf8(row); at != std::string_view::npos) {
      return reject_row(RejectKind::kEncoding, row_begin_ + static_cast<uint32_t>(at),
                        fmt::format("a byte that is not valid {}", charset_name(input_.charset())));
    }
    if (const size_t at = row.find('\0'); at != std::string_view::npos) {
      return reject_row(RejectKind::kNul, row_begin_ + static_cast<uint32_t>(at), "a NUL byte");
    }
  }
  if (found == Found::kBad) return reject_row(RejectKind::kQuote, bad_at_, "text behind a closing quote");
  if (row_is_blank()) return;
  if (row.size() > limits::kCellBytes) {
    for (size_t i = 0; i < std::min(row_cells_, row_.size()); ++i) {
      const size_t size = row_[i].end - row_[i].begin;
      if (size <= limits::kCellBytes) continue;
      return reject_row(RejectKind::kLimit, row_[i].begin, long_cell_reason(i, size));
    }
    if (row.size() > limits::kRowBytes) {
      return reject_row(RejectKind::kLimit, row_begin_, long_row_reason(row.size()));
    }
  }
  if (row_cells_ != names_.size()) {
    const uint32_t at = row_cells_ < names_.size() ? row_end_ : row_[names_.size()].begin;
    return reject_row(RejectKind::kRagged, at,
                      fmt::format("{} cells where the header has {}", row_cells_, names_.size()));
  }
  put_row(batch);
}

Result<bool> DelimitedReader::fill(Batch& batch) {
  TextBuffer& text = batch.text();
  for (;;) {
    ZHILI_ASSIGN(const bool any, load(text));
    if (!any) return false;
    scan(text);
    bool moved = false;
    Found found = Found::kMore;
    while ((found = next_row()) != Found::kMore) {
      moved = true;
      const bool good = found == Found::kRow && row_cells_ == names_.size() && names_.size() > 1 && !suspect_ &&
                        row_end_ - row_begin_ <= limits::kCellBytes;
      if (good) [[likely]] {
        put_row(batch);
      } else {
        take_odd_row(batch, found);
      }
      if (row_newlines_ > kSuspectLines && long_rows_++ == 0) first_long_row_ = spot(open_quote_);
      line_ += row_newlines_ + 1;
    }
    if (at_end_ && in_quotes_) {
      const Spot at = spot(open_quote_);
      return unclosed(at.line, at.column);
    }
    carry_.assign(text_ + pos_, size_ - pos_);
    if (moved) return true;
    if (carry_.size() > limits::kRowBytes) ZHILI_TRY(skip_long_row(text));
  }
}

std::string DelimitedReader::long_cell_reason(size_t index, uint64_t size) const {
  return fmt::format("{} is {} bytes long; the limit kCellBytes is {}", column_label(index), size, limits::kCellBytes);
}

std::string DelimitedReader::long_row_reason(uint64_t size) {
  return fmt::format("the row is {} bytes long; the limit kRowBytes is {}", size, limits::kRowBytes);
}

// Passes over the row in carry_, too long to be held, block by block. The batch holds no row yet, so that its buffer is
// free.
Status DelimitedReader::skip_long_row(TextBuffer& text) {
  RowSkipper skipper(delimiter_, options().quote, newline_, line_);
  const std::string shown = excerpt(std::string_view(carry_).substr(0, 4096));
  size_t used = 0;
  bool ended = skipper.feed(carry_, used);
  while (!ended) {
    ZHILI_ASSIGN(const size_t got, input_.read(text, 0, options().block_bytes));
    if (got == 0) {
      at_end_ = true;
      if (skipper.in_quotes()) return unclosed(skipper.cell_line(), skipper.cell_column());
      carry_.clear();
      break;
    }
    const std::string_view block(text.data(), got);
    ended = skipper.feed(block, used);
    if (ended) carry_.assign(block.substr(used));
  }
  const bool cell = skipper.long_cell_bytes() > 0;
  reject({RejectKind::kLimit, cell ? skipper.long_cell_line() : line_, cell ? skipper.long_cell_column() : 1,
          cell ? long_cell_reason(skipper.long_cell(), skipper.long_cell_bytes()) : long_row_reason(skipper.bytes()),
          shown, skipper.newlines() + 1});
  line_ += skipper.newlines() + 1;
  return {};
}

std::string DelimitedReader::reject_hint(RejectKind kind) const {
  switch (kind) {
    case RejectKind::kRagged:
      return fmt::format(
          "Rows were cut at each {}: name another delimiter if that is wrong, or quote cells that hold it.",
          delimiter_name(delimiter_));
    case RejectKind::kQuote:
      return "Double the quotes within quoted cells.";
    case RejectKind::kEncoding:
      return fmt::format("The file was read as {}: name its encoding (utf-8, gb18030), or convert it with iconv.",
                         charset_name(input_.charset()));
    case RejectKind::kNul:
      return "Export the table again as text: NUL bytes come from binary files and cut transfers.";
    case RejectKind::kLimit:
      return "Check quotes and line ends; leave columns with very long content out of the export.";
    case RejectKind::kSyntax:
      break;
  }
  return "Correct the file.";
}

}  // namespace zhili::table
