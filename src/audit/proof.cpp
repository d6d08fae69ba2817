#include "audit/proof.hpp"

#include <algorithm>
#include <bit>
#include <charconv>

#include "base/base64.hpp"
#include "base/limits.hpp"
#include "base/random.hpp"

namespace zhili::audit {
namespace {

using Range = std::pair<uint64_t, uint64_t>;  // Entries [first, second).

constexpr std::string_view kProofTitle = "c2sp.org/tlog-proof@v1";
constexpr size_t kMostProofHashes = 128;

/// The largest power of two below n; n > 1.
uint64_t split_at(uint64_t n) { return std::bit_floor(n - 1); }

std::vector<Range> inclusion_ranges(uint64_t index, uint64_t tree_size) {
  std::vector<Range> ranges;
  uint64_t begin = 0;
  uint64_t end = tree_size;
  while (end - begin > 1) {
    const uint64_t middle = begin + split_at(end - begin);
    if (index < middle) {
      ranges.emplace_back(middle, end);
      end = middle;
    } else {
      ranges.emplace_back(begin, middle);
      begin = middle;
    }
  }
  std::ranges::reverse(ranges);
  return ranges;
}

std::vector<Range> consistency_ranges(uint64_t old_size, uint64_t tree_size) {
  std::vector<Range> ranges;
  if (old_size == 0 || old_size == tree_size) return ranges;
  uint64_t begin = 0;
  uint64_t end = tree_size;
  // The old tree ends within [begin, end); the old root itself need not be told while we are on the left edge.
  while (old_size != end) {
    const uint64_t middle = begin + split_at(end - begin);
    if (old_size <= middle) {
      ranges.emplace_back(middle, end);
      end = middle;
    } else {
      ranges.emplace_back(begin, middle);
      begin = middle;
    }
  }
  if (begin != 0) ranges.emplace_back(begin, end);
  std::ranges::reverse(ranges);
  return ranges;
}

std::unexpected<Error> wrong(std::string message) { return fail(ErrorCode::kInput, {}, "", "{}", message); }

}  // namespace

size_t TileReader::KeyHash::operator()(const Key& key) const {
  return mix64(key.index ^ (static_cast<uint64_t>(key.level + 1) << 48) ^ (uint64_t{key.width} << 54));
}

Result<TileReader> TileReader::create(const Disk& disk, HashKind kind) {
  ZHILI_ASSIGN(Hasher hasher, Hasher::create(kind));
  return TileReader(disk, std::move(hasher));
}

Result<std::string> TileReader::file(const TileId& id, uint64_t limit) const {
  auto bytes = disk_->read(id.path(), limit);
  // A partial file goes when the full one is there, so the full one is the second place to look in.
  if (!bytes && bytes.error().code == ErrorCode::kNotFound && id.partial()) {
    auto full = disk_->read(id.full().path(), limit);
    if (full) return full;
  }
  return bytes;
}

Result<std::vector<Hash>> TileReader::hashes(const TileId& id) const {
  constexpr size_t kFullBytes = size_t{kTileWidth} * Hash::kBytes;
  ZHILI_ASSIGN(const std::string bytes, file(id, kFullBytes));
  const size_t expected = size_t{id.width} * Hash::kBytes;
  if (bytes.size() != expected && bytes.size() != kFullBytes) {
    return fail(ErrorCode::kInput, {id.path(), 0, 0}, "", "has {} bytes, not {}", bytes.size(), expected);
  }
  std::vector<Hash> out(id.width);
  for (size_t i = 0; i < out.size(); ++i) out[i] = Hash::of(std::string_view(bytes).substr(i * Hash::kBytes));
  return out;
}

Result<const Tile*> TileReader::tile(int level, uint64_t index, uint64_t tree_size) {
  const Key key{level, index, tile_width(level, index, tree_size)};
  if (const auto found = where_.find(key); found != where_.end()) {
    kept_.splice(kept_.begin(), kept_, found->second);
    return &found->second->second;
  }
  ZHILI_ASSIGN(const auto read, hashes({level, index, key.width}));
  if (kept_.size() >= limits::kTilesInMemory) {
    where_.erase(kept_.back().first);
    kept_.pop_back();
  }
  kept_.emplace_front(key, Tile(hasher_, read));
  where_[key] = kept_.begin();
  return &kept_.front().second;
}

Result<Hash> TileReader::node(unsigned height, uint64_t index, uint64_t tree_size) {
  const unsigned level = height / kTileHeight;
  const unsigned within = height % kTileHeight;
  const uint64_t tile_index = index >> (kTileHeight - within);
  ZHILI_ASSIGN(const Tile* holder, tile(static_cast<int>(level), tile_index, tree_size));
  return holder->node(within, index & ((uint64_t{1} << (kTileHeight - within)) - 1));
}

Result<Hash> TileReader::subtree(uint64_t begin, uint64_t end, uint64_t tree_size) {
  // Perfect subtrees from left to right, each lower than the one before it; then joined from the right.
  std::vector<Hash> parts;
  while (begin < end) {
    const int fits = std::bit_width(end - begin) - 1;
    const int aligned = begin == 0 ? fits : std::countr_zero(begin);
    const auto height = static_cast<unsigned>(std::min(fits, aligned));
    ZHILI_ASSIGN(const Hash part, node(height, begin >> height, tree_size));
    parts.push_back(part);
    begin += uint64_t{1} << height;
  }
  if (parts.empty()) return hasher_.empty();
  Hash joined = parts.back();
  for (size_t i = parts.size() - 1; i-- > 0;) joined = hasher_.node(parts[i], joined);
  return joined;
}

Result<Proof> TileReader::hashes_of(std::span<const Range> ranges, uint64_t tree_size) {
  Proof proof;
  for (const auto& [begin, end] : ranges) {
    ZHILI_ASSIGN(const Hash hash, subtree(begin, end, tree_size));
    proof.push_back(hash);
  }
  return proof;
}

Result<Proof> TileReader::inclusion(uint64_t index, uint64_t tree_size) {
  if (index >= tree_size) {
    return fail(ErrorCode::kNotFound, {}, "Entries count from 0.", "there is no entry {} in a tree of {}", index,
                tree_size);
  }
  return hashes_of(inclusion_ranges(index, tree_size), tree_size);
}

Result<Proof> TileReader::consistency(uint64_t old_size, uint64_t tree_size) {
  if (old_size > tree_size) {
    return fail(ErrorCode::kNotFound, {}, "", "a tree of {} entries holds no tree of {}", tree_size, old_size);
  }
  return hashes_of(consistency_ranges(old_size, tree_size), tree_size);
}

Result<std::vector<std::string>> TileReader::bundle(uint64_t index, uint64_t tree_size) {
  const TileId id{TileId::kEntries, index, tile_width(TileId::kEntries, index, tree_size)};
  if (id.width == 0)
    return fail(ErrorCode::kNotFound, {}, "", "a tree of {} entries has no bundle {}", tree_size, index);
  constexpr uint64_t kMost = kTileWidth * (limits::kLogEntryBytes + 2);
  auto bytes = disk_->read(id.path(), kMost);
  unsigned width = id.width;
  if (!bytes && bytes.error().code == ErrorCode::kNotFound && id.partial()) {
    bytes = disk_->read(id.full().path(), kMost);
    width = kTileWidth;
  }
  if (!bytes) return fail(std::move(bytes).error());
  ZHILI_ASSIGN(const auto entries, split_bundle(*bytes, width, id.path()));
  return std::vector<std::string>(entries.begin(), entries.begin() + id.width);
}

Result<std::string> TileReader::entry(uint64_t index, uint64_t tree_size) {
  if (index >= tree_size) {
    return fail(ErrorCode::kNotFound, {}, "Entries count from 0.", "there is no entry {} in a tree of {}", index,
                tree_size);
  }
  ZHILI_ASSIGN(auto entries, bundle(index / kTileWidth, tree_size));
  return std::move(entries[index % kTileWidth]);
}

// Both checks follow RFC 9162, sections 2.1.3.2 and 2.1.4.2, which writes out what RFC 6962 leaves to the reader.
Status verify_inclusion(Hasher& hasher, const TreeHead& head, uint64_t index, const Hash& leaf,
                        std::span<const Hash> proof) {
  if (index >= head.size) return wrong(fmt::format("there is no entry {} in a tree of {}", index, head.size));
  uint64_t at = index;
  uint64_t last = head.size - 1;
  Hash hash = leaf;
  for (const Hash& sibling : proof) {
    if (last == 0) return wrong("the inclusion proof is too long");
    if (at % 2 == 1 || at == last) {
      hash = hasher.node(sibling, hash);
      while (at % 2 == 0 && at != 0) {
        at /= 2;
        last /= 2;
      }
    } else {
      hash = hasher.node(hash, sibling);
    }
    at /= 2;
    last /= 2;
  }
  if (last != 0) return wrong("the inclusion proof is too short");
  if (hash != head.root) return wrong(fmt::format("entry {} is not in the tree with this root", index));
  return {};
}

Status verify_consistency(Hasher& hasher, const TreeHead& old_head, const TreeHead& head, std::span<const Hash> proof) {
  if (old_head.size > head.size) {
    return wrong(fmt::format("the old tree has {} entries, the new one only {}", old_head.size, head.size));
  }
  if (old_head.size == 0 || old_head.size == head.size) {
    if (!proof.empty()) return wrong("the consistency proof should be empty");
    const Hash& same = old_head.size == 0 ? hasher.empty() : head.root;
    if (old_head.root != same) return wrong(fmt::format("two trees of {} entries differ", old_head.size));
    return {};
  }
  uint64_t at = old_head.size - 1;
  uint64_t last = head.size - 1;
  // Where the old tree is perfect, its root begins the path and was left out of the proof.
  const bool perfect = std::has_single_bit(old_head.size);
  if (proof.empty()) return wrong("the consistency proof is empty");
  while (at % 2 == 1) {
    at /= 2;
    last /= 2;
  }
  Hash old_hash = perfect ? old_head.root : proof[0];
  Hash hash = old_hash;
  for (const Hash& sibling : proof.subspan(perfect ? 0 : 1)) {
    if (last == 0) return wrong("the consistency proof is too long");
    if (at % 2 == 1 || at == last) {
      old_hash = hasher.node(sibling, old_hash);
      hash = hasher.node(sibling, hash);
      while (at % 2 == 0 && at != 0) {
        at /= 2;
        last /= 2;
      }
    } else {
      hash = hasher.node(hash, sibling);
    }
    at /= 2;
    last /= 2;
  }
  if (last != 0) return wrong("the consistency proof is too short");
  if (old_hash != old_head.root || hash != head.root) {
    return wrong(fmt::format("the tree of {} entries does not begin with the old one of {}", head.size, old_head.size));
  }
  return {};
}

std::string to_text(const ProofText& proof) {
  std::string out = fmt::format("{}\nindex {}\n", kProofTitle, proof.index);
  for (const Hash& hash : proof.proof) out += to_base64(hash) + "\n";
  return out + "\n" + proof.checkpoint;
}

Result<ProofText> parse_proof_text(std::string_view text) {
  if (text.size() > limits::kNoteBytes) return wrong("a proof is never so long");
  const auto line = [&text]() -> std::optional<std::string_view> {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view taken = text.substr(0, end);
    text.remove_prefix(end + 1);
    return taken;
  };
  if (line() != kProofTitle) return wrong(fmt::format("the first line of a proof is '{}'", kProofTitle));
  auto next = line();
  // Opaque data that nothing vouches for: we neither write nor read it.
  if (next && next->starts_with("extra ")) {
    if (!from_base64(next->substr(6))) return wrong("the line 'extra' holds no Base 64");
    next = line();
  }
  ProofText out;
  if (!next || !next->starts_with("index ")) return wrong("the line 'index N' is missing");
  const std::string_view digits = next->substr(6);
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), out.index);
  if (parsed.ec != std::errc{} || fmt::format("{}", out.index) != digits) return wrong("the index is no number");
  for (next = line(); next && !next->empty(); next = line()) {
    const auto hash = hash_from_base64(*next);
    if (!hash) return wrong("a line of the proof is no hash in Base 64");
    if (out.proof.size() == kMostProofHashes) return wrong("the proof has too many hashes");
    out.proof.push_back(*hash);
  }
  if (!next) return wrong("the checkpoint is missing");
  out.checkpoint = text;
  return out;
}

}  // namespace zhili::audit
