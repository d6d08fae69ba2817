#include "twin/geography.hpp"

#include <algorithm>
#include <cmath>

#include "twin/surveyor.hpp"

namespace zhili::twin {
namespace {

constexpr double kWestLongitude = 124.5;
constexpr double kSouthLatitude = 30.5;
constexpr double kMetresPerDegree = 111'195;  // Of latitude, on a sphere of 6,371 km.

}  // namespace

Geography Geography::build(uint64_t seed, uint64_t dwellings, uint32_t county_blocks) {
  Geography geography(seed);
  Surveyor surveyor(geography, seed);
  surveyor.counties(county_blocks);
  // Whole buildings round a grid down by up to a tenth, so a few grids more.
  surveyor.land(std::max<uint64_t>(1, dwellings * 23 / 20 / Surveyor::kGridDwellings + 1));
  surveyor.houses();
  return geography;
}

uint32_t Geography::building_of(uint64_t dwelling) const {
  const auto after = std::upper_bound(buildings_.begin(), buildings_.end(), dwelling,
                                      [](uint64_t d, const Building& b) { return d < b.first_dwelling; });
  return static_cast<uint32_t>(after - buildings_.begin() - 1);
}

Address Geography::address_of_building(uint32_t index) const {
  const Building& building = buildings_[index];
  const Division& grid = divisions_[building.grid];
  const Division& community = divisions_[static_cast<size_t>(grid.parent)];
  const Division& street = divisions_[static_cast<size_t>(community.parent)];
  Address address;
  address.province = kProvinceName;
  address.city = kCityName;
  address.county = kDistrictName;
  address.street = street.name;
  address.community = community.name;
  if (building.form == Form::kVillage) {
    address.group = building.group;
    address.house = building.number;
    return address;
  }
  address.road = roads_[building.road].name;
  address.road_number = building.road_number;
  if (building.form == Form::kLane) {
    address.lane = building.lane;
    address.house = building.number;
  }
  if (building.form == Form::kCompound) {
    address.compound = compounds_[static_cast<size_t>(building.compound)];
    address.building = building.number;
  }
  return address;
}

Address Geography::address_of(uint64_t dwelling) const {
  const uint32_t index = building_of(dwelling);
  const Building& building = buildings_[index];
  Address address = address_of_building(index);
  if (building.dwellings() == 1) return address;
  const auto inside = static_cast<uint32_t>(dwelling - building.first_dwelling);
  const uint32_t unit_size = uint32_t{building.floors} * building.per_floor;
  const uint32_t floor = inside % unit_size / building.per_floor + 1;
  address.room = static_cast<int>(floor * 100 + inside % building.per_floor + 1);
  if (building.form == Form::kCompound) address.unit = static_cast<int>(inside / unit_size + 1);
  return address;
}

Address Geography::far_address(uint32_t county, uint64_t hash) const {
  Address address;
  address.province = kProvinceName;
  address.city = counties_[county].city;
  address.county = counties_[county].name;
  // Some ten towns a county and twelve villages a town.
  address.street = towns_[(county * 11UL + hash % 10) % towns_.size()];
  address.community = villages_[(county * 37UL + hash % 10 * 13 + hash / 16 % 12) % villages_.size()];
  address.group = static_cast<int>(1 + hash / 256 % 12);
  address.house = static_cast<int>(1 + hash / 4096 % 120);
  return address;
}

Position Geography::position(double x, double y) const {
  // Each sine's slope stays below 0.2, so the warp folds nowhere.
  const double u = x + 2.0 * std::sin(0.09 * y) + 0.8 * std::sin(0.21 * x + 0.05 * y);
  const double v = y + 2.0 * std::sin(0.08 * x + 1.0) + 0.8 * std::sin(0.19 * y - 0.04 * x);
  const double per_longitude = kMetresPerDegree * std::cos(kSouthLatitude * 0.017453292519943295);
  return {kWestLongitude + u * kUnitMetres / per_longitude, kSouthLatitude + v * kUnitMetres / kMetresPerDegree};
}

std::vector<Position> Geography::border(const Area& a) const {
  std::vector<Position> ring;
  for (int x = a.x0; x < a.x1; ++x) ring.push_back(position(x, a.y0));
  for (int y = a.y0; y < a.y1; ++y) ring.push_back(position(a.x1, y));
  for (int x = a.x1; x > a.x0; --x) ring.push_back(position(x, a.y1));
  for (int y = a.y1; y > a.y0; --y) ring.push_back(position(a.x0, y));
  return ring;
}

std::vector<Position> Geography::line(const Road& road) const {
  std::vector<Position> points;
  for (int t = road.from; t <= road.to; ++t) {
    points.push_back(road.vertical ? position(road.at, t) : position(t, road.at));
  }
  return points;
}

}  // namespace zhili::twin
