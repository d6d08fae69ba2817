#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "fuse/cluster.hpp"
#include "fuse/config.hpp"
#include "fuse/record_index.hpp"
#include "fuse/records.hpp"

namespace zhili::fuse {

enum class Verdict : uint8_t { kSame, kDifferent, kUndo };
std::string_view name_of(Verdict verdict);

/// A record as people name it.
struct RecordName {
  std::string source;
  std::string record;
  auto operator<=>(const RecordName&) const = default;
  std::string text() const { return source + ":" + record; }
};

/// What somebody decided about two records: one line of decisions.csv.
struct Decision {
  RecordName a;
  RecordName b;
  Verdict verdict = Verdict::kSame;
  std::string by;
  std::string time;
  std::string note;
  uint64_t line = 0;  ///< In its file; 0 for one that is not written yet.
};

/// Reads decisions.csv (columns source_a, record_a, source_b, record_b, decision; by, time and note may be missing) in
/// any encoding and with any delimiter that `table` knows. A file that does not exist, or is empty, holds no decision.
/// Errors: kInput with the line for an unknown decision, an empty name, a record paired with itself.
Result<std::vector<Decision>> read_decisions(const std::filesystem::path& path);

/// Adds a decision at the end of the file, which is made if it is missing; the other lines keep all their columns. The
/// file is replaced as a whole and durable when this returns. Two callers at the same time wait for each other.
Status append_decision(const std::filesystem::path& path, const Decision& decision);

/// The last decision on each pair, in order of the file; pairs whose last is "undo" are left out.
std::vector<Decision> standing_decisions(std::span<const Decision> all);

/// A decision that contradicts later ones, and was therefore not followed.
struct Contradiction {
  Decision decision;
  /// Records from one to the other, and whether each step was decided "same" (else "different"): a = b ≠ c.
  std::vector<RecordName> chain;
  std::vector<bool> same;
  std::string text() const;
};

/// Decisions as constraints for clustering.
struct ResolvedDecisions {
  Decided decided;
  std::vector<Decision> followed;
  std::vector<Contradiction> set_aside;
  std::vector<Decision> unknown;  ///< They name a source or record that is not there. They stay in the file.
};

/// Turns standing decisions into constraints that never contradict each other. Later decisions go first: one that can't
/// be true together with later ones is set aside. Records that a chain of "same" connects are all decided to be the
/// same (up to kClosure records).
ResolvedDecisions resolve_decisions(std::span<const Decision> standing, const Config& config, const RecordIndex& index);
/// The same with another way to find a record.
using FindRecord = std::function<std::optional<uint32_t>(uint32_t source, std::string_view record)>;
ResolvedDecisions resolve_decisions(std::span<const Decision> standing, const Config& config, const FindRecord& find);
inline constexpr size_t kClosure = 512;

/// How many of the decisions that were followed the clusters do not keep. Large groups may be cut before their
/// decisions are looked at; a run reports this number.
uint64_t count_broken(const Decided& decided, const Clusters& clusters);

}  // namespace zhili::fuse
