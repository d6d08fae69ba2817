#include "library/plan.hpp"

#include <boost/json.hpp>

#include "base/limits.hpp"
#include "base/output_dir.hpp"
#include "table/reader.hpp"

namespace zhili::library {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPlan = "base.json";
constexpr const char* kConfig = "fuse.yaml";
constexpr const char* kDivisions = "divisions.csv";
constexpr const char* kPlaces = "places.jsonl";
constexpr size_t kDivisionBytes = size_t{64} << 20;

std::unexpected<Error> no_plan(const fs::path& dir) {
  return fail(ErrorCode::kNotFound, {dir.string(), 0, 0}, "Make it with 'zhili base load --online'.",
              "there is no base here");
}

std::string text_of(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Status read_places(const fs::path& file, Plan& plan) {
  table::ReadOptions options;
  options.columns = {"address", "area"};
  ZHILI_ASSIGN(const auto reader, table::Reader::open(file, options));
  table::Batch batch;
  for (;;) {
    ZHILI_ASSIGN(const bool more, reader->next(batch));
    if (!more) return {};
    for (size_t row = 0; row < batch.rows(); ++row) plan.places.emplace_back(batch.cell(0, row), batch.cell(1, row));
  }
}

}  // namespace

Placing::Placing(text::DivisionTable divisions, identity::AreaTree tree, std::string elsewhere)
    : divisions_(std::move(divisions)),
      tree_(std::move(tree)),
      elsewhere_(std::move(elsewhere)),
      locator_(divisions_) {}

std::string Placing::place_of(const std::vector<std::string_view>& addresses) const {
  constexpr size_t kCounty = 6;
  constexpr size_t kLevel = 3;
  for (const std::string_view address : addresses) {
    const auto place = locator_.find(address);
    if (!place.area.empty()) return place.area;
    for (size_t digits = place.division.size(); digits >= kCounty; digits -= kLevel) {
      if (tree_.has(place.division.substr(0, digits))) return place.division.substr(0, digits);
    }
  }
  return elsewhere_;
}

Status write_plan(const fs::path& dir, const Plan& plan) {
  std::error_code ec;
  fs::create_directories(dir, ec);
  if (ec) return fail(ErrorCode::kIo, {dir.string(), 0, 0}, "Check the path.", "cannot be made: {}", ec.message());
  ZHILI_TRY(write_file_atomically(dir / kConfig, plan.config_yaml));
  fs::remove(dir / kDivisions, ec);
  if (!plan.divisions.empty()) {
    ZHILI_ASSIGN(const std::string divisions, read_file(plan.divisions, kDivisionBytes));
    ZHILI_TRY(write_file_atomically(dir / kDivisions, divisions));
  }
  std::string places;
  for (const auto& [address, area] : plan.places) {
    places += boost::json::serialize(boost::json::object{{"address", address}, {"area", area}}) + "\n";
  }
  ZHILI_TRY(write_file_atomically(dir / kPlaces, places));
  const boost::json::object words{
      {"kind", plan.kind}, {"purpose", plan.purpose}, {"basis", plan.basis}, {"elsewhere", plan.elsewhere}};
  // Last: a plan without it is none.
  return write_file_atomically(dir / kPlan, boost::json::serialize(words) + "\n");
}

Result<Plan> read_plan(const fs::path& dir) {
  std::error_code ec;
  if (!fs::exists(dir / kPlan, ec)) return no_plan(dir);
  Plan out;
  ZHILI_ASSIGN(const std::string words, read_file(dir / kPlan, limits::kYamlBytes));
  boost::system::error_code wrong;
  const auto read = boost::json::parse(words, wrong);
  if (wrong || !read.is_object()) {
    return fail(ErrorCode::kInput, {(dir / kPlan).string(), 0, 0}, "Make the base anew.", "is not what was written");
  }
  const auto& object = read.get_object();
  out.kind = text_of(object, "kind");
  out.purpose = text_of(object, "purpose");
  out.basis = text_of(object, "basis");
  out.elsewhere = text_of(object, "elsewhere");
  ZHILI_ASSIGN(out.config_yaml, read_file(dir / kConfig, limits::kYamlBytes));
  ZHILI_ASSIGN(out.config, fuse::parse_config(out.config_yaml, dir / kConfig, dir));
  // What was learnt is in the snapshots.
  out.config.decisions.reset();
  out.config.labels.reset();
  out.config.model.reset();
  out.config.divisions.reset();
  if (fs::exists(dir / kDivisions, ec)) out.config.divisions = out.divisions = dir / kDivisions;
  if (fs::exists(dir / kPlaces, ec) && fs::file_size(dir / kPlaces, ec) > 0) {
    ZHILI_TRY(read_places(dir / kPlaces, out));
  }
  return out;
}

}  // namespace zhili::library
