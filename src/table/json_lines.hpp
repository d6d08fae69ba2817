#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "table/reader.hpp"
#include "table/text_input.hpp"

namespace zhili::table {

/// JSON lines: one object a line, its keys are the columns. The columns are the keys of a first sample (some 10,000
/// lines or 8 MB), in the order in which they occur; a key that first comes later is counted in notes() and not read. A
/// key that a line lacks is an empty cell. Strings are unescaped; numbers and booleans are their text as it stands;
/// null is empty; arrays and objects are their JSON text. Of a key that occurs twice in a line the last value counts.
///
/// Lines are parsed by simdjson. Every value is checked, also in columns that were not asked for.
class JsonLinesReader final : public Reader {
 public:
  static Result<std::unique_ptr<Reader>> create(TextInput input, const ReadOptions& options);
  ~JsonLinesReader() override;

  uint64_t bytes_total() const override { return input_.total(); }
  uint64_t bytes_done() const override { return input_.done(); }
  std::string description() const override;
  std::vector<std::string> notes() const override;

 protected:
  Result<bool> fill(Batch& batch) override;
  std::string reject_hint(RejectKind kind) const override;

 private:
  class Line;
  struct Parser;
  struct KeyHash {
    using is_transparent = void;
    size_t operator()(std::string_view key) const { return std::hash<std::string_view>{}(key); }
  };

  JsonLinesReader(TextInput input, const ReadOptions& options);
  Status read_columns();
  void forget_columns(size_t known);
  void take_line(Batch& batch, char* begin, size_t size);
  Status skip_long_line(TextBuffer& text);
  void reject_at(RejectKind kind, std::string_view line, size_t at, std::string reason);

  TextInput input_;
  std::unique_ptr<Parser> parser_;
  std::vector<std::string> names_;
  std::unordered_map<std::string, uint32_t, KeyHash, std::equal_to<>> places_;
  std::vector<CellRange> cells_;  // Of the line at hand, for all columns of the file.
  bool sampling_ = false;         // Keys that are not known yet become columns.

  std::string carry_;
  uint64_t line_ = 1;
  bool at_end_ = false;

  struct Unseen {
    uint64_t rows = 0;
    uint64_t first_line = 0;
  };
  std::map<std::string, Unseen, std::less<>> unseen_;
  uint64_t unseen_more_ = 0;  // Values of keys beyond those that unseen_ has room for.
};

}  // namespace zhili::table
