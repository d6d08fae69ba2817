#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "twin/calendar.hpp"
#include "twin/names.hpp"

namespace zhili::twin {

/// Index of a person, household, dwelling or enterprise in its cell; kNone means there is none.
using Index = int32_t;
inline constexpr Index kNone = -1;

/// What something was, and since when, for many things at once: each thing holds the index of its newest entry, and
/// entries lead back in time. The days of one thing's entries never fall.
template <class T>
class History {
 public:
  struct Entry {
    Day from = 0;
    Index before = kNone;
    T value{};
  };

  void push(Index& newest, Day from, T value) {
    if (newest != kNone && from < entries_[static_cast<size_t>(newest)].from) {
      from = entries_[static_cast<size_t>(newest)].from;
    }
    entries_.push_back({from, newest, std::move(value)});
    newest = static_cast<Index>(entries_.size() - 1);
  }
  /// The entry in force on a day; null where there was none yet.
  const Entry* at(Index newest, Day day) const {
    for (Index i = newest; i != kNone; i = entries_[static_cast<size_t>(i)].before) {
      if (entries_[static_cast<size_t>(i)].from <= day) return &entries_[static_cast<size_t>(i)];
    }
    return nullptr;
  }
  const Entry* before(const Entry& entry) const {
    return entry.before == kNone ? nullptr : &entries_[static_cast<size_t>(entry.before)];
  }
  size_t size() const { return entries_.size(); }

 private:
  std::vector<Entry> entries_;
};

struct Person {
  Name name;       ///< The present one; earlier ones are in Cell::names.
  std::string id;  ///< Eighteen digits, valid, of this person alone.
  Day birth = 0;
  Day death = kNever;
  Day came = 0;       ///< First day in the district: birth or arrival.
  Day left = kNever;  ///< Day of leaving the district for good.
  Sex sex = Sex::kFemale;
  bool dotted = false;    ///< Of a people without surnames.
  bool local = false;     ///< Born with a registered home (户口) in the district.
  uint8_t ethnicity = 0;  ///< Index into kEthnicities.
  uint32_t county = 0;    ///< Where the ID number was given: index into Geography::counties().
  uint64_t far_home = 0;  ///< Hash of the home outside the district.
  Index father = kNone;
  Index mother = kNone;
  Index spouse = kNone;
  Index marriage = kNone;    ///< The present one.
  Index last_child = kNone;  ///< Youngest child; siblings lead back by `elder_sibling` of the mother.
  Index elder_sibling = kNone;
  Index employer = kNone;
  // Newest entries in the histories of the cell.
  Index name_entry = kNone;
  Index stay = kNone;
  Index registered = kNone;
  Index phone = kNone;

  Day gone() const { return death < left ? death : left; }
  bool resident(Day day) const { return came <= day && day < gone(); }
};

struct Household {
  uint64_t number = 0;  ///< Of the whole district.
  std::vector<Index> members;
  Index home = kNone;             ///< Newest entry in Cell::homes.
  Index registered_home = kNone;  ///< Newest entry in Cell::registered_homes.
  bool migrant = false;
  bool owner = false;
};

struct Marriage {
  Index husband = kNone;
  Index wife = kNone;
  Day from = 0;
  Day until = kNever;
  bool divorced = false;
};

/// Who owns a dwelling, and since when.
struct Title {
  uint32_t dwelling = 0;  ///< Index into Cell::dwellings.
  Index owner = kNone;
  Index co_owner = kNone;
  Day from = 0;
  Day until = kNever;
};

struct Enterprise {
  uint64_t number = 0;
  std::string name;
  std::string short_name;  ///< As people call it.
  std::string trade;
  std::string credit_code;
  bool shop = false;  ///< 个体工商户: a sole trader.
  Day founded = 0;
  Day closed = kNever;
  Index legal_person = kNone;
  Index former_legal_person = kNone;
  Day legal_person_since = 0;
  uint32_t dwelling = 0;  ///< Index into Cell::dwellings: the building in which it sits.
  std::string phone;
};

/// Some five thousand residents with all their kin: the unit of making and writing. Cells share nothing but the
/// geography, over all of which their homes are strewn, so they can be made in any order and on any thread.
struct Cell {
  uint64_t number = 0;
  std::vector<uint64_t> dwellings;
  std::vector<Person> people;
  std::vector<Household> households;
  std::vector<Marriage> marriages;
  std::vector<Title> titles;
  std::vector<Enterprise> enterprises;
  History<Name> names;
  History<Index> stays;                ///< Of a person: the household.
  History<Index> registered;           ///< Of a person: the household of the household book (户口), kNone outside.
  History<uint32_t> homes;             ///< Of a household: index into dwellings.
  History<uint32_t> registered_homes;  ///< The address in the household book.
  History<std::string> phones;

  const Person& person(Index i) const { return people[static_cast<size_t>(i)]; }
  /// The household a person lives in on a day, kNone when not in the district.
  Index household_at(const Person& person, Day day) const;
  /// The household book a person stands in on a day, kNone when it is elsewhere.
  Index book_at(const Person& person, Day day) const;
  const Name& name_at(const Person& person, Day day) const;
  /// Empty when the person had no phone.
  std::string phone_at(const Person& person, Day day) const;
  /// Index into dwellings, kNone when not in the district.
  Index dwelling_at(const Person& person, Day day) const;
  Index registered_dwelling_at(const Person& person, Day day) const;
};

/// Who of `members` is taken for the head: the oldest adult, men before women by five years; kNone without an adult.
Index head_of(const Cell& cell, const std::vector<Index>& members, Day day);

inline constexpr std::string_view kEthnicities[] = {"汉族", "回族", "满族", "蒙古族", "壮族", "苗族", "维吾尔族"};
inline constexpr uint8_t kDottedEthnicity = 6;

}  // namespace zhili::twin
