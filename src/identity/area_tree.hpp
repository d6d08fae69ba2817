#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"

namespace zhili::identity {

/// Lets maps of text be asked with views.
struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

/// A piece of the administered ground: a city, a district, a street, a community, a grid. The level is a name that the
/// installation chooses; nothing here knows how many there are.
struct Area {
  std::string id;      ///< ASCII letters, digits, '-', '_' and '.', at most limits::kIdBytes.
  std::string parent;  ///< Empty for a root.
  std::string level;
  std::string name_zh;
  std::string name_en;
};

/// Areas as a tree. Each area has a path of ids from its root, "/370000/370100/370102/", so that "below" is a question
/// of a prefix, in memory as in SQL.
class AreaTree {
 public:
  /// Takes areas in any order. Errors: kInput for a bad or doubled id, a parent that is missing, and a circle; kLimit
  /// (limits::kAreas, kAreaDepth).
  static Result<AreaTree> create(std::vector<Area> areas);
  AreaTree() = default;

  const Area* find(std::string_view id) const;
  bool has(std::string_view id) const { return index_.contains(id); }
  /// Empty for an unknown area.
  std::string_view path(std::string_view id) const;
  /// Whether `id` is `ancestor` or lies below it. False where either is unknown.
  bool within(std::string_view id, std::string_view ancestor) const;
  /// Parents before their children.
  std::span<const Area> areas() const { return areas_; }

 private:
  std::vector<Area> areas_;
  std::vector<std::string> paths_;
  std::unordered_map<std::string, uint32_t, TextHash, std::equal_to<>> index_;
};

/// Whether text can be the id of an area, a department, a role, a rule: it then needs no quoting anywhere.
bool is_plain_id(std::string_view text);

}  // namespace zhili::identity
