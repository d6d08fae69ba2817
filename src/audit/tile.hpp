#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/hash.hpp"
#include "base/result.hpp"

/// The files of a log, as c2sp.org/tlog-tiles lays them out: a tile holds 256 hashes, each of a perfect subtree of
/// 256^level entries; a bundle holds the 256 entries below a tile of level 0. The last ones of a tree hold fewer.
namespace zhili::audit {

inline constexpr unsigned kTileWidth = 256;
inline constexpr unsigned kTileHeight = 8;
inline constexpr int kTopLevel = 7;  ///< 256^8 entries are more than 64 bits count.

/// One file of a log.
struct TileId {
  static constexpr int kEntries = -1;  ///< The level that stands for bundles.

  int level = 0;                ///< kEntries, or 0 to kTopLevel.
  uint64_t index = 0;           ///< From the left, within its level.
  unsigned width = kTileWidth;  ///< Hashes or entries in it, 1 to 256; below 256 it is partial.

  bool operator==(const TileId&) const = default;
  bool partial() const { return width < kTileWidth; }
  TileId full() const { return {level, index, kTileWidth}; }
  /// "tile/1/x001/234", "tile/entries/000.p/17".
  std::string path() const;
  /// The directory that holds the partial forms of this tile: "tile/0/001.p".
  std::string partials_path() const;
};

/// The file that a path names, if it is written exactly as `path()` writes it.
std::optional<TileId> parse_tile_path(std::string_view path);

/// How many tiles of a level a tree of this size has, the partial one included.
uint64_t tile_count(int level, uint64_t tree_size);
/// How wide a tile of a tree of this size is; 0 where the tree has no such tile.
unsigned tile_width(int level, uint64_t index, uint64_t tree_size);

/// Appends an entry to a bundle: its length as 16 bits, the high byte first, then its bytes. The entry has at most
/// limits::kLogEntryBytes.
void add_to_bundle(std::string& bundle, std::string_view entry);
/// The entries of a bundle; they view its bytes. Fails where it does not hold exactly `width` entries. `path` is for
/// the error.
Result<std::vector<std::string_view>> split_bundle(std::string_view bundle, unsigned width, const std::string& path);

/// The hashes of a tile with all nodes above them that are whole.
class Tile {
 public:
  Tile(Hasher& hasher, std::span<const Hash> hashes);

  unsigned width() const { return width_; }
  /// The node of that height over the tile's hashes 2^height × index and on; it must lie within the tile.
  const Hash& node(unsigned height, uint64_t index) const { return nodes_[starts_[height] + index]; }

 private:
  unsigned width_;
  std::array<uint16_t, kTileHeight + 1> starts_{};
  std::vector<Hash> nodes_;
};

}  // namespace zhili::audit
