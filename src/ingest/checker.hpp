#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "expression/expression.hpp"
#include "ingest/figures.hpp"
#include "ingest/standard.hpp"
#include "table/batch.hpp"

namespace zhili::ingest {

/// Of insert, update, delete, or 新增, 修改, 删除; kUntold for other words.
Change change_of(std::string_view word);

/// Where the standard's fields stand among a file's columns.
struct Columns {
  std::vector<uint32_t> places;  ///< By field.
  int64_t change = -1;           ///< Of the column that tells what a row does; -1 in a full snapshot.
};

/// Keys of a run of rows, as they came in the file's order.
struct RowKeys {
  std::vector<uint64_t> hashes;
  std::vector<uint8_t> repeated;  ///< An earlier row has the same.
};

/// Checks rows column by column, and counts. Memory is used again from batch to batch. One a thread.
class Checker {
 public:
  /// `today`: days since 1970. The standard outlives it.
  Checker(const Standard& standard, const Columns& columns, int32_t today);

  /// Sets rejected[i] to 1 for rows that are not to be taken.
  void check(const table::Batch& batch, const RowKeys& keys, std::vector<uint8_t>& rejected);

  Figures& figures() { return figures_; }

 private:
  /// Values of one field as expressions take them.
  struct Typed {
    std::vector<uint8_t> known;
    std::vector<double> numbers;
    std::vector<int32_t> dates;
    std::vector<std::string_view> texts;
  };
  /// What a pattern said of some values lately.
  struct Memo {
    static constexpr size_t kBytes = 46;
    uint64_t hash = 0;
    uint8_t size = 0;
    bool matches = false;
    std::array<char, kBytes> text;
  };
  static constexpr size_t kMemos = 1024;

  void read_changes();
  void check_field(size_t field);
  template <class Check>
  void check_values(size_t field, Check&& check);
  bool matches(size_t field, std::string_view value, uint64_t hash);
  void check_keys();
  void check_rules();
  void judge_rows();
  void note(size_t row, size_t place, Rule rule);

  const Standard& standard_;
  const Columns& columns_;
  const int32_t today_;
  Figures figures_;
  expression::Evaluator evaluator_;
  std::vector<Typed> typed_;                  // By field; empty where no rule reads it.
  std::vector<expression::Column> in_rules_;  // By field.
  std::vector<std::vector<Memo>> memos_;      // By field; empty where it has no pattern.

  // The rows at hand.
  struct RowFlaw {
    uint32_t row;
    Flaw flaw;
  };
  const table::Batch* batch_ = nullptr;
  const RowKeys* keys_ = nullptr;
  std::vector<uint8_t>* rejected_ = nullptr;
  std::vector<Change> changes_;
  std::vector<uint8_t> skipped_;  // Of what is to be deleted only the key is looked at.
  std::vector<uint16_t> flaw_counts_;
  std::vector<RowFlaw> flaws_;
};

}  // namespace zhili::ingest
