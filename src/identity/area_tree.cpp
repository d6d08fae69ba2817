#include "identity/area_tree.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"

namespace zhili::identity {
namespace {

std::unexpected<Error> bad_area(const Area& area, std::string hint, std::string_view problem) {
  return fail(ErrorCode::kInput, {}, std::move(hint), "Area '{}' {}", area.id.substr(0, limits::kIdBytes), problem);
}

using Index = std::unordered_map<std::string_view, uint32_t>;

Result<Index> index_of(const std::vector<Area>& areas) {
  Index index;
  for (uint32_t i = 0; i < areas.size(); ++i) {
    const Area& area = areas[i];
    if (!is_plain_id(area.id)) {
      return bad_area(area, "An id has ASCII letters, digits, '-', '_' and '.' only, at most 64.", "has a bad id");
    }
    if (!index.try_emplace(area.id, i).second) return bad_area(area, "Keep one of the two.", "is there twice");
  }
  return index;
}

/// Depths from 1; the error tells of what has no root.
Result<std::vector<uint32_t>> depths_of(const std::vector<Area>& areas, const Index& index) {
  std::vector<uint32_t> depths(areas.size(), 0);
  std::vector<uint32_t> climb;
  for (uint32_t i = 0; i < areas.size(); ++i) {
    climb.clear();
    uint32_t at = i;
    while (depths[at] == 0) {
      climb.push_back(at);
      // A circle is longer than any path may be.
      if (climb.size() > limits::kAreaDepth) {
        return bad_area(areas[i], "Look for an area that is its own ancestor.",
                        fmt::format("lies deeper than {} levels", limits::kAreaDepth));
      }
      if (areas[at].parent.empty()) break;
      const auto parent = index.find(areas[at].parent);
      if (parent == index.end()) {
        return bad_area(areas[at], "Add the parent, or leave it empty for a root.",
                        fmt::format("lies in '{}', which is not there", areas[at].parent.substr(0, limits::kIdBytes)));
      }
      at = parent->second;
    }
    uint32_t depth = depths[at];
    for (; !climb.empty(); climb.pop_back()) depths[climb.back()] = ++depth;
    if (depth > limits::kAreaDepth) {
      return bad_area(areas[i], "Take levels out.", fmt::format("lies deeper than {} levels", limits::kAreaDepth));
    }
  }
  return depths;
}

}  // namespace

bool is_plain_id(std::string_view text) {
  return !text.empty() && text.size() <= limits::kIdBytes && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  });
}

Result<AreaTree> AreaTree::create(std::vector<Area> areas) {
  if (areas.size() > limits::kAreas) {
    return fail(ErrorCode::kLimit, {}, "Leave the lowest level out.", "{} areas; the limit is {}", areas.size(),
                limits::kAreas);
  }
  std::vector<std::pair<uint32_t, uint32_t>> order;
  {
    ZHILI_ASSIGN(const Index index, index_of(areas));
    ZHILI_ASSIGN(const std::vector<uint32_t> depths, depths_of(areas, index));
    for (uint32_t i = 0; i < areas.size(); ++i) order.emplace_back(depths[i], i);
  }
  std::ranges::sort(order);
  AreaTree tree;
  for (const auto& [depth, place] : order) {
    Area& area = areas[place];
    tree.paths_.push_back(fmt::format("{}{}/", area.parent.empty() ? "/" : tree.path(area.parent), area.id));
    tree.index_.emplace(area.id, static_cast<uint32_t>(tree.areas_.size()));
    tree.areas_.push_back(std::move(area));
  }
  return tree;
}

const Area* AreaTree::find(std::string_view id) const {
  const auto found = index_.find(id);
  return found == index_.end() ? nullptr : &areas_[found->second];
}

std::string_view AreaTree::path(std::string_view id) const {
  const auto found = index_.find(id);
  return found == index_.end() ? std::string_view() : std::string_view(paths_[found->second]);
}

bool AreaTree::within(std::string_view id, std::string_view ancestor) const {
  const std::string_view above = path(ancestor);
  return !above.empty() && path(id).starts_with(above);
}

}  // namespace zhili::identity
