#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "table/reader.hpp"
#include "table/text_input.hpp"

namespace zhili::table {

/// The delimiter among , tab ; | and \x01 that cuts most rows of the sample into as many cells as the header; a comma
/// where none cuts the header.
char detect_delimiter(std::string_view sample, bool whole, char quote, char newline);
/// '\r' where the first row ends in a bare carriage return, else '\n' (a carriage return before it is a blank).
char detect_newline(std::string_view sample, char quote);

/// Delimited text as RFC 4180 has it, and what occurs in its place: blanks around cells, quotes within unquoted cells,
/// LF, CRLF or CR, blank lines (skipped).
///
/// Each block of text goes straight into the batch's buffer. One vector scan finds delimiters, quotes and newlines
/// ("marks"); rows are then put together from marks alone, and cells are views into the buffer. The rest behind the
/// last whole row moves to the next batch.
class DelimitedReader final : public Reader {
 public:
  static Result<std::unique_ptr<Reader>> create(TextInput input, const ReadOptions& options);

  uint64_t bytes_total() const override { return input_.total(); }
  uint64_t bytes_done() const override { return input_.done(); }
  std::string description() const override;
  std::vector<std::string> notes() const override;

 protected:
  Result<bool> fill(Batch& batch) override;
  std::string reject_hint(RejectKind kind) const override;

 private:
  struct RawCell {
    uint32_t begin;
    uint32_t end;
    bool escaped;  // Holds doubled quotes.
  };
  enum class Found { kRow, kBad, kMore };
  struct Spot {
    uint64_t line = 0;
    uint64_t column = 0;
  };

  DelimitedReader(TextInput input, const ReadOptions& options);
  Status read_header();
  Result<std::vector<std::string>> header_names();
  Result<bool> load(TextBuffer& text);
  void scan(TextBuffer& text);
  Found next_row();
  Found quoted_cell(uint32_t open, size_t& mark, RawCell& cell);
  Found skip_bad_row(size_t mark);
  bool blank(uint32_t begin, uint32_t end) const;
  bool row_is_blank() const;
  void put_row(Batch& batch);
  void take_odd_row(Batch& batch, Found found);
  void reject_row(RejectKind kind, uint32_t at, std::string reason);
  Status skip_long_row(TextBuffer& text);
  Spot spot(uint32_t at) const;
  std::string column_label(size_t index) const;
  std::string long_cell_reason(size_t index, uint64_t size) const;
  static std::string long_row_reason(uint64_t size);
  std::unexpected<Error> unclosed(uint64_t line, uint64_t column) const;

  TextInput input_;
  char delimiter_ = ',';
  char newline_ = '\n';
  std::vector<std::string> names_;  // Of all columns of the file.

  std::string carry_;  // Text behind the last whole row.
  uint64_t line_ = 1;  // Line on which carry_ (or the row at pos_) begins.
  bool at_end_ = false;

  // The block at hand: text_[0, size_), its marks, and how far it was taken.
  char* text_ = nullptr;
  uint32_t size_ = 0;
  std::vector<uint32_t> marks_;
  size_t mark_count_ = 0;
  size_t mark_ = 0;
  uint32_t pos_ = 0;
  bool suspect_ = false;  // The block holds NUL or bad bytes: look at each row.

  // The row at hand.
  std::vector<RawCell> row_;  // As many as fit; row_cells_ counts on.
  size_t row_cells_ = 0;
  uint32_t row_begin_ = 0;
  uint32_t row_end_ = 0;
  uint32_t row_newlines_ = 0;
  uint32_t bad_at_ = 0;
  uint32_t open_quote_ = 0;  // Of the quoted cell that next_row() ran out of text in.
  bool in_quotes_ = false;

  uint64_t long_rows_ = 0;  // Over kSuspectLines lines.
  Spot first_long_row_;
};

}  // namespace zhili::table
