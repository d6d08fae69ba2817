#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "opendata/public_table.hpp"

namespace zhili::opendata {

/// The GeoJSON geometry of an area by its level and name; empty where there is none.
using ShapeOf = std::function<std::string_view(std::string_view level, std::string_view name)>;

/// A feature collection (RFC 7946) with a feature a row: a point by latitude and longitude, or the outline of the area;
/// without a place its geometry is null.
std::string to_geojson(const PublicTable& table, const ShapeOf& shape_of);

}  // namespace zhili::opendata
