#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "config/yaml.hpp"
#include "fuse/key_part.hpp"
#include "fuse/semantic_type.hpp"
#include "table/reader.hpp"
#include "text/date.hpp"

/// The configuration of a fusing run, as docs/fuse.md describes it.
namespace zhili::fuse {

inline constexpr uint32_t kNoAttribute = UINT32_MAX;

/// Which golden value wins where the records of an entity differ.
enum class Survivorship : uint8_t { kTrust, kNewest, kVote };

/// kLink: pairs across sources only. kDedupe: pairs within one source only.
enum class LinkMode : uint8_t { kBoth, kLink, kDedupe };

using config::Mark;

/// One level of a graded comparison. Levels are tried in order; what meets none falls on the implicit last one.
struct Level {
  Measure measure = Measure::kExact;
  double value = 0;                         ///< See MeasureValue.
  std::string part;                         ///< For kSamePart.
  uint32_t other_attribute = kNoAttribute;  ///< For kSwapped and kKilometres.
  std::string text;                         ///< "jaro_winkler 0.92", "swapped given", "exact".
};

/// Something that records of an entity have in common, whatever their sources call it.
struct Attribute {
  std::string name;
  SemanticType type = SemanticType::kText;
  NamePart part = NamePart::kFull;
  text::DateOrder order = text::DateOrder::kYearFirst;
  bool compare = true;                 ///< False: carried into the golden record (and usable in blocking), not scored.
  std::optional<bool> term_frequency;  ///< None: as its type does.
  std::vector<Level> levels;           ///< Empty: the type's default.
  Survivorship survivorship = Survivorship::kVote;
  /// Two different valid values cannot belong to one entity.
  bool identifying = false;
  /// The attribute that makes a pair with this one: latitude and longitude, given and family name. The longitude of a
  /// pair has compare = false, since the latitude's comparison covers both.
  uint32_t partner = kNoAttribute;
  Mark mark;
};

struct Source {
  std::string id;
  /// Absolute, or relative to the working directory. For Parquet it may be a pattern.
  std::filesystem::path file;
  table::Format format = table::Format::kAuto;
  table::Encoding encoding = table::Encoding::kAuto;
  char delimiter = '\0';  ///< '\0': found from the file.
  std::string record_id;  ///< Column; empty: the record's line number is its id.
  std::string updated;    ///< Column with the record's own time; may be empty.
  std::string dataset;    ///< Of the catalogue, whose batches bring its records from then on; may be empty.
  bool unique = false;    ///< No two of its records are one entity.
  double trust = 0;       ///< 0 to 100; more is trusted more.
  /// By attribute: the columns that hold it, in order, joined by `joiner`. Empty: see `bind_columns`.
  std::vector<std::vector<std::string>> columns;
  Mark mark;
  Mark file_mark;
  Mark record_id_mark;
  Mark updated_mark;
  std::vector<Mark> column_marks;  ///< By attribute; line 0 where `columns` does not name it.
};

struct Config {
  std::filesystem::path path;
  std::vector<Source> sources;
  std::vector<Attribute> attributes;
  LinkMode link = LinkMode::kBoth;
  std::vector<std::pair<uint32_t, uint32_t>> one_to_one;  ///< Sources; first < second.
  std::vector<BlockingRule> blocking;                     ///< Empty: proposed from the data.
  double threshold = 0.5;                                 ///< Match probability from which a pair is one entity.
  double review_low = 0.1;                                ///< Pairs between the two go to the review list.
  double review_high = 0.9;
  uint64_t max_block = 1000;            ///< Records of one block; a larger one is split or reported.
  uint64_t max_pairs = 20'000'000'000;  ///< Candidate pairs of one run.
  uint64_t seed = 1;
  double max_reject_share = 0.01;  ///< Share of a source's rows that may be unreadable.
  std::optional<std::filesystem::path> divisions;
  std::optional<std::filesystem::path> decisions;
  std::optional<std::filesystem::path> labels;
  std::optional<std::filesystem::path> model;

  /// Number of the attribute, kNoAttribute if there is none of that name.
  uint32_t find_attribute(std::string_view name) const;
  /// Number of the source; none if there is none of that id.
  std::optional<uint32_t> find_source(std::string_view id) const;
  Place place(Mark mark) const { return {path.string(), mark.line, mark.column}; }
};

/// Reads the file and checks it, and that the files it names exist. Relative paths in it start at `data_dir`, or where
/// that is empty at the configuration's own directory. Errors: kConfig with up to 10 mistakes, kIo, kInput for a
/// missing data file.
Result<Config> load_config(const std::filesystem::path& path, const std::filesystem::path& data_dir = {});

/// The same from bytes; touches no file.
Result<Config> parse_config(std::string_view yaml, const std::filesystem::path& path = {},
                            const std::filesystem::path& data_dir = {});

/// Where one source keeps what the configuration asks for: numbers of its columns, from 0.
struct ColumnBinding {
  std::vector<std::vector<uint32_t>> columns;  ///< By attribute, in the order to join; empty: not in this source.
  std::optional<uint32_t> record_id;           ///< None: the line number.
  std::optional<uint32_t> updated;
};

/// Finds the columns of each source in its header; `headers` has one entry a source. An attribute that `columns` of a
/// source does not name is looked up under its own name, and may be absent if another source has it. Blanks around
/// header cells do not count. Errors: kConfig with up to 10 mistakes, at their place in the configuration.
Result<std::vector<ColumnBinding>> bind_columns(const Config& config,
                                                std::span<const std::vector<std::string>> headers);

/// The same for one source. What is said of files is said of whatever the header is of.
Result<ColumnBinding> bind_source(const Config& config, uint32_t source, const std::vector<std::string>& header);

/// What stands between the columns that make up one value: nothing in Chinese text and numbers, '-' in dates, else a
/// space. Empty columns are left out, and the joiner with them.
std::string_view joiner(SemanticType type);
/// Adds a column's cell to those before it.
void join_cell(std::string& joined, SemanticType type, std::string_view cell);

/// Ids of the sources, in their order.
std::vector<std::string> source_ids(const Config& config);

std::string_view name_of(Survivorship rule);
std::string_view name_of(LinkMode mode);

}  // namespace zhili::fuse
