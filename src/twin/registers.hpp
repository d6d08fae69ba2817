#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/random.hpp"
#include "twin/geography.hpp"
#include "twin/people.hpp"
#include "twin/spoiler.hpp"
#include "twin/tables.hpp"

namespace zhili::twin {

/// How a register of people comes about.
struct RegisterRow {
  Register where;
  std::string_view title;
  std::string_view covers;  ///< Whom it holds.
  double lag_years;         ///< Mean age of a record: how long ago its values were true.
  std::string_view lag;     ///< Why.
};

/// Coverage and lag of the nine registers; docs/twin.md shows it, a test keeps the two the same.
inline constexpr RegisterRow kRegisterTable[kRegisters] = {
    {Register::kPolice, "公安户籍", "98.5% of those who stand in a household book (户口) of the district", 4,
     "a book is touched when something happens to it"},
    {Register::kSocial, "社会保险",
     "97% of employees, 90% of pensioners, 55% of other adults with a household book here, 15% of other adults", 2,
     "changes of employer bring an update"},
    {Register::kHealth, "居民健康档案",
     "95% of children under 7, 92% from 65 on, 72% of the others; of migrants a quarter less", 3, "updated at visits"},
    {Register::kCivil, "民政", "each marriage and divorce since 1995, the allowance from 80 on (90% of those entitled)",
     0, "a record is of its day and never updated"},
    {Register::kEducation, "教育学籍",
     "96% of residents of 3 to 17 years; a quarter of those of 18 to 23 still stand in it", 0.6,
     "updated each school year"},
    {Register::kHousing, "不动产登记",
     "owners and co-owners of homes since 1998; a seventh of ended titles still stand in it", 0,
     "a title is of its day and never updated"},
    {Register::kTax, "税务", "94% of employees, and legal representatives of enterprises", 1.2, "updated by employers"},
    {Register::kDisabled, "残联", "3.5% of residents, from 60 on 12%", 5, "a certificate holds ten years"},
    {Register::kGrid, "网格员走访", "88% of residents", 0.7, "grids are visited about twice a year"},
};

std::string register_table_markdown();

/// What the clerks need that is the same for all cells.
struct Office {
  const Geography& geography;
  const Confusion& confusion;
  uint64_t seed = 0;
  double error_scale = 1;
};

/// Writes what the departments know of one cell's people, each in its own way, with the errors of errors.hpp, and the
/// truth about each record.
class Clerks {
 public:
  Clerks(const Office& office, const Cell& cell, CellRows& rows, ErrorCounts& counts);

  void write_all();

 private:
  // registers.cpp
  void police();
  void social();
  void health();
  void tax();
  void disabled();
  void grid();
  // registers_events.cpp: registers of events and of the young
  void civil();
  void education();
  void housing();
  // registers_units.cpp: households, enterprises, the truth about people
  void households();
  void enterprises();
  void people();

  void police_row(Index who, Day day, std::string_view state);
  std::string_view relation(Index who) const;
  std::string_view marital_state(const Person& person, Day day) const;
  void civil_row(Index who, Day day, std::string_view business, Index spouse);
  void housing_row(const Title& title, Index who);
  void household_rows(Index household, Index head);
  void book_row(Index household, Index head);
  void enterprise_rows(const Enterprise& enterprise, size_t staff);

  /// The day whose values a register shows for a person, or none where the register does not hold them.
  std::optional<Day> seen(const Person& person, Register where, double share);
  Facts facts(Index who, Day day, Register where);
  Address home_address(const Person& person, Day day) const;
  Address book_address(const Person& person, Day day) const;
  std::string relative_phone(const Person& person, Day day) const;
  Index guardian(const Person& person, Day day) const;
  /// A new record's id in a table, scrambled.
  std::string number(Table table, std::string_view prefix);
  void truth(Table table, std::string_view record, Index who);
  std::string grid_name(Index dwelling) const;
  Rows& rows(Table table) { return rows_[static_cast<size_t>(table)]; }
  Rows& rows(Register where) { return rows(table_of(where)); }
  Address dwelling_address(Index dwelling) const;
  Day today_less(double mean_years);

  const Office& office_;
  const Cell& cell_;
  CellRows& rows_;
  Random random_;
  Spoiler spoiler_;
  std::array<uint32_t, kTables> numbered_{};
  std::vector<std::vector<Index>> book_members_;  // At kReference, by household.
  std::vector<Index> book_heads_;
};

/// "P…" the id that the truth gives to a person; likewise "H…", "E…", "B…" for households, enterprises, buildings.
std::string truth_id(char kind, uint64_t number, uint64_t seed);

/// Rows about the district's buildings: the registers of places and their truth.
void write_places(const Office& office, uint32_t first, uint32_t last, CellRows& rows, ErrorCounts& counts);

}  // namespace zhili::twin
