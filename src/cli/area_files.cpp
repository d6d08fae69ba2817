#include "cli/area_files.hpp"

#include <boost/json.hpp>

#include "base/output_dir.hpp"
#include "table/reader.hpp"

namespace zhili::cli {
namespace {

constexpr uint64_t kShapeFileBytes = uint64_t{256} << 20;

/// Calls `take` for each row with the wanted columns; empty where a cell is.
template <class Take>
Status each_row(const std::filesystem::path& path, std::vector<std::string> columns, Take&& take) {
  table::ReadOptions options;
  options.columns = std::move(columns);
  options.max_reject_share = 0;
  ZHILI_ASSIGN(const auto reader, table::Reader::open(path, options));
  table::Batch batch;
  for (;;) {
    ZHILI_ASSIGN(const bool more, reader->next(batch));
    if (!more) return {};
    for (size_t row = 0; row < batch.rows(); ++row) take(batch, row);
  }
}

std::string cell(const table::Batch& batch, size_t column, size_t row) { return std::string(batch.cell(column, row)); }

}  // namespace

Result<identity::AreaTree> read_areas(const std::filesystem::path& path) {
  std::vector<identity::Area> areas;
  ZHILI_TRY(each_row(path, {"id", "parent", "level", "zh", "en"}, [&](const table::Batch& batch, size_t row) {
    areas.push_back(
        {cell(batch, 0, row), cell(batch, 1, row), cell(batch, 2, row), cell(batch, 3, row), cell(batch, 4, row)});
  }));
  return identity::AreaTree::create(std::move(areas));
}

Result<std::vector<identity::Department>> read_departments(const std::filesystem::path& path) {
  std::vector<identity::Department> out;
  ZHILI_TRY(each_row(path, {"id", "zh", "en", "area"}, [&](const table::Batch& batch, size_t row) {
    out.push_back({cell(batch, 0, row), cell(batch, 1, row), cell(batch, 2, row), cell(batch, 3, row)});
  }));
  return out;
}

Result<std::vector<identity::AreaShape>> read_area_shapes(const std::filesystem::path& path) {
  ZHILI_ASSIGN(const std::string text, read_file(path, kShapeFileBytes));
  boost::system::error_code wrong;
  const auto root = boost::json::parse(text, wrong);
  const auto* collection = root.if_object();
  const auto* features = collection == nullptr ? nullptr : collection->if_contains("features");
  if (wrong || features == nullptr || !features->is_array()) {
    return fail(ErrorCode::kInput, {path.string(), 0, 0}, "A GeoJSON FeatureCollection is wanted (RFC 7946).",
                "is no list of features");
  }
  std::vector<identity::AreaShape> out;
  for (const auto& feature : features->get_array()) {
    const auto* one = feature.if_object();
    const auto* properties = one == nullptr ? nullptr : one->if_contains("properties");
    const auto* geometry = one == nullptr ? nullptr : one->if_contains("geometry");
    if (properties == nullptr || !properties->is_object() || geometry == nullptr) continue;
    const auto* id = properties->get_object().if_contains("id");
    if (id == nullptr) id = properties->get_object().if_contains("code");
    if (id == nullptr || !id->is_string()) continue;
    out.push_back({std::string(id->get_string()), boost::json::serialize(*geometry)});
  }
  return out;
}

}  // namespace zhili::cli
