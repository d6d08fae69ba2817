#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "ingest/sketch.hpp"
#include "ingest/standard.hpp"

namespace zhili::ingest {

inline constexpr size_t kWorstRows = 50;    ///< Rows with most mistakes that are named, of one batch.
inline constexpr size_t kExamples = 10;     ///< Lines that are named for a field and rule, of one batch.
inline constexpr size_t kSampleRows = 200;  ///< Rows that are compared with other departments', of one batch.

/// A mistake of a row: of a field by its place, or, with Rule::kRow, of a row's rule by its place.
struct Flaw {
  uint16_t place = 0;
  Rule rule = Rule::kMissing;
  auto operator<=>(const Flaw&) const = default;
};

/// A row by its line in the file, with all its mistakes. Its values are not here: they are personal.
struct FlawedRow {
  uint64_t line = 0;
  std::vector<Flaw> flaws;

  /// Worse rows come first, then earlier ones.
  bool operator<(const FlawedRow& other) const {
    return flaws.size() != other.flaws.size() ? flaws.size() > other.flaws.size() : line < other.line;
  }
};

/// What a row of a batch of changes does.
enum class Change : uint8_t { kInsert, kUpdate, kDelete, kUntold };

/// A row whose key has one of the least hashes: batches of one dataset give the same rows, as far as they are there.
struct SampleRow {
  uint64_t hash = 0;
  Change change = Change::kInsert;
  std::vector<std::string> values;  ///< By field. Personal: they stay in memory, and are gone with the check.
  bool operator<(const SampleRow& other) const { return hash < other.hash; }
};

/// The first lines at which something occurs.
class FirstLines {
 public:
  void add(uint64_t line);
  void join(const FirstLines& other);
  const std::vector<uint64_t>& lines() const { return lines_; }  ///< Rising.

 private:
  std::vector<uint64_t> lines_;
};

struct FieldFigures {
  uint64_t values = 0;   ///< Rows that could have one.
  uint64_t missing = 0;  ///< Also where none is required.
  std::array<uint64_t, kRules> mistakes{};
  std::array<FirstLines, kRules> examples;
  Sketch different;
  // Of sound numbers.
  uint64_t numbers = 0;
  double sum = 0;
  double least = std::numeric_limits<double>::infinity();
  double most = -std::numeric_limits<double>::infinity();

  uint64_t mistaken() const;  ///< All rules but kMissing.
};

struct RuleFigures {
  uint64_t broken = 0;
  uint64_t unknown = 0;  ///< Something that it reads is missing or mistaken itself.
  FirstLines examples;
};

/// What was counted of some rows. Figures of parts joined, in any order, are the figures of the whole.
struct Figures {
  explicit Figures(const Standard& standard) : fields(standard.fields().size()), rules(standard.rules().size()) {}

  uint64_t rows = 0;
  uint64_t mistaken_rows = 0;
  uint64_t rejected_rows = 0;         ///< Readable, and yet not to be taken: no key, a key again, a rule that rejects.
  uint64_t repeated = 0;              ///< Rows whose key an earlier row has.
  std::array<uint64_t, 3> changes{};  ///< By Change.
  std::vector<FieldFigures> fields;
  std::vector<RuleFigures> rules;
  std::vector<FlawedRow> worst;   ///< A heap while it grows; sorted by sort().
  std::vector<SampleRow> sample;  ///< The same.

  void join(Figures&& other);
  /// Keeps the row if it is among the worst.
  bool is_among_worst(size_t flaws, uint64_t line) const;
  void keep_worst(FlawedRow row);
  bool is_in_sample(uint64_t hash) const;
  void keep_sample(SampleRow row);
  void sort();
};

}  // namespace zhili::ingest
