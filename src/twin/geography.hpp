#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "twin/calendar.hpp"
#include "twin/place_names.hpp"

namespace zhili::twin {

/// Degrees. The district lies in the open East China Sea, where no address can be mistaken for a real one.
struct Position {
  double longitude = 0;
  double latitude = 0;
};

/// Side of a unit of the grid of points.
inline constexpr double kUnitMetres = 36;

/// A rectangle of the district's grid of points; x1 and y1 are excluded. Drawn areas are
/// such rectangles with every point moved by the same smooth warp, so neighbours share each vertex of their border:
/// the areas of one level leave no gap and do not overlap.
struct Area {
  int x0 = 0;
  int y0 = 0;
  int x1 = 0;
  int y1 = 0;
  bool operator==(const Area&) const = default;
};

enum class Level : uint8_t { kProvince = 1, kCity, kCounty, kStreet, kCommunity, kGrid };

struct Division {
  std::string code;  ///< GB/T 2260 and GB/T 10114 in length: 6 digits, 9, 12; a grid has 15.
  std::string name;
  Level level = Level::kGrid;
  int32_t parent = -1;
  bool drawn = false;  ///< Places outside the district have no area.
  Area area;
};

/// A county of the made-up province: where people come from. The first of each block is the district itself, or a
/// former one that was merged into it.
struct County {
  uint32_t code = 0;  ///< Six digits, 99….
  std::string name;
  std::string city;
};

struct Road {
  std::string name;
  bool vertical = false;
  int at = 0;  ///< The constant coordinate.
  int from = 0;
  int to = 0;
};

enum class Form : uint8_t { kCompound, kStreetHouse, kLane, kVillage };

struct Building {
  uint64_t first_dwelling = 0;
  uint32_t grid = 0;  ///< Index of the division.
  uint32_t road = 0;
  int32_t compound = -1;     ///< Index of the compound's name.
  uint16_t road_number = 0;  ///< 号 on the road.
  uint16_t lane = 0;         ///< 弄.
  uint16_t number = 0;       ///< 号楼 in a compound, 号 in a lane or village.
  uint16_t group = 0;        ///< 组 in a village.
  uint16_t built = 0;
  uint8_t units = 1;
  uint8_t floors = 1;
  uint8_t per_floor = 1;  ///< Dwellings on a floor of a unit.
  Form form = Form::kCompound;
  float x = 0;
  float y = 0;

  uint32_t dwellings() const { return uint32_t{units} * floors * per_floor; }
};

/// An address in its parts; empty and 0 mean that the address has no such part. The views point into a Geography or
/// into static text.
struct Address {
  std::string_view province, city, county, street, community, road, compound;
  int road_number = 0;
  int lane = 0;
  int group = 0;
  int house = 0;  ///< 号 in a lane or village.
  int building = 0;
  int unit = 0;
  int room = 0;

  bool empty() const { return county.empty(); }
  bool operator==(const Address&) const = default;
};

/// Divisions, roads, buildings and the dwellings in them. Immutable after build(), so threads may share it.
class Geography {
 public:
  /// Has at least `dwellings` dwellings, and `county_blocks` blocks of kBlockCounties counties.
  static Geography build(uint64_t seed, uint64_t dwellings, uint32_t county_blocks);

  /// Cells (see people.hpp) that share one block of counties, so that serial numbers of IDs suffice.
  static constexpr uint64_t kBlockCells = 100;
  static constexpr uint32_t kBlockCounties = 79;
  /// The county of a cell's own people: the first of its block.
  static uint32_t own_county(uint64_t cell) { return static_cast<uint32_t>(cell / kBlockCells) * kBlockCounties; }

  const std::vector<Division>& divisions() const { return divisions_; }
  const std::vector<Road>& roads() const { return roads_; }
  const std::vector<Building>& buildings() const { return buildings_; }
  const std::vector<County>& counties() const { return counties_; }
  const std::string& compound_name(int32_t compound) const { return compounds_[static_cast<size_t>(compound)]; }
  uint64_t dwellings() const { return dwellings_; }

  /// Index of the building that holds a dwelling. dwelling < dwellings().
  uint32_t building_of(uint64_t dwelling) const;
  Address address_of(uint64_t dwelling) const;
  Address address_of_building(uint32_t building) const;
  /// A home outside the district, in county `county`, made from `hash`.
  Address far_address(uint32_t county, uint64_t hash) const;
  Position position(double x, double y) const;
  /// The closed ring of a division's border, counter-clockwise, without the repeated last point.
  std::vector<Position> border(const Area& area) const;
  std::vector<Position> line(const Road& road) const;
  /// Name of the grid, community and street that a building lies in.
  const Division& division(uint32_t index) const { return divisions_[index]; }

 private:
  friend class Surveyor;
  explicit Geography(uint64_t seed) : names_(seed) {}

  PlaceNames names_;
  std::vector<Division> divisions_;
  std::vector<Road> roads_;
  std::vector<std::string> compounds_;
  std::vector<Building> buildings_;
  std::vector<County> counties_;
  std::vector<std::string> towns_;
  std::vector<std::string> villages_;
  uint64_t dwellings_ = 0;
};

}  // namespace zhili::twin
