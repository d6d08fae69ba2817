#include "audit/tile_writer.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/limits.hpp"

namespace zhili::audit {
namespace {

// Files are written here and then renamed into place; a log that was cut off leaves nothing elsewhere.
constexpr const char* kStaging = ".staging";
constexpr uint64_t kAheadTiles = limits::kLogAhead / kTileWidth + 1;

std::string parent_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

std::string staged(size_t number) { return fmt::format("{}/{}", kStaging, number); }

}  // namespace

struct TileWriter::Batch {
  std::vector<std::pair<TileId, std::string>> files;
  std::array<uint64_t, kTopLevel + 1> changed{};  ///< Hashes added to each level.

  void add(const TileId& id, const std::vector<Hash>& hashes) {
    std::string bytes;
    bytes.reserve(hashes.size() * Hash::kBytes);
    for (const Hash& hash : hashes) bytes += hash.view();
    files.emplace_back(id, std::move(bytes));
  }
};

Result<TileWriter> TileWriter::open(Disk& disk, HashKind kind, const TreeHead& published) {
  ZHILI_ASSIGN(Hasher hasher, Hasher::create(kind));
  TileWriter writer(disk, std::move(hasher));
  writer.size_ = writer.published_ = published.size;
  ZHILI_TRY(disk.make_directory(kStaging));
  ZHILI_ASSIGN(const auto left_over, disk.list(kStaging));
  for (const std::string& name : left_over) ZHILI_TRY(disk.remove(fmt::format("{}/{}", kStaging, name)));
  ZHILI_TRY(writer.load_edge());
  writer.root_ = writer.root_of(writer.edge_);
  if (writer.root_ != published.root) {
    return fail(ErrorCode::kInput, {kCheckpointPath, 0, 0}, "Run 'zhili audit verify' to see which file is wrong.",
                "the log's tiles do not give the root of its checkpoint");
  }
  for (int level = TileId::kEntries; level <= kTopLevel; ++level) ZHILI_TRY(writer.remove_beyond(level));
  // A checkpoint that a stopped process put in place but did not make durable must not vanish under us.
  ZHILI_TRY(disk.sync_directory(""));
  return writer;
}

Status TileWriter::load_edge() {
  ZHILI_ASSIGN(TileReader reader, TileReader::create(*disk_, hasher_.kind()));
  for (int level = 0; level <= kTopLevel; ++level) {
    const uint64_t tiles = tile_count(level, size_);
    if (tiles == 0) continue;
    const unsigned width = tile_width(level, tiles - 1, size_);
    if (width == kTileWidth) continue;  // The next hash begins a new tile.
    ZHILI_ASSIGN(edge_.hashes[static_cast<size_t>(level)], reader.hashes({level, tiles - 1, width}));
  }
  const auto width = static_cast<unsigned>(size_ % kTileWidth);
  if (width == 0) return {};
  ZHILI_ASSIGN(const auto entries, reader.bundle(size_ / kTileWidth, size_));
  for (size_t i = 0; i < entries.size(); ++i) {
    if (hasher_.leaf(entries[i]) != edge_.hashes[0][i]) {
      const TileId id{TileId::kEntries, size_ / kTileWidth, width};
      return fail(ErrorCode::kInput, {id.path(), 0, 0}, "Run 'zhili audit verify' to see which file is wrong.",
                  "entry {} does not have the digest that the tree holds", size_ - width + i);
    }
    add_to_bundle(edge_.bundle, entries[i]);
  }
  edge_.bundle_entries = width;
  return {};
}

Hash TileWriter::root_of(const Edge& edge) {
  // Each level's hashes stand left of everything below them, so the root folds in from the lowest level up.
  std::vector<Hash> carried;
  for (const auto& level : edge.hashes) {
    // The hashes of a level join in pairs; what is left alone meets what came from below at the height where the tree
    // splits, as Hasher::root has it for a row whose last element is lower than the others.
    std::vector<Hash> row = level;
    row.insert(row.end(), carried.begin(), carried.end());
    if (row.empty()) continue;
    carried = {hasher_.root(std::move(row))};
  }
  return carried.empty() ? hasher_.empty() : carried[0];
}

Status TileWriter::remove_partials(const TileId& id, unsigned above_width) {
  const std::string directory = id.partials_path();
  ZHILI_ASSIGN(const auto names, disk_->list(directory));
  if (names.empty()) return {};
  size_t removed = 0;
  for (const std::string& name : names) {
    unsigned width = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), width);
    if (parsed.ec != std::errc{} || width <= above_width) continue;
    ZHILI_TRY(disk_->remove(fmt::format("{}/{}", directory, name)));
    ++removed;
  }
  if (removed < names.size()) return {};
  directories_.erase(directory);
  return disk_->remove(directory);
}

/// Looks as far as a batch can have reached: right of the tree for what was never published, and left of its edge for
/// partial files that a stopped process left beside full ones.
Status TileWriter::remove_beyond(int level) {
  constexpr uint64_t kFilesInDirectory = 1000;
  const unsigned height = kTileHeight * static_cast<unsigned>(std::max(level, 0));
  const uint64_t edge = (size_ >> height) / kTileWidth;
  const uint64_t reach = (kAheadTiles >> height) + 1;
  for (uint64_t thousand = (edge - std::min(edge, reach)) / kFilesInDirectory;
       thousand <= (edge + reach) / kFilesInDirectory; ++thousand) {
    const std::string directory = parent_of(TileId{level, thousand * kFilesInDirectory, kTileWidth}.path());
    ZHILI_ASSIGN(const auto names, disk_->list(directory));
    for (const std::string& name : names) {
      const bool partials = name.ends_with(".p");
      const auto id = parse_tile_path(fmt::format("{}/{}{}", directory, name, partials ? "/1" : ""));
      if (!id) continue;  // A directory of further thousands.
      if (partials) {
        ZHILI_TRY(remove_partials(id->full(), id->index < edge ? 0 : tile_width(level, id->index, size_)));
      } else if (id->index >= edge) {
        ZHILI_TRY(disk_->remove(id->path()));
      }
    }
  }
  return {};
}

void TileWriter::add_leaf(std::string_view entry, Edge& edge, uint64_t& size, Batch& batch) {
  add_to_bundle(edge.bundle, entry);
  if (++edge.bundle_entries == kTileWidth) {
    batch.files.emplace_back(TileId{TileId::kEntries, size / kTileWidth, kTileWidth}, std::exchange(edge.bundle, {}));
    edge.bundle_entries = 0;
  }
  Hash hash = hasher_.leaf(entry);
  for (size_t level = 0; level < edge.hashes.size(); ++level) {
    auto& row = edge.hashes[level];
    row.push_back(hash);
    ++batch.changed[level];
    if (row.size() < kTileWidth) break;
    const uint64_t index = size >> (kTileHeight * (level + 1));
    batch.add({static_cast<int>(level), index, kTileWidth}, row);
    hash = hasher_.root(std::exchange(row, {}));
  }
  ++size;
}

void TileWriter::add_partials(const Edge& edge, uint64_t size, Batch& batch) const {
  if (edge.bundle_entries > 0) {
    batch.files.emplace_back(TileId{TileId::kEntries, size / kTileWidth, edge.bundle_entries}, edge.bundle);
  }
  for (size_t level = 0; level < edge.hashes.size(); ++level) {
    const auto& row = edge.hashes[level];
    if (row.empty() || batch.changed[level] == 0) continue;
    batch.add({static_cast<int>(level), size >> (kTileHeight * (level + 1)), static_cast<unsigned>(row.size())}, row);
  }
}

Result<TreeHead> TileWriter::append(std::span<const std::string_view> entries) {
  if (size_ - published_ + entries.size() > limits::kLogAhead) {
    return fail(ErrorCode::kLimit, {}, "Publish a checkpoint, or append fewer at a time.",
                "{} entries would lie beyond the checkpoint; the limit is {}", size_ - published_ + entries.size(),
                limits::kLogAhead);
  }
  for (const std::string_view entry : entries) {
    if (entry.size() <= limits::kLogEntryBytes) continue;
    return fail(ErrorCode::kLimit, {}, "", "an entry has {} bytes; the limit is {}", entry.size(),
                limits::kLogEntryBytes);
  }
  if (entries.empty()) return head();
  Edge edge = edge_;
  uint64_t size = size_;
  Batch batch;
  for (const std::string_view entry : entries) add_leaf(entry, edge, size, batch);
  add_partials(edge, size, batch);
  ZHILI_TRY(store(batch));
  for (const auto& [id, bytes] : batch.files) {
    if (!id.partial()) replaced_.push_back(id);
  }
  edge_ = std::move(edge);
  size_ = size;
  root_ = root_of(edge_);
  return head();
}

Status TileWriter::make_directories(const std::string& path) {
  if (path.empty() || directories_.contains(path)) return {};
  const std::string parent = parent_of(path);
  ZHILI_TRY(make_directories(parent));
  ZHILI_TRY(disk_->make_directory(path));
  // Also where it was there: the process that made it may have ended before it was durable.
  ZHILI_TRY(disk_->sync_directory(parent));
  directories_.insert(path);
  return {};
}

Status TileWriter::store(const Batch& batch) {
  std::vector<std::string> temporary;
  temporary.reserve(batch.files.size());
  for (const auto& [id, bytes] : batch.files) {
    temporary.push_back(staged(temporary.size()));
    ZHILI_TRY(disk_->write(temporary.back(), bytes));
  }
  ZHILI_TRY(disk_->sync_files(temporary));
  std::set<std::string> touched;
  for (size_t i = 0; i < batch.files.size(); ++i) {
    const std::string path = batch.files[i].first.path();
    const std::string directory = parent_of(path);
    ZHILI_TRY(make_directories(directory));
    ZHILI_TRY(disk_->rename(temporary[i], path));
    touched.insert(directory);
  }
  for (const std::string& directory : touched) ZHILI_TRY(disk_->sync_directory(directory));
  return {};
}

Status TileWriter::publish(std::string_view checkpoint) {
  const std::string temporary = staged(0);
  ZHILI_TRY(disk_->write(temporary, checkpoint));
  ZHILI_TRY(disk_->sync_files(std::span(&temporary, 1)));
  ZHILI_TRY(disk_->rename(temporary, kCheckpointPath));
  ZHILI_TRY(disk_->sync_directory(""));
  published_ = size_;
  // The checkpoint stands. What can't be removed now is in nobody's way, and goes with the next one.
  std::erase_if(replaced_, [this](const TileId& id) { return remove_partials(id, 0).has_value(); });
  return {};
}

}  // namespace zhili::audit
