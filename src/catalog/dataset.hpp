#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "catalog/catalog.hpp"
#include "expression/expression.hpp"

/// Entries of the one catalogue in which departments say what data they hold: the core metadata of
/// 政务信息资源目录编制指南（试行） (2017), after GB/T 21063, with the sharing attributes of the Government Data
/// Sharing Regulation (政务数据共享条例, State Council Decree 809 of 2025).
namespace zhili::catalog {

/// 共享属性: whether other departments may have it.
enum class Sharing : uint8_t {
  kUnconditional,  ///< 无条件共享
  kConditional,    ///< 有条件共享: on the conditions that it names.
  kNotShared,      ///< 不予共享: only with a law that says so.
};
std::string_view name_of(Sharing sharing);

/// 开放属性: whether the public may have it.
enum class Openness : uint8_t { kOpen, kOnRequest, kNotOpen };
std::string_view name_of(Openness openness);

/// 更新周期: how soon a change of the world is in the data.
enum class Cycle : uint8_t { kContinuous, kDaily, kWeekly, kMonthly, kQuarterly, kYearly, kOnChange };
std::string_view name_of(Cycle cycle);

/// 信息项: one field of a dataset.
struct DatasetField {
  std::string id;
  Title title;
  std::string column;   ///< As files call it in their header; empty: its id.
  std::string element;  ///< The data element (数据元) that it holds: fields of one element are the same fact.
  ValueType type = ValueType::kText;
  int grade = 1;          ///< 1 to limits::kGrades.
  bool key = false;       ///< It tells rows apart.
  bool required = false;  ///< No row may lack it.
  /// Why it is collected although another department shares it.
  std::string collected_because;

  const std::string& in_file() const { return column.empty() ? id : column; }
  bool operator==(const DatasetField&) const = default;
};

/// A rule over the fields of one row (数据质量规则).
struct QualityRule {
  std::string id;
  Title title;
  std::string holds;     ///< An expression over the fields' ids that is true of every sound row: "birth <= today".
  bool rejects = false;  ///< A row that breaks it does not come in.
  bool operator==(const QualityRule&) const = default;
};

/// When a batch waits for its owner before it counts. Shares of 0 to 1.
struct HoldBack {
  std::optional<double> mistaken_rows;  ///< More of its rows than this have a mistake.
  std::optional<double> fewer_rows;     ///< A full snapshot has fewer rows than the last one, by more than this.
  bool on_alarm = false;                ///< A figure of its quality changed suddenly.
  bool operator==(const HoldBack&) const = default;
};

/// 目录条目.
struct Dataset {
  std::string id;  ///< A word, for addresses: "police.residents".
  std::string
      code;  ///< 信息资源代码: class 1, item 2, category 3 digits, details, "/", serial number: "306012/000001".
  Title title;
  std::string summary;   ///< 摘要
  std::string provider;  ///< 提供方: the department that owns it.
  std::string format;    ///< 格式: "database", "csv", …
  std::vector<DatasetField> fields;
  Sharing sharing = Sharing::kConditional;
  std::string sharing_condition;  ///< 共享条件
  std::string basis;              ///< The legal basis, where it is not shared without condition.
  Openness openness = Openness::kNotOpen;
  std::string open_condition;
  Cycle cycle = Cycle::kOnChange;
  std::string source_system;         ///< 来源系统
  std::vector<std::string> related;  ///< 关联资源代码: codes of other entries.
  std::vector<QualityRule> rules;
  HoldBack hold_back;
  bool operator==(const Dataset&) const = default;

  const DatasetField* find(std::string_view field) const;
};

/// What is wrong with an entry, by the path of its JSON form: "/fields/2/grade".
struct DatasetMistake {
  std::string path;
  std::string zh;
  std::string en;
  bool operator==(const DatasetMistake&) const = default;
};

/// All that is wrong with an entry by itself: words, codes, grades, doubled fields, what its sharing attribute asks
/// for, rules that can't be read. `catalog` knows legal bases and data elements.
std::vector<DatasetMistake> mistakes_in(const Dataset& dataset, const Catalog& catalog);

/// The type that a field's values have in expressions.
expression::Type expression_type(ValueType type);

/// Whether text is a code of an information resource, as Dataset::code has it.
bool is_resource_code(std::string_view text);

/// The entry as JSON, and back. Errors of the latter: kInput, with the path.
std::string to_json(const Dataset& dataset);
Result<Dataset> dataset_from_json(std::string_view json);

}  // namespace zhili::catalog
