#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "identity/area_tree.hpp"
#include "opendata/plan.hpp"
#include "opendata/public_table.hpp"
#include "text/date.hpp"

namespace zhili::opendata {

/// What values are made coarser by. All outlive it.
struct Ground {
  const catalog::Dataset& dataset;
  const catalog::Catalog& catalog;
  const identity::AreaTree& areas;
  text::PartialDate today;
};

/// Makes the values of one column coarser. What fits no form is empty: it is then like all others that are.
class Generaliser {
 public:
  /// The column is of a settled plan. Error: kInput for a level that no area has.
  static Result<Generaliser> create(const PlanColumn& column, const Ground& ground);

  std::string operator()(std::string_view value) const;
  /// All that it can give beside nothing, where the plan and the catalogue alone say what that is; else empty.
  const std::vector<std::string>& domain() const { return domain_; }
  /// As it is published.
  const Column& column() const { return made_; }

 private:
  Generaliser(PlanColumn column, const identity::AreaTree& areas) : plan_(std::move(column)), areas_(&areas) {}
  Status open(const Ground& ground);
  void list_bands();
  std::string band(double number) const;
  std::string dated(std::string_view value) const;
  std::string area(std::string_view value) const;
  std::string made(std::string_view value) const;

  PlanColumn plan_;
  const identity::AreaTree* areas_;
  text::PartialDate today_;
  bool number_ = false;
  Column made_;
  std::vector<std::string> domain_;
  bool only_domain_ = false;
  std::map<std::string, std::string, std::less<>> groups_;  // By value.
  std::vector<const identity::Area*> level_;                // Of the level, longest names first.
};

/// A number in its shortest form; empty where it is none.
std::string shortest(std::string_view number);

}  // namespace zhili::opendata
