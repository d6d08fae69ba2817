#pragma once

#include <filesystem>

#include "base/result.hpp"
#include "twin/geography.hpp"

namespace zhili::twin {

/// Writes divisions.csv (down to communities, as text::DivisionTable reads it), grids.csv, divisions.geojson (grids
/// too), roads.geojson and buildings.csv.
Status write_geography(const Geography& geography, const std::filesystem::path& directory);

}  // namespace zhili::twin
