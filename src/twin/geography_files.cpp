#include "twin/geography_files.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>

#include "table/csv_writer.hpp"
#include "text/pinyin.hpp"
#include "text/utf8.hpp"
#include "twin/address_text.hpp"

namespace zhili::twin {
namespace {

constexpr std::string_view kLevelNames[] = {"", "province", "city", "county", "street", "community", "grid"};

std::string_view level_name(Level level) { return kLevelNames[static_cast<size_t>(level)]; }

/// A GeoJSON FeatureCollection (RFC 7946), written feature by feature.
class GeoJson {
 public:
  explicit GeoJson(std::filesystem::path path) : path_(std::move(path)), file_(path_, std::ios::binary) {
    text_ = "{\"type\":\"FeatureCollection\",\"features\":[\n";
  }

  void feature(std::string_view properties, std::string_view geometry, const std::vector<Position>& points, bool ring) {
    if (!first_) text_ += ",\n";
    first_ = false;
    text_ +=
        fmt::format("{{\"type\":\"Feature\",\"properties\":{{{}}},\"geometry\":{{\"type\":\"{}\",\"coordinates\":{}",
                    properties, geometry, ring ? "[[" : "[");
    for (size_t i = 0; i < points.size(); ++i) put(points[i], i > 0);
    if (ring) put(points.front(), true);
    text_ += ring ? "]]}}" : "]}}";
    if (text_.size() > (size_t{1} << 20)) flush();
  }
  Status finish() {
    text_ += "\n]}\n";
    flush();
    file_.close();
    if (!file_.fail()) return {};
    return fail(ErrorCode::kIo, {path_.string()}, "Free some space, or choose another --out.", "can't write: {}",
                std::strerror(errno));
  }

 private:
  void put(const Position& p, bool comma) {
    text_ += fmt::format("{}[{:.6f},{:.6f}]", comma ? "," : "", p.longitude, p.latitude);
  }
  void flush() {
    file_.write(text_.data(), static_cast<std::streamsize>(text_.size()));
    text_.clear();
  }

  std::filesystem::path path_;
  std::ofstream file_;
  std::string text_;
  bool first_ = true;
};

std::string parent_code(const Geography& g, const Division& d) {
  return d.parent < 0 ? std::string() : g.division(static_cast<uint32_t>(d.parent)).code;
}

/// "Ningmu District" for 宁沐区, "Grid 3" for 第3网格.
std::string english_name(std::string_view name, Level level) {
  if (level == Level::kGrid) {
    std::string number;
    for (const char c : name) {
      if (c >= '0' && c <= '9') number += c;
    }
    return "Grid " + number;
  }
  constexpr std::pair<std::string_view, std::string_view> kKinds[] = {
      {"街道", " Subdistrict"}, {"社区", " Community"}, {"省", " Province"}, {"市", " City"},   {"区", " District"},
      {"县", " County"},        {"镇", " Town"},        {"乡", " Township"}, {"村", " Village"}};
  std::string_view kind;
  for (const auto& [zh, en] : kKinds) {
    if (!name.ends_with(zh)) continue;
    name.remove_suffix(zh.size());
    kind = en;
    break;
  }
  std::string out;
  for (const char32_t c : text::decode(name)) out += text::reading(c);
  if (!out.empty()) out[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(out[0])));
  return out + std::string(kind);
}

/// The district with all beneath it, and what it lies in: the tree that permissions speak of.
Status write_areas(const Geography& g, const std::filesystem::path& directory) {
  const auto& all = g.divisions();
  std::vector<uint8_t> inside(all.size(), 0);
  for (size_t i = 0; i < all.size(); ++i) {
    if (!all[i].drawn && all[i].level != Level::kGrid) continue;
    for (auto at = static_cast<int64_t>(i); at >= 0 && inside[static_cast<size_t>(at)] == 0;
         at = all[static_cast<size_t>(at)].parent) {
      inside[static_cast<size_t>(at)] = 1;
    }
  }
  ZHILI_ASSIGN(auto areas, table::CsvWriter::create(directory / "areas.csv", {"id", "parent", "level", "zh", "en"}));
  for (size_t i = 0; i < all.size(); ++i) {
    if (inside[i] == 0) continue;
    const Division& d = all[i];
    ZHILI_TRY(areas.append({d.code, parent_code(g, d), level_name(d.level), d.name, english_name(d.name, d.level)}));
  }
  return areas.finish();
}

/// Who works there: the departments that keep registers, the service hall, and each street's office.
Status write_departments(const Geography& g, const std::filesystem::path& directory) {
  constexpr std::array<std::array<std::string_view, 3>, 12> kOfDistrict = {
      {{"police", "公安局", "Public Security Bureau"},
       {"social", "人力资源和社会保障局", "Human Resources and Social Security Bureau"},
       {"health", "卫生健康委员会", "Health Commission"},
       {"civil", "民政局", "Civil Affairs Bureau"},
       {"education", "教育局", "Education Bureau"},
       {"housing", "不动产登记中心", "Real Estate Registration Centre"},
       {"tax", "税务局", "Tax Bureau"},
       {"disabled", "残疾人联合会", "Disabled Persons' Federation"},
       {"hall", "政务服务中心", "Government Service Hall"},
       {"data", "数据局", "Data Bureau"},
       {"audit", "审计局", "Audit Bureau"},
       {"discipline", "纪律检查委员会", "Commission for Discipline Inspection"}}};
  ZHILI_ASSIGN(auto out, table::CsvWriter::create(directory / "departments.csv", {"id", "zh", "en", "area"}));
  std::string district;
  for (const Division& d : g.divisions()) {
    if (d.drawn && d.level == Level::kCounty) district = d.code;
  }
  for (const auto& [id, zh, en] : kOfDistrict) ZHILI_TRY(out.append({id, zh, en, district}));
  for (const Division& d : g.divisions()) {
    if (!d.drawn || d.level != Level::kStreet) continue;
    // 和光街道 has a 办事处, 紫河镇 a 人民政府.
    const bool office = d.name.ends_with("街道");
    ZHILI_TRY(out.append({"street-" + d.code, d.name + (office ? "办事处" : "人民政府"),
                          english_name(d.name, d.level) + " Office", d.code}));
  }
  return out.finish();
}

}  // namespace

Status write_geography(const Geography& g, const std::filesystem::path& directory) {
  ZHILI_ASSIGN(auto divisions,
               table::CsvWriter::create(directory / "divisions.csv", {"code", "name", "level", "parent_code"}));
  ZHILI_ASSIGN(auto grids, table::CsvWriter::create(directory / "grids.csv", {"code", "name", "community_code"}));
  GeoJson areas(directory / "divisions.geojson");
  for (const Division& d : g.divisions()) {
    const std::string parent = parent_code(g, d);
    ZHILI_TRY(d.level == Level::kGrid ? grids.append({d.code, d.name, parent})
                                      : divisions.append({d.code, d.name, level_name(d.level), parent}));
    if (!d.drawn) continue;
    areas.feature(fmt::format(R"("code":"{}","name":"{}","level":"{}","parent_code":"{}")", d.code, d.name,
                              level_name(d.level), parent),
                  "Polygon", g.border(d.area), true);
  }
  ZHILI_TRY(divisions.finish());
  ZHILI_TRY(grids.finish());
  ZHILI_TRY(areas.finish());

  ZHILI_TRY(write_areas(g, directory));
  ZHILI_TRY(write_departments(g, directory));

  GeoJson roads(directory / "roads.geojson");
  for (const Road& road : g.roads()) {
    roads.feature(fmt::format(R"("name":"{}")", road.name), "LineString", g.line(road), false);
  }
  ZHILI_TRY(roads.finish());

  ZHILI_ASSIGN(auto buildings, table::CsvWriter::create(directory / "buildings.csv",
                                                        {"building", "grid_code", "address", "longitude", "latitude",
                                                         "units", "floors", "rooms_per_floor", "built"}));
  AddressStyle style;
  style.street = style.community = true;
  style.room = false;
  for (uint32_t i = 0; i < g.buildings().size(); ++i) {
    const Building& b = g.buildings()[i];
    const Position at = g.position(b.x, b.y);
    ZHILI_TRY(buildings.append({std::to_string(i), g.division(b.grid).code,
                                write_address(g.address_of_building(i), style), fmt::format("{:.6f}", at.longitude),
                                fmt::format("{:.6f}", at.latitude), std::to_string(b.units), std::to_string(b.floors),
                                std::to_string(b.per_floor), std::to_string(b.built)}));
  }
  return buildings.finish();
}

}  // namespace zhili::twin
