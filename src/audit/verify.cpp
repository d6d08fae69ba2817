#include "audit/verify.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "audit/log.hpp"
#include "audit/proof.hpp"
#include "audit/tile.hpp"
#include "base/limits.hpp"
#include "base/parallel.hpp"

namespace zhili::audit {
namespace {

constexpr uint64_t kBundleBytes = kTileWidth * (limits::kLogEntryBytes + 2);
constexpr uint64_t kTileBytes = size_t{kTileWidth} * Hash::kBytes;
constexpr uint64_t kBundlesAtOnce = 256;
constexpr size_t kMostNotes = 20;

Error wrong(const std::string& file, std::string message) {
  return {ErrorCode::kInput, std::move(message), {file, 0, 0}, "", {}};
}

bool is_number(std::string_view name) {
  return !name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string bytes_of(std::span<const Hash> hashes) {
  std::string bytes;
  bytes.reserve(hashes.size() * Hash::kBytes);
  for (const Hash& hash : hashes) bytes += hash.view();
  return bytes;
}

/// What lies in the directory beside the files that the checkpoint's tree must have.
struct Listing {
  using Place = std::pair<int, uint64_t>;
  std::map<Place, std::vector<unsigned>> partials;  ///< Widths, of tiles that the tree has.
  std::vector<std::string> notes;
  uint64_t beyond = 0;  ///< Files of entries that the checkpoint does not cover.

  void note(std::string text) {
    if (notes.size() < kMostNotes) notes.push_back(std::move(text));
  }
};

Status list_tiles(const Disk& disk, const std::string& directory, uint64_t size, Listing& out) {
  ZHILI_ASSIGN(const auto names, disk.list(directory));
  for (const std::string& name : names) {
    const auto path = fmt::format("{}/{}", directory, name);
    if (const auto id = parse_tile_path(path)) {
      const unsigned width = tile_width(id->level, id->index, size);
      if (id->width > width && !(width > 0 && !id->partial())) {
        ++out.beyond;
      } else if (id->partial()) {
        out.partials[{id->level, id->index}].push_back(id->width);
      }
    } else if (name.ends_with(".p") || name.starts_with('x') ||
               (directory == "tile" && (is_number(name) || name == "entries"))) {
      ZHILI_TRY(list_tiles(disk, path, size, out));
    } else {
      out.note(fmt::format("{} is no file of a log", path));
    }
  }
  return {};
}

Result<Listing> list_log(const Disk& disk, uint64_t size) {
  Listing out;
  ZHILI_ASSIGN(const auto names, disk.list(""));
  for (const std::string& name : names) {
    if (name == "tile" || name == kCheckpointPath || name == ".lock" || name == ".staging") continue;
    out.note(fmt::format("{} is no file of a log", name));
  }
  ZHILI_TRY(list_tiles(disk, "tile", size, out));
  if (out.beyond > 0) out.note(fmt::format("{} files hold entries beyond the checkpoint; not verified", out.beyond));
  return out;
}

/// One bundle with the tile above it, as read by one thread.
struct Bundle {
  std::vector<Hash> leaves;
  Hash root;  ///< Of a full one.
  uint64_t files = 0;
  std::optional<Error> broken;        ///< The entries can't be had.
  std::optional<Error> wrong_tile;    ///< Files that the entries contradict: the first one,
  std::optional<uint64_t> differing;  ///< and the first entry whose digest in the tile is another.
};

class Verifier {
 public:
  Verifier(const Disk& disk, HashKind hash, uint64_t size, const Listing& listing)
      : disk_(disk), hash_(hash), size_(size), listing_(listing) {}

  Status run(unsigned threads, Progress& progress, const Cancel& cancel);
  uint64_t files() const { return files_; }
  /// The root of all entries, and what contradicts them.
  const Hash& root() const { return root_; }
  Error blame(bool entries_right) const;
  bool found() const { return wrong_tile_.has_value(); }

 private:
  Bundle read_bundle(Hasher& hasher, uint64_t index) const;
  void read_tile(const TileId& id, std::span<const Hash> hashes, uint64_t& files, std::optional<Error>& error) const;
  void check_tile(const TileId& id, std::span<const Hash> hashes);
  void take(Hasher& hasher, uint64_t index, Bundle bundle);
  Hash finish(Hasher& hasher);

  const Disk& disk_;
  HashKind hash_;
  uint64_t size_;
  const Listing& listing_;
  std::array<std::vector<Hash>, kTopLevel + 1> rows_;  ///< The last tile of each level, while it fills.
  Hash root_;
  uint64_t files_ = 0;
  std::optional<Error> wrong_tile_;
  std::optional<uint64_t> differing_;
};

/// Reads the file of a tile, and those of its earlier widths, and holds them against what the entries give.
void Verifier::read_tile(const TileId& id, std::span<const Hash> hashes, uint64_t& files,
                         std::optional<Error>& error) const {
  const std::string expected = bytes_of(hashes);
  const auto check = [&](const TileId& one) -> bool {
    const auto bytes = disk_.read(one.path(), kTileBytes);
    if (!bytes && bytes.error().code == ErrorCode::kNotFound) return false;
    ++files;
    if (error) return true;
    if (!bytes) {
      error = wrong(one.path(), bytes.error().message);
      return true;
    }
    const size_t length = size_t{one.width} * Hash::kBytes;
    const size_t compared = std::min(length, expected.size());
    if (bytes->size() != length) {
      error = wrong(one.path(), fmt::format("has {} bytes, not {}", bytes->size(), length));
    } else if (bytes->compare(0, compared, expected, 0, compared) != 0) {
      const auto differs =
          std::mismatch(bytes->begin(), bytes->begin() + static_cast<std::ptrdiff_t>(compared), expected.begin());
      const auto place = static_cast<uint64_t>(differs.first - bytes->begin()) / Hash::kBytes;
      const unsigned height = kTileHeight * static_cast<unsigned>(one.level);
      const uint64_t first = (one.index * kTileWidth + place) << height;
      error =
          wrong(one.path(), fmt::format("its hash {} is not that of entry {}{}", place, first,
                                        height == 0 ? "" : fmt::format(" to {}", first + (uint64_t{1} << height) - 1)));
    }
    return true;
  };
  bool there = false;
  if (const auto found = listing_.partials.find({id.level, id.index}); found != listing_.partials.end()) {
    for (const unsigned width : found->second) {
      const bool read = check({id.level, id.index, width});
      there = there || (read && width == id.width);
    }
  }
  if (!there && !check(id.full()) && !error) error = wrong(id.path(), "is missing");
}

Bundle Verifier::read_bundle(Hasher& hasher, uint64_t index) const {
  Bundle out;
  const TileId id{TileId::kEntries, index, tile_width(TileId::kEntries, index, size_)};
  TileId from = id;
  auto bytes = disk_.read(id.path(), kBundleBytes);
  if (!bytes && bytes.error().code == ErrorCode::kNotFound && id.partial()) {
    from = id.full();
    bytes = disk_.read(from.path(), kBundleBytes);
  }
  if (!bytes) {
    const bool missing = bytes.error().code == ErrorCode::kNotFound;
    out.broken = wrong(id.path(), missing ? "is missing" : bytes.error().message);
    return out;
  }
  auto entries = split_bundle(*bytes, from.width, from.path());
  if (!entries) {
    out.broken = wrong(from.path(), fmt::format("{}; the first entry of the bundle is {}", entries.error().message,
                                                index * kTileWidth));
    return out;
  }
  ++out.files;
  entries->resize(id.width);
  for (const std::string_view entry : *entries) out.leaves.push_back(hasher.leaf(entry));
  if (!id.partial()) out.root = hasher.root(out.leaves);
  const TileId tile{0, index, id.width};
  read_tile(tile, out.leaves, out.files, out.wrong_tile);
  if (out.wrong_tile) {
    // Whether the tile or the bundle was changed shows only when the root is known: remember where they differ.
    const auto held = disk_.read(out.wrong_tile->place.file, kTileBytes);
    for (size_t i = 0; held && i < out.leaves.size() && (i + 1) * Hash::kBytes <= held->size(); ++i) {
      if (Hash::of(std::string_view(*held).substr(i * Hash::kBytes)) == out.leaves[i]) continue;
      out.differing = index * kTileWidth + i;
      break;
    }
  }
  const auto found = listing_.partials.find({TileId::kEntries, index});
  if (found == listing_.partials.end()) return out;
  for (const unsigned width : found->second) {
    const TileId earlier{TileId::kEntries, index, width};
    if (earlier == from) continue;
    ++out.files;
    const char* const end = (*entries)[width - 1].data() + (*entries)[width - 1].size();
    const std::string_view expected(bytes->data(), static_cast<size_t>(end - bytes->data()));
    const auto held = disk_.read(earlier.path(), kBundleBytes);
    if (out.wrong_tile || (held && *held == expected)) continue;
    out.wrong_tile = wrong(earlier.path(), "does not hold the entries that the log has now");
  }
  return out;
}

void Verifier::check_tile(const TileId& id, std::span<const Hash> hashes) {
  std::optional<Error> error;
  read_tile(id, hashes, files_, error);
  if (error && !wrong_tile_) wrong_tile_ = std::move(error);
}

void Verifier::take(Hasher& hasher, uint64_t index, Bundle bundle) {
  files_ += bundle.files;
  if (bundle.wrong_tile && !wrong_tile_) {
    wrong_tile_ = std::move(bundle.wrong_tile);
    differing_ = bundle.differing;
  }
  if (bundle.leaves.size() < kTileWidth) {
    rows_[0] = std::move(bundle.leaves);
    return;
  }
  Hash hash = bundle.root;
  for (size_t level = 1; level < rows_.size(); ++level) {
    auto& row = rows_[level];
    row.push_back(hash);
    if (row.size() < kTileWidth) return;
    check_tile({static_cast<int>(level), index >> (kTileHeight * level), kTileWidth}, row);
    hash = hasher.root(std::exchange(row, {}));
  }
}

Hash Verifier::finish(Hasher& hasher) {
  std::vector<Hash> carried;
  for (size_t level = 0; level < rows_.size(); ++level) {
    std::vector<Hash>& row = rows_[level];
    if (level > 0 && !row.empty()) {
      const TileId id{static_cast<int>(level), size_ >> (kTileHeight * (level + 1)), static_cast<unsigned>(row.size())};
      check_tile(id, row);
    }
    row.insert(row.end(), carried.begin(), carried.end());
    if (!row.empty()) carried = {hasher.root(row)};
  }
  return carried.empty() ? hasher.empty() : carried[0];
}

Status Verifier::run(unsigned threads, Progress& progress, const Cancel& cancel) {
  std::vector<Hasher> hashers;
  for (unsigned i = 0; i < std::max(threads, 1U); ++i) {
    ZHILI_ASSIGN(Hasher hasher, Hasher::create(hash_));
    hashers.push_back(std::move(hasher));
  }
  const uint64_t bundles = tile_count(TileId::kEntries, size_);
  for (uint64_t first = 0; first < bundles; first += kBundlesAtOnce) {
    ZHILI_TRY(cancel.check());
    std::vector<Bundle> read(std::min(kBundlesAtOnce, bundles - first));
    parallel_for(read.size(), 8, threads, [&](uint64_t begin, uint64_t end, unsigned thread) {
      for (uint64_t i = begin; i < end; ++i) read[i] = read_bundle(hashers[thread], first + i);
      progress.add((end - begin) * kTileWidth);
    });
    for (size_t i = 0; i < read.size(); ++i) {
      if (const auto& broken = read[i].broken) return fail(wrong_tile_ ? *wrong_tile_ : *broken);
      take(hashers[0], first + i, std::move(read[i]));
    }
  }
  root_ = finish(hashers[0]);
  return {};
}

/// Which file is wrong: where the entries give the signed root, they are right and the tile is not.
Error Verifier::blame(bool entries_right) const {
  if (!wrong_tile_) {
    return wrong(kCheckpointPath,
                 fmt::format("the {} entries and their tiles agree, but give another root than the signed one", size_));
  }
  if (entries_right || !differing_) return *wrong_tile_;
  const uint64_t index = *differing_ / kTileWidth;
  const TileId id{TileId::kEntries, index, tile_width(TileId::kEntries, index, size_)};
  return wrong(id.path(), fmt::format("entry {} (number {} in the file) does not have the digest that the tree holds",
                                      *differing_, *differing_ % kTileWidth));
}

Status verify_witnesses(const Note& note, std::span<const VerifyKey> keys, VerifyReport& report) {
  ZHILI_ASSIGN(const auto found, verify_note(note, keys));
  for (size_t i = 0; i < keys.size(); ++i) {
    const auto& signature = found[i];
    if (!signature) {
      return fail(ErrorCode::kInput, {kCheckpointPath, 0, 0}, "", "bears no cosignature of the witness {}",
                  keys[i].name());
    }
    report.signatures.push_back({keys[i].name(), cosigned_at(note.signatures[*signature].bytes)});
  }
  return {};
}

std::unexpected<Error> at_checkpoint(Error error) {
  if (error.place.file.empty()) error.place.file = kCheckpointPath;
  return fail(std::move(error));
}

/// Whether the log goes on from an older checkpoint, the text `since`.
Status verify_since(const Disk& disk, std::string_view since, const VerifyOptions& options, VerifyReport& report) {
  auto older = open_checkpoint(since, report.checkpoint.origin, options.log_keys);
  if (!older) {
    Error error = std::move(older).error();
    error.message = "the older checkpoint: " + error.message;
    return fail(std::move(error));
  }
  const TreeHead& old_head = older->checkpoint.head;
  const TreeHead& head = report.checkpoint.head;
  if (old_head.size > head.size) {
    return fail(ErrorCode::kInput, {kCheckpointPath, 0, 0}, "The log lost entries, or the two were mixed up.",
                "the older checkpoint has {} entries, this one only {}", old_head.size, head.size);
  }
  ZHILI_ASSIGN(TileReader reader, TileReader::create(disk, report.checkpoint.hash));
  ZHILI_ASSIGN(const Hash root, old_head.size == head.size ? Result<Hash>(head.root) : reader.root(old_head.size));
  if (older->checkpoint.hash != report.checkpoint.hash || root != old_head.root) {
    return fail(ErrorCode::kInput, {kCheckpointPath, 0, 0},
                "The log was rewritten: keep both checkpoints, each is signed.",
                "the log does not begin with the {} entries of the older checkpoint", old_head.size);
  }
  report.since = old_head.size;
  return {};
}

}  // namespace

Result<VerifyReport> verify_log(const Disk& disk, const VerifyOptions& options, const Cancel& cancel) {
  VerifyReport report;
  const auto bytes = disk.read(kCheckpointPath, limits::kNoteBytes);
  if (!bytes) return fail(bytes.error());
  auto opened = open_checkpoint(*bytes, "", options.log_keys);
  if (!opened) return at_checkpoint(std::move(opened).error());
  report.checkpoint = std::move(opened->checkpoint);
  ZHILI_ASSIGN(const auto signed_by, verify_note(opened->note, options.log_keys));
  for (size_t i = 0; i < signed_by.size(); ++i) {
    if (signed_by[i]) report.signatures.push_back({options.log_keys[i].name(), std::nullopt});
  }
  if (auto cosigned = verify_witnesses(opened->note, options.witnesses, report); !cosigned) {
    return at_checkpoint(std::move(cosigned).error());
  }
  const TreeHead& head = report.checkpoint.head;
  ZHILI_ASSIGN(Listing listing, list_log(disk, head.size));
  Progress progress("Verifying", head.size, "entries", options.progress);
  Verifier verifier(disk, report.checkpoint.hash, head.size, listing);
  ZHILI_TRY(verifier.run(options.threads, progress, cancel));
  const bool right = verifier.root() == head.root;
  if (!right || verifier.found()) return fail(verifier.blame(right));
  report.files = verifier.files() + 1;
  report.notes = std::move(listing.notes);
  if (const auto& since = options.since) ZHILI_TRY(verify_since(disk, *since, options, report));
  return report;
}

}  // namespace zhili::audit
