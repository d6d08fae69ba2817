#pragma once

#include "twin/geography.hpp"

namespace zhili::twin {

/// Lays a district out: cuts the land in two again and again, each cut a road, until a piece is one grid; on the way
/// down a piece becomes a street and then a community. Then builds the houses of each grid. Used by Geography::build.
class Surveyor {
 public:
  Surveyor(Geography& geography, uint64_t seed) : g_(geography), seed_(seed), random_(seed, 0x737572766579) {}

  void counties(uint32_t blocks);
  void land(uint64_t grids);
  void houses();

  static constexpr uint64_t kGridDwellings = 400;

 private:
  /// Roads along the western, eastern, southern and northern side of a piece.
  using Sides = std::array<uint32_t, 4>;
  struct Piece {
    Area area;
    uint64_t grids = 0;
    int32_t parent = -1;
    Level level = Level::kCounty;
    Sides sides{};
  };
  struct Grid {
    uint32_t division = 0;
    Sides sides{};
    bool village = false;
    uint32_t number = 0;  // In its community.
  };
  struct Slot {
    uint32_t road = 0;
    uint16_t number = 0;
    double x = 0;
    double y = 0;
  };

  Piece become(const Piece& piece, Level level);
  void split(Piece piece);
  uint32_t add_road(Level level, bool vertical, int at, int from, int to);
  bool outlying(const Area& area) const;
  std::vector<Slot> slots(const Grid& grid) const;
  void build_compounds(const Grid& grid, Random& random);
  void build_streets(const Grid& grid, Random& random);
  void build_village(const Grid& grid, Random& random);
  void add(Building building, const Grid& grid);

  Geography& g_;
  uint64_t seed_;
  Random random_;
  uint64_t street_grids_ = 64;
  std::vector<Grid> grids_;
  std::vector<uint32_t> children_;  // Children numbered so far, by division.
  Area whole_;
};

}  // namespace zhili::twin
