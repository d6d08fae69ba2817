#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "catalog/dataset.hpp"
#include "opendata/noise.hpp"

/// What a department opens of a dataset, and in which form.
namespace zhili::opendata {

inline constexpr size_t kPlanBytes = size_t{256} << 10;
inline constexpr size_t kPlanColumns = 50;
inline constexpr size_t kPlanValues = 1000;  ///< Of a column's groups or its domain.
inline constexpr int64_t kLeastK = 3;        ///< Of what is about people.
inline constexpr int64_t kUsualK = 5;
inline constexpr int64_t kMostK = 1'000'000;

/// How values are made coarser. The name in files is in quotes.
enum class Form : uint8_t {
  kKeep,     ///< "keep": as it is.
  kBand,     ///< "band": a number as the band of `width` that it lies in, "20-29".
  kAge,      ///< "age": a date of birth as the band of the age on the day of publication.
  kYear,     ///< "year": a date as 2026,
  kQuarter,  ///< "quarter": as 2026-Q1,
  kMonth,    ///< "month": as 2026-01.
  kFirst,    ///< "first": the first `characters`.
  kArea,     ///< "area": an area's id or an address as the area of `level` that it lies in.
  kGroups,   ///< "groups": as the group that lists the value; other values are empty.
  kRound,    ///< "round": a number with `digits` behind the point.
};
std::string_view name_of(Form form);

/// What somebody may make of a column.
enum class Role : uint8_t {
  kPlain,      ///< "plain": tells nothing of a person.
  kQuasi,      ///< "quasi": others may know it of a person, and find the row by it.
  kSensitive,  ///< "sensitive": is to be learnt of nobody.
};
std::string_view name_of(Role role);

struct Group {
  std::string name;
  std::vector<std::string> values;
  bool operator==(const Group&) const = default;
};

struct PlanColumn {
  std::string field;
  std::string name = {};      ///< Of the column; the field's id, if left out.
  catalog::Title title = {};  ///< The field's, if left out.
  Form form = Form::kKeep;
  std::optional<Role> role = {};  ///< If left out: quasi of grade 2 and above in data about people, else plain.
  int64_t width = 10;             ///< Of bands.
  int64_t from = 0;               ///< Where the first band begins; what lies below is in one of its own,
  int64_t to = 100;               ///< as is what lies from here on.
  int64_t characters = 1;
  int64_t digits = 2;
  std::string level = {};
  std::vector<Group> groups = {};
  std::vector<std::string> values = {};  ///< The only ones that are told; others are empty.
  bool operator==(const PlanColumn&) const = default;

  const std::string& id() const { return name.empty() ? field : name; }
};

enum class Shape : uint8_t {
  kRecords,  ///< "records": a row for each row.
  kCounts,   ///< "counts": a row for each combination of the columns, with how many rows have it.
};
std::string_view name_of(Shape shape);

struct Plan {
  std::string id;  ///< A word for addresses: "residents-by-age".
  std::string dataset;
  catalog::Title title;
  std::string summary;
  std::string basis;  ///< The legal basis of the publication.
  std::string theme;  ///< A word; the group that catalogues put it in.
  std::vector<std::string> tags;
  std::string licence = "cc-by";
  Shape shape = Shape::kRecords;
  std::vector<PlanColumn> columns;
  std::vector<std::string> key;  ///< Columns that tell rows apart, so that versions are compared row by row.
  int64_t k = 0;        ///< The smallest class, or count, that is told; 0: kUsualK for data about people, else 1.
  int64_t l = 0;        ///< Different sensitive values in each class; 0: 2 where there is a sensitive column.
  double suppress = 0;  ///< At most this share of the rows may be left out to reach that.
  std::optional<Epsilon> epsilon = {};  ///< Of counts: noise instead of leaving small ones out.
  bool operator==(const Plan&) const = default;
};

/// The JSON form, and back. Errors of the latter: kInput with the path of what is wrong.
std::string to_json(const Plan& plan);
Result<Plan> plan_from_json(std::string_view json);
/// YAML with the same keys. Errors: kConfig, kInput.
Result<Plan> plan_from_yaml(std::string_view yaml, const std::string& file);

/// Whether it holds anything about people: a field of grade 3 or above.
bool is_personal(const catalog::Dataset& dataset);

/// What was left out is set: titles, roles, k and l. Errors: kConstraint where the catalogue does not let the dataset
/// be opened, or a field never may; kInput for what fits not. All that is wrong is told.
Result<Plan> settled(Plan plan, const catalog::Dataset& dataset, const catalog::Catalog& catalog);

}  // namespace zhili::opendata
