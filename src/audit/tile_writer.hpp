#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/disk.hpp"
#include "audit/hash.hpp"
#include "audit/proof.hpp"
#include "audit/tile.hpp"
#include "base/result.hpp"

namespace zhili::audit {

inline constexpr const char* kCheckpointPath = "checkpoint";

/// Appends entries to the files of a log. What the published checkpoint covers is never touched again, so the power may
/// fail at any step: the checkpoint that is then on the disk still has all its files, and opening removes what lies
/// beyond it. Belongs to one thread at a time; the disk must outlive it, and no other process may write to it.
class TileWriter {
 public:
  /// Opens the log where its published and verified checkpoint stands (size 0 where there is none). Removes files of
  /// entries beyond it. Errors: kInput where the files do not give the root of `published`.
  static Result<TileWriter> open(Disk& disk, HashKind kind, const TreeHead& published);

  /// Adds the entries and makes their files durable. Nothing has happened when it fails: call it again, or open anew.
  /// Errors: kLimit for an entry longer than limits::kLogEntryBytes, or where more than limits::kLogAhead entries
  /// would lie beyond the published checkpoint.
  Result<TreeHead> append(std::span<const std::string_view> entries);
  /// Makes `checkpoint`, a signed note over `head()`, the log's present one; then removes partial files that full ones
  /// have replaced.
  Status publish(std::string_view checkpoint);

  /// The tree with all that was appended.
  TreeHead head() const { return {size_, root_}; }
  uint64_t published_size() const { return published_; }

 private:
  /// The right edge of the tree: the hashes of each level's last tile, and the last bundle.
  struct Edge {
    std::array<std::vector<Hash>, kTopLevel + 1> hashes;
    std::string bundle;
    unsigned bundle_entries = 0;
  };
  struct Batch;

  TileWriter(Disk& disk, Hasher hasher) : disk_(&disk), hasher_(std::move(hasher)) {}
  Status load_edge();
  Status remove_beyond(int level);
  Status remove_partials(const TileId& id, unsigned above_width);
  void add_leaf(std::string_view entry, Edge& edge, uint64_t& size, Batch& batch);
  void add_partials(const Edge& edge, uint64_t size, Batch& batch) const;
  Status store(const Batch& batch);
  Status make_directories(const std::string& path);
  Hash root_of(const Edge& edge);

  Disk* disk_;
  Hasher hasher_;
  uint64_t size_ = 0;
  uint64_t published_ = 0;
  Hash root_;
  Edge edge_;
  std::vector<TileId> replaced_;       ///< Full tiles whose partial forms may go when a checkpoint is published.
  std::set<std::string> directories_;  ///< Known to be there, and durable.
};

}  // namespace zhili::audit
