#include "fuse/truth.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "base/hash.hpp"
#include "base/progress.hpp"
#include "fuse/links_file.hpp"
#include "fuse/union_find.hpp"
#include "table/reader.hpp"

namespace zhili::fuse {
namespace {

uint64_t key_of(uint32_t source, std::string_view id) { return hash_bytes(id, mix64(source)); }

constexpr std::array kSourceNames{"source",   "src",  "source_id", "source_dataset", "dataset",
                                  "register", "来源", "数据源",    "来源库"};
constexpr std::array kIdNames{"record_id", "recordid", "rec_id", "id",   "unique_id", "record",
                              "uid",       "记录编号", "记录号", "编号", "主键"};
constexpr std::array kEntityNames{"entity",    "entity_id",    "cluster",       "cluster_id", "truth",    "label",
                                  "person_id", "person",       "true_id",       "group",      "group_id", "实体",
                                  "实体编号",  "household_id", "enterprise_id", "place_id"};

/// Of a list of pairs: the columns of one side are these with "a" or "b" and their like behind them.
constexpr std::array kSideSourceNames{"source_", "source", "src_", "dataset_", "source_dataset_", "register_"};
constexpr std::array kSideIdNames{"record_", "record", "record_id_", "id_", "id", "rec_id_", "rec_id", "unique_id_"};
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kSides{
    {{"a", "b"}, {"1", "2"}, {"l", "r"}, {"left", "right"}}};
constexpr std::array kMatchNames{"decision", "match", "is_match", "label"};
constexpr std::array kDenials{"0", "different", "undo", "false", "no", "n"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

template <class Names>
std::optional<uint32_t> named(const std::vector<std::string>& header, const Names& names) {
  for (const std::string_view name : names) {
    for (uint32_t c = 0; c < header.size(); ++c) {
      if (lower(header[c]) == name) return c;
    }
  }
  return std::nullopt;
}

struct TruthColumns {
  std::optional<uint32_t> source;
  uint32_t id = 0;
  uint32_t entity = 0;
  bool by_name = false;
};

struct PairColumns {
  struct Side {
    std::optional<uint32_t> source;
    uint32_t id = 0;
    uint32_t default_source = 0;  ///< Where there is no column of sources.
  };
  std::array<Side, 2> sides;
  std::optional<uint32_t> match;
  bool by_name = true;
};

/// Numbers of sources by id.
using SourceIds = std::map<std::string, uint32_t, std::less<>>;

SourceIds source_numbers(const Config& config) {
  SourceIds out;
  for (uint32_t s = 0; s < config.sources.size(); ++s) out.emplace(config.sources[s].id, s);
  return out;
}

template <class Names>
std::optional<uint32_t> named_side(const std::vector<std::string>& header, const Names& names, std::string_view side) {
  std::vector<std::string> full;
  full.reserve(names.size());
  for (const std::string_view name : names) full.push_back(std::string(name) + std::string(side));
  return named(header, full);
}

/// The columns of a list of pairs; none where the file is no such list. `row` is the first row.
std::optional<PairColumns> pair_columns(const std::vector<std::string>& header, const std::vector<std::string>& row,
                                        const Config& config, const SourceIds& sources, const RecordKeys& index) {
  PairColumns out;
  out.match = named(header, kMatchNames);
  for (const auto& [a, b] : kSides) {
    const auto id_a = named_side(header, kSideIdNames, a);
    const auto id_b = named_side(header, kSideIdNames, b);
    if (!id_a || !id_b) continue;
    const auto source_a = named_side(header, kSideSourceNames, a);
    const auto source_b = named_side(header, kSideSourceNames, b);
    if (source_a.has_value() != source_b.has_value()) continue;
    if (!source_a && config.sources.size() > 2) continue;
    out.sides[0] = {source_a, *id_a, 0};
    out.sides[1] = {source_b, *id_b, config.sources.size() > 1 ? 1U : 0U};
    return out;
  }
  const auto by_order = [&](const std::vector<std::string>& cells) {
    return cells.size() >= 4 && sources.contains(cells[0]) && sources.contains(cells[2]);
  };
  const auto of_two_sources = [&](const std::vector<std::string>& cells) {
    return cells.size() >= 2 && config.sources.size() == 2 && index.find(0, cells[0]) != RecordKeys::kNone &&
           index.find(1, cells[1]) != RecordKeys::kNone;
  };
  out.by_name = false;
  if (by_order(row) || by_order(header)) {
    out.sides[0] = {0U, 1, 0};
    out.sides[1] = {2U, 3, 0};
    return out;
  }
  if (of_two_sources(row) || of_two_sources(header)) {
    out.sides[0] = {std::nullopt, 0, 0};
    out.sides[1] = {std::nullopt, 1, 1};
    return out;
  }
  return std::nullopt;
}

/// `first` is the first cell of the first row.
Result<TruthColumns> choose_columns(const std::vector<std::string>& header, std::string_view first,
                                    const Config& config, const SourceIds& sources, const Place& place) {
  const bool single = config.sources.size() == 1;
  const std::string_view way_out =
      "Give it the columns source,record_id,entity (with a single source record_id,entity will do), or for pairs "
      "source_a,record_a,source_b,record_b.";
  TruthColumns out;
  out.source = named(header, kSourceNames);
  auto id = named(header, kIdNames);
  for (const auto& source : config.sources) {
    // The source's own file may carry the truth in a further column.
    if (!source.record_id.empty() && !id) id = named(header, std::array{lower(source.record_id)});
  }
  const auto entity = named(header, kEntityNames);
  if (id && entity && *id != *entity && (single || out.source)) {
    out.id = *id;
    out.entity = *entity;
    out.by_name = true;
    return out;
  }
  if (header.size() < (single ? 2 : 3)) {
    return fail(ErrorCode::kInput, place, std::string(way_out), "the truth has {} columns ({}), which are too few",
                header.size(), fmt::join(header, ", "));
  }
  const bool with_source = !single || (header.size() >= 3 && (sources.contains(first) || sources.contains(header[0])));
  if (with_source) {
    if (!sources.contains(first) && !sources.contains(header[0])) {
      return fail(ErrorCode::kInput, place, std::string(way_out),
                  "the truth's columns ({}) can't be told: the first one is no source, its first value is \"{}\"",
                  fmt::join(header, ", "), first);
    }
    return TruthColumns{0U, 1, 2, false};
  }
  return TruthColumns{std::nullopt, 0, 1, false};
}

/// Takes the rows of a truth file in.
class TruthReader {
 public:
  TruthReader(const std::filesystem::path& path, const Config& config, const RecordKeys& index, Progress::Mode progress,
              Cancel& cancel)
      : path_(path),
        config_(config),
        index_(index),
        progress_(progress),
        cancel_(cancel),
        sources_(source_numbers(config)),
        connected_(index.size()) {}

  Result<Truth> run() {
    ZHILI_ASSIGN(auto reader, table::Reader::open(path_));
    labels_.assign(index_.size(), 0);
    Progress progress("Reading the truth", reader->bytes_total(), "bytes", progress_);
    table::Batch batch;
    bool begun = false;
    uint64_t bytes = 0;
    for (;;) {
      ZHILI_TRY(cancel_.check());
      ZHILI_ASSIGN(const bool more, reader->next(batch));
      if (!more) break;
      if (!begun) ZHILI_TRY(begin(reader->columns(), batch));
      begun = true;
      for (size_t row = 0; row < batch.rows(); ++row) {
        const auto cell = [&](uint32_t column) { return batch.cell(column, row); };
        ZHILI_TRY(pairs_ ? take_pair(*pairs_, cell) : take(cell, batch.line(row)));
      }
      progress.add(reader->bytes_done() - bytes);
      bytes = reader->bytes_done();
    }
    if (!begun) ZHILI_TRY(begin(reader->columns(), batch));
    if (out_.rows == out_.strangers) {
      return fail(ErrorCode::kInput, {path_.string(), 0, 0},
                  "The truth names records by the ids of the configuration's sources and of their record_id columns.",
                  "no row of the truth names a record of the run{}{} (read as {})",
                  out_.first_stranger.empty() ? "" : ", for example ", out_.first_stranger, out_.columns);
    }
    if (pairs_) {
      number_connected();
    } else {
      number_entities();
    }
    return std::move(out_);
  }

 private:
  Status begin(const std::vector<std::string>& header, const table::Batch& batch) {
    std::vector<std::string> row(header.size());
    for (uint32_t c = 0; c < header.size() && batch.rows() > 0; ++c) row[c] = batch.cell(c, 0);
    pairs_ = pair_columns(header, row, config_, sources_, index_);
    const auto cell = [&](uint32_t column) { return std::string_view(header[column]); };
    if (pairs_) {
      out_.of_pairs = true;
      for (const auto& side : pairs_->sides) {
        if (side.source) out_.columns += header[*side.source] + ", ";
        out_.columns += header[side.id] + (&side == pairs_->sides.data() ? ", " : "");
      }
      // A file without a header: its first row is data.
      const bool data = !pairs_->by_name && record(pairs_->sides[0], cell) != RecordKeys::kNone;
      if (!data) return {};
      out_.columns = pairs_->sides[0].source ? "source, record id, source, record id" : "record id, record id";
      return take_pair(*pairs_, cell);
    }
    ZHILI_ASSIGN(columns_,
                 choose_columns(header, row.empty() ? "" : row[0], config_, sources_, {path_.string(), 1, 0}));
    if (columns_.source) out_.columns = header[*columns_.source] + ", ";
    out_.columns += header[columns_.id] + ", " + header[columns_.entity];
    if (columns_.by_name || record({columns_.source, columns_.id, 0}, cell) == RecordKeys::kNone) return {};
    out_.columns = columns_.source ? "source, record id, entity" : "record id, entity";
    return take(cell, 1);
  }

  /// The record that a row names; `cell` gives the row's cells.
  template <class Cell>
  uint32_t record(const PairColumns::Side& side, const Cell& cell) const {
    uint32_t source = side.default_source;
    if (side.source) {
      const auto found = sources_.find(cell(*side.source));
      if (found == sources_.end()) return RecordKeys::kNone;
      source = found->second;
    }
    return index_.find(source, cell(side.id));
  }

  template <class Cell>
  void note_stranger(const PairColumns::Side& side, const Cell& cell) {
    if (out_.strangers++ > 0) return;
    out_.first_stranger =
        side.source ? fmt::format("{}:{}", cell(*side.source), cell(side.id)) : std::string(cell(side.id));
  }

  template <class Cell>
  Status take_pair(const PairColumns& columns, const Cell& cell) {
    if (columns.match && std::ranges::find(kDenials, lower(cell(*columns.match))) != kDenials.end()) return {};
    ++out_.rows;
    std::array<uint32_t, 2> records{};
    for (size_t i = 0; i < records.size(); ++i) {
      records[i] = record(columns.sides[i], cell);
      if (records[i] != RecordKeys::kNone) continue;
      note_stranger(columns.sides[i], cell);
      return {};
    }
    connected_.join(records[0], records[1]);
    return {};
  }

  template <class Cell>
  Status take(const Cell& cell, uint64_t line) {
    const std::string_view entity = cell(columns_.entity);
    if (entity.empty()) return {};
    ++out_.rows;
    const PairColumns::Side side{columns_.source, columns_.id, 0};
    const uint32_t r = record(side, cell);
    if (r == RecordKeys::kNone) {
      note_stranger(side, cell);
      return {};
    }
    const uint64_t label = hash_bytes(entity) | 1;  // 0 stands for "no label".
    if (labels_[r] != 0 && labels_[r] != label) {
      const auto name =
          side.source ? fmt::format("{}:{}", cell(*side.source), cell(side.id)) : std::string(cell(side.id));
      return fail(ErrorCode::kInput, {path_.string(), line, 0}, "A record belongs to one entity: keep one of the rows.",
                  "record {} is given a second entity, \"{}\"", name, entity);
    }
    if (labels_[r] == 0) ++out_.labelled;
    labels_[r] = label;
    return {};
  }

  void number_connected() {
    out_.labelled = labels_.size();
    out_.entity.assign(labels_.size(), kUnlabelled);
    for (uint32_t r = 0; r < out_.entity.size(); ++r) {
      const uint32_t root = connected_.root(r);
      out_.entity[r] = root == r ? out_.entities++ : out_.entity[root];
    }
  }

  void number_entities() {
    auto distinct = labels_;
    std::ranges::sort(distinct);
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    if (!distinct.empty() && distinct.front() == 0) distinct.erase(distinct.begin());
    out_.entities = static_cast<uint32_t>(distinct.size());
    out_.entity.assign(labels_.size(), kUnlabelled);
    for (size_t r = 0; r < labels_.size(); ++r) {
      if (labels_[r] == 0) continue;
      out_.entity[r] = static_cast<uint32_t>(std::ranges::lower_bound(distinct, labels_[r]) - distinct.begin());
    }
  }

  const std::filesystem::path& path_;
  const Config& config_;
  const RecordKeys& index_;
  Progress::Mode progress_;
  Cancel& cancel_;
  SourceIds sources_;
  TruthColumns columns_;
  std::optional<PairColumns> pairs_;  ///< Set for a list of pairs.
  UnionFind connected_;               // Records that pairs connect.
  std::vector<uint64_t> labels_;
  Truth out_;
};

}  // namespace

RecordKeys::RecordKeys(const Records& records) {
  entries_.reserve(records.size());
  for (uint64_t r = 0; r < records.size(); ++r) add(records.source(r), records.id(r));
  seal();
}

void RecordKeys::add(uint32_t source, std::string_view id) {
  entries_.push_back({key_of(source, id), static_cast<uint32_t>(entries_.size())});
}

void RecordKeys::seal() { std::ranges::sort(entries_, {}, &Entry::key); }

uint32_t RecordKeys::find(uint32_t source, std::string_view id) const {
  const uint64_t key = key_of(source, id);
  const auto found = std::ranges::lower_bound(entries_, key, {}, &Entry::key);
  return found == entries_.end() || found->key != key ? kNone : found->record;
}

Result<Truth> read_truth(const std::filesystem::path& path, const Config& config, const RecordKeys& index,
                         Progress::Mode progress, Cancel& cancel) {
  return TruthReader(path, config, index, progress, cancel).run();
}

Result<Links> read_links(const std::filesystem::path& dir, const Config& config, Progress::Mode progress,
                         Cancel& cancel) {
  const auto sources = source_numbers(config);
  Links out;
  std::vector<uint64_t> labels;
  ZHILI_TRY(read_links_file(dir, progress, cancel, [&](const Link& link) -> Status {
    const auto source = sources.find(link.source);
    if (source == sources.end()) {
      return fail(ErrorCode::kInput, {(dir / "links.csv").string(), link.line, 0},
                  "The configuration has changed since the run: run it again.",
                  "links.csv names the source \"{}\", which the configuration does not have", link.source);
    }
    out.index.add(source->second, link.record);
    out.source.push_back(static_cast<uint16_t>(source->second));
    labels.push_back(hash_bytes(link.entity));
    return {};
  }));
  out.index.seal();
  auto distinct = labels;
  std::ranges::sort(distinct);
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  out.entities = static_cast<uint32_t>(distinct.size());
  out.entity.reserve(labels.size());
  for (const uint64_t label : labels) {
    out.entity.push_back(static_cast<uint32_t>(std::ranges::lower_bound(distinct, label) - distinct.begin()));
  }
  return out;
}

}  // namespace zhili::fuse
