#include "twin/surveyor.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace zhili::twin {
namespace {

constexpr int kGridUnits = 8;             // Side of a grid, in units of the point grid, on average.
constexpr uint64_t kCommunityGrids = 5;   // At most; 3 to 5 after halving.
constexpr uint64_t kStreetGrids = 64;     // At most, in a district of ordinary size.
constexpr uint64_t kStreetsAtMost = 900;  // Three digits of the code number the streets.
constexpr uint32_t kOldDistrictCity = 1;  // 9901.. holds the district and the districts merged into it,
constexpr uint32_t kFirstHomeCity = 5;    // 9905.. to 9999.. hold the counties that people come from.
constexpr uint32_t kCityCounties = 99;

}  // namespace

void Surveyor::counties(uint32_t blocks) {
  uint32_t homes = 0;
  std::string home_city;
  for (uint32_t block = 0; block < blocks; ++block) {
    const uint32_t own = (kOldDistrictCity + block / kCityCounties) * 100 + 1 + block % kCityCounties;
    g_.counties_.push_back(
        {990000 + own, block == 0 ? std::string(kDistrictName) : g_.names_.county() + "区", std::string(kCityName)});
    for (uint32_t k = 1; k < Geography::kBlockCounties; ++k, ++homes) {
      if (homes % kCityCounties == 0) home_city = g_.names_.county() + "市";
      const uint32_t code = (kFirstHomeCity + homes / kCityCounties) * 100 + 1 + homes % kCityCounties;
      const std::string_view kind = random_.chance(0.6) ? "县" : random_.chance(0.6) ? "区" : "市";
      g_.counties_.push_back({990000 + code, g_.names_.county() + std::string(kind), home_city});
    }
  }
  for (int i = 0; i < 500; ++i) g_.towns_.push_back(g_.names_.far_town());
  for (int i = 0; i < 500; ++i) g_.villages_.push_back(g_.names_.far_village());
}

void Surveyor::land(uint64_t grids) {
  street_grids_ = std::max(kStreetGrids, grids / (kStreetsAtMost / 2) + 1);
  const int side = static_cast<int>(std::ceil(kGridUnits * std::sqrt(static_cast<double>(grids))));
  whole_ = {0, 0, side, side};
  auto& divisions = g_.divisions_;
  divisions.push_back({"990000", std::string(kProvinceName), Level::kProvince, -1, false, {}});
  int32_t city = -1;
  std::string city_name;
  int32_t district = -1;
  for (const County& county : g_.counties_) {
    if (county.city != city_name) {
      city_name = county.city;
      const auto known = std::find_if(divisions.begin(), divisions.end(), [&](const Division& d) {
        return d.level == Level::kCity && d.code.substr(0, 4) == fmt::format("{}", county.code / 100);
      });
      city = static_cast<int32_t>(known - divisions.begin());
      if (known == divisions.end()) {
        divisions.push_back({fmt::format("{}00", county.code / 100), city_name, Level::kCity, 0, false, {}});
      }
    }
    if (district < 0) district = static_cast<int32_t>(divisions.size());
    const bool own = district == static_cast<int32_t>(divisions.size());
    divisions.push_back(
        {fmt::format("{}", county.code), county.name, Level::kCounty, city, own, own ? whole_ : Area{}});
  }
  Piece whole{whole_, grids, district, Level::kCounty, {}};
  whole.sides = {add_road(Level::kCounty, true, 0, 0, side), add_road(Level::kCounty, true, side, 0, side),
                 add_road(Level::kCounty, false, 0, 0, side), add_road(Level::kCounty, false, side, 0, side)};
  split(whole);
}

uint32_t Surveyor::add_road(Level level, bool vertical, int at, int from, int to) {
  std::string_view suffix = "路";
  if (level == Level::kCounty && random_.chance(0.35)) suffix = "大道";
  if (level == Level::kStreet && random_.chance(0.4)) suffix = "街";
  if (level == Level::kCommunity) suffix = random_.chance(0.6) ? "街" : "巷";
  g_.roads_.push_back({g_.names_.road(suffix), vertical, at, from, to});
  return static_cast<uint32_t>(g_.roads_.size() - 1);
}

bool Surveyor::outlying(const Area& area) const {
  const double half = whole_.x1 / 2.0;
  const double dx = (area.x0 + area.x1) / 2.0 - half;
  const double dy = (area.y0 + area.y1) / 2.0 - half;
  return std::max(std::abs(dx), std::abs(dy)) > 0.72 * half;
}

Surveyor::Piece Surveyor::become(const Piece& piece, Level level) {
  auto& divisions = g_.divisions_;
  children_.resize(divisions.size() + 1, 0);
  const Division& parent = divisions[static_cast<size_t>(piece.parent)];
  const uint32_t number = ++children_[static_cast<size_t>(piece.parent)];
  std::string name;
  if (level == Level::kStreet) name = g_.names_.street(outlying(piece.area) && random_.chance(0.5));
  if (level == Level::kCommunity) name = g_.names_.community(parent.name.ends_with("镇"));
  if (level == Level::kGrid) name = fmt::format("第{}网格", number);
  divisions.push_back({fmt::format("{}{:03}", parent.code, number), name, level, piece.parent, true, piece.area});
  Piece inside = piece;
  inside.parent = static_cast<int32_t>(divisions.size() - 1);
  inside.level = level;
  return inside;
}

void Surveyor::split(Piece piece) {
  if (piece.level == Level::kCounty && piece.grids <= street_grids_) piece = become(piece, Level::kStreet);
  if (piece.level == Level::kStreet && piece.grids <= kCommunityGrids) piece = become(piece, Level::kCommunity);
  if (piece.grids == 1) {
    const bool village = g_.divisions_[static_cast<size_t>(piece.parent)].name.ends_with("村");
    const Piece grid = become(piece, Level::kGrid);
    grids_.push_back(
        {static_cast<uint32_t>(grid.parent), grid.sides, village, children_[static_cast<size_t>(piece.parent)]});
    return;
  }
  const Area& a = piece.area;
  const bool vertical = a.x1 - a.x0 >= a.y1 - a.y0;
  const int low = vertical ? a.x0 : a.y0;
  const int high = vertical ? a.x1 : a.y1;
  const uint64_t first = piece.grids / 2;
  const double share = static_cast<double>(first) / static_cast<double>(piece.grids) + 0.08 * (random_.uniform() - 0.5);
  const int at = std::clamp(low + static_cast<int>(std::lround(share * (high - low))), low + 1, high - 1);
  const uint32_t road = add_road(piece.level, vertical, at, vertical ? a.y0 : a.x0, vertical ? a.y1 : a.x1);
  Piece lower = piece;
  Piece upper = piece;
  lower.grids = first;
  upper.grids = piece.grids - first;
  (vertical ? lower.area.x1 : lower.area.y1) = at;
  (vertical ? upper.area.x0 : upper.area.y0) = at;
  lower.sides[vertical ? 1 : 3] = road;
  upper.sides[vertical ? 0 : 2] = road;
  split(lower);
  split(upper);
}

std::vector<Surveyor::Slot> Surveyor::slots(const Grid& grid) const {
  const Area& a = g_.divisions_[grid.division].area;
  std::vector<Slot> out;
  for (size_t side = 0; side < 4; ++side) {
    const bool vertical = side < 2;
    const Road& road = g_.roads_[grid.sides[side]];
    const int from = vertical ? a.y0 : a.x0;
    const int to = vertical ? a.y1 : a.x1;
    // Even numbers on the side where the coordinate is lower, odd ones across the road.
    const int parity = side == 0 || side == 2 ? 1 : 0;
    for (int step = from; step < to; ++step) {
      for (int k = 0; k < 4; ++k) {
        const int number = ((step - road.from) * 4 + k + 1) * 2 - parity;
        const double along = step + 0.125 + 0.25 * k;
        const double across = 0.35;
        const double x = vertical ? (side == 0 ? a.x0 + across : a.x1 - across) : along;
        const double y = vertical ? along : (side == 2 ? a.y0 + across : a.y1 - across);
        out.push_back({grid.sides[side], static_cast<uint16_t>(number), x, y});
      }
    }
  }
  return out;
}

void Surveyor::add(Building building, const Grid& grid) {
  building.grid = grid.division;
  building.first_dwelling = g_.dwellings_;
  g_.dwellings_ += building.dwellings();
  g_.buildings_.push_back(building);
}

void Surveyor::build_compounds(const Grid& grid, Random& random) {
  const Area& a = g_.divisions_[grid.division].area;
  const auto doors = slots(grid);
  const int compounds = random.chance(0.4) ? 2 : 1;
  for (int c = 0; c < compounds; ++c) {
    const Slot& gate = doors[random.below(doors.size())];
    Building building;
    building.form = Form::kCompound;
    building.road = gate.road;
    building.road_number = gate.number;
    building.compound = static_cast<int32_t>(g_.compounds_.size());
    g_.compounds_.push_back(g_.names_.compound());
    const bool tall = random.chance(0.45);
    building.built = static_cast<uint16_t>(tall ? random.between(2001, 2021) : random.between(1978, 2004));
    building.units = static_cast<uint8_t>(tall ? random.between(1, 2) : random.between(2, 5));
    building.floors = static_cast<uint8_t>(tall ? random.between(11, 30) : random.between(5, 7));
    building.per_floor = static_cast<uint8_t>(tall ? random.between(2, 4) : 2);
    const auto count = std::max<uint64_t>(1, kGridDwellings / static_cast<uint64_t>(compounds) / building.dwellings());
    const int columns = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(count))));
    for (uint64_t i = 0; i < count; ++i) {
      const double u = (static_cast<double>(i % static_cast<uint64_t>(columns)) + 0.5) / columns;
      const double v = (static_cast<double>(i) / columns + 0.5) / (static_cast<double>(count) / columns + 1);
      building.number = static_cast<uint16_t>(i + 1);
      building.x = static_cast<float>(a.x0 + 0.5 + u * (a.x1 - a.x0 - 1.0));
      building.y = static_cast<float>(a.y0 + 0.5 + (c + v) / compounds * (a.y1 - a.y0 - 1.0));
      add(building, grid);
    }
  }
}

void Surveyor::build_streets(const Grid& grid, Random& random) {
  const uint64_t target = g_.dwellings_ + kGridDwellings;
  auto doors = slots(grid);
  for (size_t i = doors.size(); i > 1; --i) std::swap(doors[i - 1], doors[random.below(i)]);
  for (const Slot& door : doors) {
    if (g_.dwellings_ >= target) return;
    Building building;
    building.road = door.road;
    building.road_number = door.number;
    building.built = static_cast<uint16_t>(random.between(1936, 1998));
    building.x = static_cast<float>(door.x);
    building.y = static_cast<float>(door.y);
    if (random.chance(0.7)) {
      building.form = Form::kStreetHouse;
      building.floors = static_cast<uint8_t>(random.between(2, 6));
      building.per_floor = static_cast<uint8_t>(random.between(1, 4));
      add(building, grid);
      continue;
    }
    building.form = Form::kLane;
    building.lane = door.number;
    building.road_number = 0;
    const int64_t houses = random.between(4, 24);
    for (int64_t h = 1; h <= houses; ++h) {
      building.number = static_cast<uint16_t>(h);
      building.floors = static_cast<uint8_t>(random.between(1, 3));
      add(building, grid);
    }
  }
}

void Surveyor::build_village(const Grid& grid, Random& random) {
  const Area& a = g_.divisions_[grid.division].area;
  const uint16_t groups = 4;
  // Groups of one village are numbered on over its grids, so that a group's houses have one number each.
  const auto first = static_cast<uint16_t>((grid.number - 1) * groups);
  for (uint64_t i = 0; i < kGridDwellings; ++i) {
    Building building;
    building.form = Form::kVillage;
    building.road = grid.sides[0];
    building.group = static_cast<uint16_t>(first + 1 + i % groups);
    building.number = static_cast<uint16_t>(1 + i / groups);
    building.built = static_cast<uint16_t>(random.between(1965, 2015));
    building.x = static_cast<float>(a.x0 + 0.4 + random.uniform() * (a.x1 - a.x0 - 0.8));
    building.y = static_cast<float>(a.y0 + 0.4 + random.uniform() * (a.y1 - a.y0 - 0.8));
    add(building, grid);
  }
}

void Surveyor::houses() {
  for (const Grid& grid : grids_) {
    Random random(seed_ ^ 0x686f75736573, grid.division);
    if (grid.village) {
      build_village(grid, random);
    } else if (random.chance(0.74)) {
      build_compounds(grid, random);
    } else {
      build_streets(grid, random);
    }
  }
}

}  // namespace zhili::twin
