#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/random.hpp"
#include "twin/geography.hpp"
#include "twin/names.hpp"
#include "twin/people.hpp"

namespace zhili::twin {

/// Writes the story of one cell, year by year from kFirstYear to kLastYear: births, deaths, marriages, divorces,
/// changes of name, moves inside, into and out of the district, titles to homes. At the end exactly as many people as
/// asked for live in the cell. Rates are in chronicle.cpp with their reasons.
class Chronicle {
 public:
  /// The cell's number, and which dwellings it may use (indices of the geography), are set in `cell`.
  Chronicle(const Geography& geography, const Names& names, uint64_t seed, Cell& cell);

  /// Tells the story to its end. `residents` may be 0.
  void tell(uint64_t residents);

  /// Twins, of births; 10 to 16 in 1,000 are reported for China.
  static constexpr double kTwinShare = 0.012;

 private:
  // One year's events, each over the people or households at its beginning.
  void deaths(int year);
  void births(int year);
  void marry(int year);
  void divorce(int year);
  void leave_home(int year);
  void move(int year);
  void emigrate(int year, uint64_t plan);
  void immigrate(int year, uint64_t plan);
  void settle_migrants(int year);
  void buy_public_homes(int year);
  void rename(int year);
  void gather_children(int year);

  // People.
  Index add_person(Sex sex, Day birth, uint32_t county, bool local);
  void name_person(Index who, std::string surname, std::string_view generation);
  void issue_id(Person& person);
  Index bear(Index mother, Day birth, const std::string& surname, Index twin);
  void wed(Index husband, Index wife, Day day);
  Index find_husband(Index wife, int year);
  Index spouse_from_outside(Index who, Day day);
  void die(Index who, Day day);
  void leave(Index household, Day day);

  // Arrivals; each returns how many came. At most `room` come.
  uint64_t arrive(Day day, uint64_t room);
  uint64_t arrive_founders(Day day, uint64_t room);
  uint64_t arrive_single(Day day, bool local);
  uint64_t arrive_family(Day day, uint64_t room, bool local);
  uint64_t arrive_parents(Day day, uint64_t room);
  Index newcomer(Sex sex, Day birth, Day day, uint32_t county);
  uint32_t home_county();
  uint32_t own_county() const { return Geography::own_county(cell_.number); }

  // Households and homes.
  Index found_household(bool migrant);
  void enter(Index who, Index household, Day day);
  void settle(Index household, Day day);
  void vacate(Index household);
  uint32_t take_dwelling(int year);
  void take_title(Index household, uint32_t dwelling, Day day);
  void rent_out(uint32_t dwelling, Day day);
  void register_home(Index who, Index household, Day day) { cell_.registered.push(at(who).registered, day, household); }
  void refresh_residents(Day day);

  Person& at(Index who) { return cell_.people[static_cast<size_t>(who)]; }
  const Person& at(Index who) const { return cell_.people[static_cast<size_t>(who)]; }
  Household& house(Index household) { return cell_.households[static_cast<size_t>(household)]; }
  // The story's last days are kept free, so that whoever has come may still leave before the count.
  Day day_in(int year) { return to_day(year, 1, 1) + static_cast<Day>(random_.below(year < kLastYear ? 365 : 350)); }
  bool single(const Person& person) const { return person.spouse == kNone; }

  const Geography& geography_;
  const Names& names_;
  Cell& cell_;
  Random random_;
  std::vector<Index> residents_;                    // At the beginning of the year's step.
  std::vector<Index> bachelors_;                    // Men who may marry this year.
  std::vector<uint32_t> vacant_;                    // Dwellings that were lived in and are empty.
  size_t fresh_ = 0;                                // The next dwelling never lived in; they are sorted by age.
  std::vector<uint16_t> built_;                     // Year, by dwelling.
  std::vector<Index> current_title_;                // By dwelling.
  std::unordered_map<uint64_t, uint32_t> serials_;  // Given so far, by county, day of birth and sex.
};

}  // namespace zhili::twin
