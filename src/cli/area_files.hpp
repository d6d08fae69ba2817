#pragma once

#include <filesystem>
#include <vector>

#include "base/result.hpp"
#include "identity/area_tree.hpp"
#include "identity/directory.hpp"

namespace zhili::cli {

/// A table with the columns id, parent, level, zh, en; any format that `table` reads. Errors: kInput with the line.
Result<identity::AreaTree> read_areas(const std::filesystem::path& path);
/// A table with the columns id, zh, en, area.
Result<std::vector<identity::Department>> read_departments(const std::filesystem::path& path);
/// A GeoJSON FeatureCollection; each feature's area stands in its property `id` or `code`. Geometries are kept as they
/// are. Errors: kInput.
Result<std::vector<identity::AreaShape>> read_area_shapes(const std::filesystem::path& path);

}  // namespace zhili::cli
