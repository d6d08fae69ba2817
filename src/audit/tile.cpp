#include "audit/tile.hpp"

#include <algorithm>
#include <charconv>

#include "base/limits.hpp"

namespace zhili::audit {
namespace {

std::string index_path(uint64_t index) {
  std::string out = fmt::format("{:03}", index % 1000);
  for (uint64_t rest = index / 1000; rest > 0; rest /= 1000) out.insert(0, fmt::format("x{:03}/", rest % 1000));
  return out;
}

std::optional<uint64_t> number(std::string_view text) {
  uint64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The part of the text before the mark; the text keeps what comes behind it.
std::optional<std::string_view> take_until(std::string_view& text, char mark) {
  const size_t at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at + 1);
  return taken;
}

}  // namespace

std::string TileId::path() const {
  const std::string whole =
      level == kEntries ? "tile/entries/" + index_path(index) : fmt::format("tile/{}/{}", level, index_path(index));
  return partial() ? fmt::format("{}.p/{}", whole, width) : whole;
}

std::string TileId::partials_path() const { return full().path() + ".p"; }

std::optional<TileId> parse_tile_path(std::string_view path) {
  std::string_view rest = path;
  if (take_until(rest, '/') != "tile") return std::nullopt;
  const auto level = take_until(rest, '/');
  if (!level) return std::nullopt;
  TileId id;
  if (*level == "entries") {
    id.level = TileId::kEntries;
  } else {
    const auto value = number(*level);
    if (!value || *value > kTopLevel) return std::nullopt;
    id.level = static_cast<int>(*value);
  }
  if (const size_t mark = rest.find(".p/"); mark != std::string_view::npos) {
    const auto width = number(rest.substr(mark + 3));
    if (!width || *width == 0 || *width >= kTileWidth) return std::nullopt;
    id.width = static_cast<unsigned>(*width);
    rest = rest.substr(0, mark);
  }
  while (rest.starts_with('x')) {
    rest.remove_prefix(1);
    const auto digits = take_until(rest, '/');
    const auto value = number(digits.value_or(""));
    if (!value || *value > 999 || id.index > UINT64_MAX / 1000 - 1) return std::nullopt;
    id.index = id.index * 1000 + *value;
  }
  const auto last = number(rest);
  if (!last || *last > 999 || id.index > UINT64_MAX / 1000 - 1) return std::nullopt;
  id.index = id.index * 1000 + *last;
  // One way to write a path: what reads alike but differs (x000/001, 1) is no file of a log.
  if (id.path() != path) return std::nullopt;
  return id;
}

uint64_t tile_count(int level, uint64_t tree_size) {
  const uint64_t hashes = tree_size >> (kTileHeight * static_cast<unsigned>(std::max(level, 0)));
  return hashes / kTileWidth + (hashes % kTileWidth != 0 ? 1 : 0);
}

unsigned tile_width(int level, uint64_t index, uint64_t tree_size) {
  const uint64_t hashes = tree_size >> (kTileHeight * static_cast<unsigned>(std::max(level, 0)));
  if (index < hashes / kTileWidth) return kTileWidth;
  return index == hashes / kTileWidth ? static_cast<unsigned>(hashes % kTileWidth) : 0;
}

void add_to_bundle(std::string& bundle, std::string_view entry) {
  bundle += static_cast<char>(entry.size() >> 8);
  bundle += static_cast<char>(entry.size() & 0xff);
  bundle += entry;
}

Result<std::vector<std::string_view>> split_bundle(std::string_view bundle, unsigned width, const std::string& path) {
  std::vector<std::string_view> entries;
  entries.reserve(width);
  size_t at = 0;
  for (unsigned i = 0; i < width; ++i) {
    if (bundle.size() - at < 2) {
      return fail(ErrorCode::kInput, {path, 0, 0}, "", "holds {} entries, not {}", i, width);
    }
    const size_t length = (size_t{static_cast<uint8_t>(bundle[at])} << 8) | static_cast<uint8_t>(bundle[at + 1]);
    at += 2;
    if (bundle.size() - at < length) {
      return fail(ErrorCode::kInput, {path, 0, 0}, "", "ends within entry {} of the bundle", i);
    }
    entries.push_back(bundle.substr(at, length));
    at += length;
  }
  if (at != bundle.size()) {
    return fail(ErrorCode::kInput, {path, 0, 0}, "", "has {} bytes behind its {} entries", bundle.size() - at, width);
  }
  return entries;
}

Tile::Tile(Hasher& hasher, std::span<const Hash> hashes) : width_(static_cast<unsigned>(hashes.size())) {
  nodes_.reserve(2 * hashes.size());
  nodes_.assign(hashes.begin(), hashes.end());
  size_t below = 0;
  for (unsigned height = 1; height <= kTileHeight; ++height) {
    const size_t start = nodes_.size();
    starts_[height] = static_cast<uint16_t>(start);
    for (size_t i = 0; i < width_ >> height; ++i) {
      nodes_.push_back(hasher.node(nodes_[below + 2 * i], nodes_[below + 2 * i + 1]));
    }
    below = start;
  }
}

}  // namespace zhili::audit
