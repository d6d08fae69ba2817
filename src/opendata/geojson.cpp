#include "opendata/geojson.hpp"

namespace zhili::opendata {

std::string to_geojson(const PublicTable& table, const ShapeOf& shape_of) {
  const size_t none = table.columns().size();
  const size_t latitude = table.meaning("latitude");
  const size_t longitude = table.meaning("longitude");
  const size_t area = table.meaning("area:");
  const bool points = latitude != none && longitude != none;
  constexpr size_t kAreaMark = 5;  // "area:"
  const std::string_view level =
      area == none ? std::string_view() : std::string_view(table.columns()[area].means).substr(kAreaMark);
  std::string out = R"({"type":"FeatureCollection","features":[)";
  for (size_t row = 0; row < table.rows(); ++row) {
    out += row == 0 ? "\n" : ",\n";
    out += R"({"type":"Feature","geometry":)";
    std::string geometry;
    if (points && !table.cell(row, latitude).empty() && !table.cell(row, longitude).empty()) {
      geometry = fmt::format(R"({{"type":"Point","coordinates":[{},{}]}})", table.cell(row, longitude),
                             table.cell(row, latitude));
    } else if (area != none) {
      geometry = shape_of(level, table.cell(row, area));
    }
    out += geometry.empty() ? "null" : geometry;
    out += R"(,"properties":{)";
    for (size_t i = 0; i < none; ++i) {
      if (i > 0) out += ',';
      append_json_text(out, table.columns()[i].id);
      out += ':';
      append_json_cell(out, table.columns()[i], table.cell(row, i));
    }
    out += "}}";
  }
  return out + "\n]}\n";
}

}  // namespace zhili::opendata
