#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "audit/disk.hpp"
#include "audit/hash.hpp"
#include "audit/tile.hpp"
#include "base/result.hpp"

namespace zhili::audit {

/// How many entries a tree has, and their root.
struct TreeHead {
  uint64_t size = 0;
  Hash root;

  bool operator==(const TreeHead&) const = default;
};

/// Hashes that lead from an entry, or from an older tree, to a root; from the bottom up (RFC 6962, sections 2.1.1 and
/// 2.1.2). At most 2 × 64 of them.
using Proof = std::vector<Hash>;

/// Reads the tiles of a log and keeps those used last (limits::kTilesInMemory). Trusts the files: what it gives out
/// must be verified by who asks, against a signed checkpoint. Belongs to one thread at a time; the disk must outlive
/// it.
class TileReader {
 public:
  static Result<TileReader> create(const Disk& disk, HashKind kind);

  /// The root of the tree at an earlier or the present size. Errors: kNotFound where a tile is missing.
  Result<Hash> root(uint64_t tree_size) { return subtree(0, tree_size, tree_size); }
  /// Leads from entry `index` to the root of the tree of this size. Errors: kNotFound unless index < tree_size.
  Result<Proof> inclusion(uint64_t index, uint64_t tree_size);
  /// Leads from the tree of the old size to that of the new one. Errors: kNotFound unless old_size <= tree_size.
  Result<Proof> consistency(uint64_t old_size, uint64_t tree_size);
  /// The digest of one entry as the tree holds it.
  Result<Hash> leaf(uint64_t index, uint64_t tree_size) { return node(0, index, tree_size); }
  /// One entry. Errors: kNotFound unless index < tree_size.
  Result<std::string> entry(uint64_t index, uint64_t tree_size);
  /// All entries of one bundle of a tree of this size, from its left.
  Result<std::vector<std::string>> bundle(uint64_t index, uint64_t tree_size);
  /// The hashes of one tile, whether its file is partial or was replaced by a wider one.
  Result<std::vector<Hash>> hashes(const TileId& id) const;

  Hasher& hasher() { return hasher_; }

 private:
  struct Key {
    int level;
    uint64_t index;
    unsigned width;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    size_t operator()(const Key& key) const;
  };
  using Kept = std::list<std::pair<Key, Tile>>;

  TileReader(const Disk& disk, Hasher hasher) : disk_(&disk), hasher_(std::move(hasher)) {}
  Result<std::string> file(const TileId& id, uint64_t limit) const;
  Result<const Tile*> tile(int level, uint64_t index, uint64_t tree_size);
  Result<Hash> node(unsigned height, uint64_t index, uint64_t tree_size);
  Result<Hash> subtree(uint64_t begin, uint64_t end, uint64_t tree_size);
  Result<Proof> hashes_of(std::span<const std::pair<uint64_t, uint64_t>> ranges, uint64_t tree_size);

  const Disk* disk_;
  Hasher hasher_;
  Kept kept_;  ///< The one used last comes first.
  std::unordered_map<Key, Kept::iterator, KeyHash> where_;
};

/// Whether the proof leads from an entry's digest to the root. Errors: kInput.
Status verify_inclusion(Hasher& hasher, const TreeHead& head, uint64_t index, const Hash& leaf,
                        std::span<const Hash> proof);
/// Whether the proof shows that the new tree begins with the old one. Errors: kInput.
Status verify_consistency(Hasher& hasher, const TreeHead& old_head, const TreeHead& head, std::span<const Hash> proof);

/// What c2sp.org/tlog-proof puts into one text: an entry's place, its proof, and the checkpoint that it leads to.
struct ProofText {
  uint64_t index = 0;
  Proof proof;
  std::string checkpoint;  ///< A signed note.
};

std::string to_text(const ProofText& proof);
/// Errors: kInput.
Result<ProofText> parse_proof_text(std::string_view text);

}  // namespace zhili::audit
