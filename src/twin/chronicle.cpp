#include "twin/chronicle.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace zhili::twin {
namespace {

// Residents over time as a share of those at the end: a county town that became a city district. The jump after 1990
// is migration for work, which filled China's cities.
struct Growth {
  int year;
  double share;
};
constexpr Growth kGrowth[] = {{1950, 0.27}, {1964, 0.42}, {1978, 0.54}, {1990, 0.62},
                              {2000, 0.74}, {2010, 0.89}, {2020, 0.99}, {2025, 1.00}};

uint64_t planned(uint64_t residents, int year) {
  double share = 1;
  for (size_t i = 1; i < std::size(kGrowth); ++i) {
    const Growth& a = kGrowth[i - 1];
    const Growth& b = kGrowth[i];
    if (year >= a.year && year < b.year) {
      share = a.share + (b.share - a.share) * (year - a.year) / static_cast<double>(b.year - a.year);
    }
  }
  return static_cast<uint64_t>(std::llround(share * static_cast<double>(residents)));
}

// Gompertz: the yearly risk of dying grows by a tenth with each year of age. Fitted to a life expectancy of about 79
// in 2020 (men 76, women 81) and, with the factor, about 55 in 1950.
double death_risk(int age, Sex sex, int year) {
  const double past = 1 + 2.2 * std::max(0, 2015 - year) / 65.0;
  const double infant = age == 0 ? (year < 1980 ? 0.03 : 0.004) : 0;
  return std::min(0.9, infant + past * (sex == Sex::kMale ? 3.4e-5 : 2.2e-5) * std::exp(0.095 * age));
}

// Chance that a married woman bears a child in a year, by how many she has: large families until the 1970s, one child
// in cities from 1980 to 2013, two children since, and few births in the 2020s. Gives about 2.6 births a woman in
// 1960, 1.2 in 2000, 1.0 in 2023.
double birth_chance(int age, int children, int year) {
  constexpr double kByParity[5][5] = {{0.42, 0.30, 0.24, 0.18, 0.10},
                                      {0.48, 0.22, 0.08, 0.03, 0.01},
                                      {0.40, 0.035, 0.005, 0.001, 0},
                                      {0.32, 0.10, 0.01, 0.002, 0},
                                      {0.23, 0.06, 0.01, 0.002, 0}};
  const int period = year < 1971 ? 0 : year < 1980 ? 1 : year < 2014 ? 2 : year < 2022 ? 3 : 4;
  const double by_age = age < 20 || age > 44 ? 0 : age < 31 ? 1 : age < 36 ? 0.65 : age < 40 ? 0.28 : 0.06;
  return by_age * kByParity[period][std::min(children, 4)];
}

// The usual age of brides rose from 20 to 28.
int usual_bride_age(int year) { return 20 + (year < 1980 ? (year - 1950) / 15 : 2 + (year - 1980) / 8); }

double wedding_chance(int age, int year) {
  const int over = age - usual_bride_age(year);
  if (age < 19 || over < -4) return 0;
  if (over < 0) return 0.07;
  if (over < 6) return 0.24;
  return age < 40 ? 0.11 : age < 60 ? 0.015 : 0;
}

constexpr double kIdenticalTwins = 0.33;  // Of twins; the others have independent sexes.
constexpr double kBoyShare = 0.53;        // 111 boys to 100 girls in the census of 2020.
constexpr double kWithParents = 0.40;     // Newly-weds who live with the groom's parents.
constexpr double kRenameAdult = 0.0005;   // A year; the procedure is open and seldom used.
constexpr double kRenameInfant = 0.006;   // A year, up to the age of two.
constexpr double kMoveOwner = 0.020;      // A year.
constexpr double kMoveTenant = 0.085;
constexpr double kMigrantLeaves = 0.026;  // Households a year.
constexpr double kLocalLeaves = 0.004;
constexpr double kSettleOwner = 0.055;   // Households from elsewhere that take up registration, a year after the
constexpr double kSettleTenant = 0.008;  // fifth.

}  // namespace

Chronicle::Chronicle(const Geography& geography, const Names& names, uint64_t seed, Cell& cell)
    : geography_(geography), names_(names), cell_(cell), random_(seed, cell.number) {
  const auto year_of_dwelling = [&](uint64_t d) { return geography.buildings()[geography.building_of(d)].built; };
  std::vector<std::pair<uint16_t, uint64_t>> by_age;
  by_age.reserve(cell.dwellings.size());
  for (const uint64_t d : cell.dwellings) by_age.emplace_back(year_of_dwelling(d), d);
  std::sort(by_age.begin(), by_age.end());
  for (size_t i = 0; i < by_age.size(); ++i) {
    cell_.dwellings[i] = by_age[i].second;
    built_.push_back(by_age[i].first);
  }
  current_title_.assign(by_age.size(), kNone);
}

void Chronicle::tell(uint64_t residents) {
  for (uint64_t room = planned(residents, kFirstYear); room > 0;) {
    room -= arrive_founders(to_day(kFirstYear, 1, 1) - static_cast<Day>(random_.below(2000)), room);
  }
  for (int year = kFirstYear; year <= kLastYear; ++year) {
    const uint64_t plan = planned(residents, year);
    refresh_residents(to_day(year, 1, 1));
    deaths(year);
    births(year);
    marry(year);
    divorce(year);
    leave_home(year);
    move(year);
    settle_migrants(year);
    buy_public_homes(year);
    rename(year);
    gather_children(year);
    emigrate(year, plan);
    immigrate(year, plan);
  }
}

void Chronicle::refresh_residents(Day day) {
  residents_.clear();
  for (Index i = 0; i < static_cast<Index>(cell_.people.size()); ++i) {
    if (at(i).resident(day)) residents_.push_back(i);
  }
}

void Chronicle::deaths(int year) {
  for (const Index i : residents_) {
    Person& person = at(i);
    const Day day = day_in(year);
    if (day > person.birth && random_.chance(death_risk(age_at(person.birth, day), person.sex, year))) die(i, day);
  }
}

void Chronicle::die(Index who, Day day) {
  Person& person = at(who);
  person.death = std::max(day, person.came + 1);
  if (person.spouse != kNone) {
    cell_.marriages[static_cast<size_t>(person.marriage)].until = person.death;
    at(person.spouse).spouse = kNone;
    person.spouse = kNone;
  }
  const auto* stay = cell_.stays.at(person.stay, kNever);
  if (stay == nullptr) return;
  auto& members = house(stay->value).members;
  std::erase(members, who);
  if (members.empty()) vacate(stay->value);
}

void Chronicle::births(int year) {
  for (const Index i : residents_) {
    const Person& mother = at(i);
    if (mother.sex != Sex::kFemale || mother.spouse == kNone || mother.gone() != kNever) continue;
    int children = 0;
    for (Index c = mother.last_child; c != kNone; c = at(c).elder_sibling) ++children;
    const Day day = day_in(year);
    if (children > 0 && at(mother.last_child).birth + 480 > day) continue;
    if (!random_.chance(birth_chance(age_at(mother.birth, day), children, year))) continue;
    const bool by_mother = random_.chance(year < 2000 ? 0.01 : 0.06);
    const Name& namesake = by_mother ? mother.name : at(mother.spouse).name;
    const std::string surname = namesake.surname;
    const Index first = bear(i, day, surname, kNone);
    if (random_.chance(kTwinShare)) bear(i, at(first).birth, surname, first);
  }
}

Index Chronicle::bear(Index mother, Day birth, const std::string& surname, Index twin) {
  const Index father = at(mother).spouse;
  Sex sex = random_.chance(kBoyShare) ? Sex::kMale : Sex::kFemale;
  if (twin != kNone && random_.chance(kIdenticalTwins)) sex = at(twin).sex;
  const bool mother_local = cell_.book_at(at(mother), birth) != kNone;
  const bool father_local = father != kNone && cell_.book_at(at(father), birth) != kNone;
  const Index registrar = father_local ? father : mother;
  const uint32_t county = mother_local || father_local ? at(registrar).county : at(father).county;
  // Born into a book of the district, the child gets a number of the district, whatever its parent's number says.
  const bool local = mother_local || father_local;
  const Index child = add_person(sex, birth, local ? own_county() : county, local);
  Person& person = at(child);
  person.father = father;
  person.mother = mother;
  person.far_home = at(registrar).far_home;
  person.ethnicity = at(father).ethnicity;
  person.dotted = person.ethnicity == kDottedEthnicity;
  std::string generation;
  const Index sibling = at(mother).last_child;
  const int era = Names::era(year_of(birth));
  if (sibling != kNone && random_.chance(twin != kNone ? 0.6 : era < 4 ? 0.4 : 0.12)) {
    const auto shared = characters_of(at(sibling).name.given);
    if (shared.size() == 2 && (twin != kNone || at(sibling).sex == sex)) generation = shared[0];
  }
  // Now and then a son's name repeats a character of his father's.
  if (generation.empty() && sex == Sex::kMale && random_.chance(0.02)) {
    const auto shared = characters_of(at(father).name.given);
    if (shared.size() == 2) generation = shared[0];
  }
  name_person(child, surname, generation);
  person.elder_sibling = at(mother).last_child;
  at(mother).last_child = child;
  at(father).last_child = child;
  if (local) register_home(child, cell_.book_at(at(registrar), birth), birth);
  const auto* stay = cell_.stays.at(at(mother).stay, kNever);
  enter(child, stay->value, birth);
  return child;
}

void Chronicle::marry(int year) {
  bachelors_.clear();
  for (const Index i : residents_) {
    const Person& p = at(i);
    if (p.sex == Sex::kMale && single(p) && p.gone() == kNever && age_at(p.birth, to_day(year, 1, 1)) >= 20) {
      bachelors_.push_back(i);
    }
  }
  for (const Index i : residents_) {
    const Person& p = at(i);
    if (p.sex != Sex::kFemale || !single(p) || p.gone() != kNever) continue;
    const int age = age_at(p.birth, to_day(year, 7, 1));
    if (!random_.chance(wedding_chance(age, year))) continue;
    Index husband = find_husband(i, year);
    if (husband == kNone && random_.chance(0.5)) husband = spouse_from_outside(i, day_in(year));
    if (husband != kNone) wed(husband, i, day_in(year));
  }
  // Men whom no woman of the cell chose may bring a wife from elsewhere.
  for (const Index i : bachelors_) {
    const int age = age_at(at(i).birth, to_day(year, 7, 1));
    if (!single(at(i)) || age > 45 || !random_.chance(wedding_chance(age - 2, year) * 0.25)) continue;
    const Index wife = spouse_from_outside(i, day_in(year));
    wed(i, wife, day_in(year));
  }
}

Index Chronicle::find_husband(Index wife, int year) {
  if (bachelors_.empty()) return kNone;
  const Person& w = at(wife);
  Index best = kNone;
  int best_gap = 100;
  for (int tries = 0; tries < 24; ++tries) {
    const Index i = bachelors_[random_.below(bachelors_.size())];
    const Person& m = at(i);
    const int gap = (w.birth - m.birth) / 365;
    if (!single(m) || gap < -3 || gap > 9 || m.dotted != w.dotted) continue;
    if ((w.mother != kNone && w.mother == m.mother) || m.mother == wife || w.father == i) continue;
    if (cell_.household_at(m, to_day(year, 1, 1)) == cell_.household_at(w, to_day(year, 1, 1))) continue;
    if (std::abs(gap - 2) < best_gap) {
      best_gap = std::abs(gap - 2);
      best = i;
    }
  }
  return best_gap <= 6 ? best : kNone;
}

Index Chronicle::spouse_from_outside(Index who, Day day) {
  const Person& p = at(who);
  const bool man = p.sex == Sex::kFemale;
  const Day gap = static_cast<Day>(random_.between(-700, 2400));
  const Day birth = man ? p.birth - gap : p.birth + gap;
  const Index spouse = newcomer(man ? Sex::kMale : Sex::kFemale, std::min(birth, day - 19 * 366), day, home_county());
  // Marriages across the line between peoples with and without surnames are left out: rare, and naming then varies.
  if (at(who).dotted != at(spouse).dotted) {
    at(spouse).dotted = at(who).dotted;
    at(spouse).ethnicity = at(who).ethnicity;
    name_person(spouse, names_.surname(random_), {});
  }
  return spouse;
}

void Chronicle::wed(Index husband, Index wife, Day day) {
  // Not before the last move, nor the end of the last marriage.
  const auto latest = [&](Index who) {
    const Person& p = at(who);
    const auto* stay = cell_.stays.at(p.stay, kNever);
    const Day free = p.marriage == kNone ? p.came : cell_.marriages[static_cast<size_t>(p.marriage)].until;
    return std::max(free, stay == nullptr ? p.came : stay->from);
  };
  day = std::min(kReference, std::max({day, latest(husband) + 1, latest(wife) + 1}));
  at(husband).spouse = wife;
  at(wife).spouse = husband;
  at(husband).marriage = at(wife).marriage = static_cast<Index>(cell_.marriages.size());
  cell_.marriages.push_back({husband, wife, day, kNever, false});

  const auto* his = cell_.stays.at(at(husband).stay, kNever);
  const bool at_parents = his != nullptr && at(husband).father != kNone && at(at(husband).father).resident(day) &&
                          cell_.household_at(at(at(husband).father), day) == his->value;
  const bool alone = his != nullptr && house(his->value).members.size() == 1;
  Index home = kNone;
  if (his != nullptr && (alone || (at_parents && random_.chance(kWithParents)))) home = his->value;
  const bool his_book = cell_.book_at(at(husband), day) != kNone;
  const bool her_book = cell_.book_at(at(wife), day) != kNone;
  if (home == kNone) {
    home = found_household(!his_book && !her_book);
    house(home).owner = random_.chance(house(home).migrant ? 0.3 : 0.7);
    enter(husband, home, day);
    enter(wife, home, day);
    settle(home, day);
  } else {
    enter(wife, home, day);
  }
  // The household book follows the wedding late or never; a spouse from elsewhere may be taken in after years.
  const auto later = [&](int64_t years) {
    return day + static_cast<Day>(random_.below(static_cast<uint64_t>(years) * 365));
  };
  if (his_book && her_book && random_.chance(0.6)) {
    const Index book = random_.chance(0.5) ? home : cell_.book_at(at(husband), day);
    if (book == home) register_home(husband, book, day);
    register_home(wife, book, later(4));
  } else if (his_book != her_book && random_.chance(0.5)) {
    const Index book = cell_.book_at(at(his_book ? husband : wife), day);
    register_home(his_book ? wife : husband, book, later(8));
  }
}

void Chronicle::divorce(int year) {
  if (year < 1985) return;
  const double chance = 0.002 + 0.006 * std::min(1.0, (year - 1985) / 30.0);
  const size_t count = cell_.marriages.size();
  for (size_t i = 0; i < count; ++i) {
    Marriage& m = cell_.marriages[i];
    if (m.until != kNever || !random_.chance(chance)) continue;
    const Day day = day_in(year);
    if (day <= m.from + 60 || !at(m.husband).resident(day) || !at(m.wife).resident(day)) continue;
    m.until = day;
    m.divorced = true;
    const Index goes = random_.chance(0.55) ? m.husband : m.wife;
    const Index husband = m.husband;
    const Index wife = m.wife;
    at(husband).spouse = kNone;
    at(wife).spouse = kNone;
    const bool outside = cell_.book_at(at(goes), day) == kNone;
    const Index home = found_household(outside);
    enter(goes, home, day);
    house(home).owner = random_.chance(0.3);
    settle(home, day);
    if (!outside && random_.chance(0.4)) register_home(goes, home, day + 200);
  }
}

void Chronicle::leave_home(int year) {
  for (const Index i : residents_) {
    const Person& p = at(i);
    if (p.gone() != kNever || !single(p) || p.mother == kNone) continue;
    const Day day = day_in(year);
    const int age = age_at(p.birth, day);
    if (age < 22 || age > 40 || !random_.chance(year < 1995 ? 0.02 : 0.08)) continue;
    const auto* stay = cell_.stays.at(p.stay, kNever);
    if (stay == nullptr || stay->from > day || house(stay->value).members.size() < 2) continue;
    const Index home = found_household(house(stay->value).migrant);
    house(home).owner = random_.chance(0.35);
    enter(i, home, day);
    settle(home, day);
  }
}

void Chronicle::move(int year) {
  const auto count = static_cast<Index>(cell_.households.size());
  for (Index h = 0; h < count; ++h) {
    if (house(h).members.empty()) continue;
    double chance = house(h).owner ? kMoveOwner : kMoveTenant;
    if (year < 1995) chance *= 0.4;
    if (!random_.chance(chance)) continue;
    const Day day = day_in(year);
    const auto* home = cell_.homes.at(house(h).home, kNever);
    if (home != nullptr && home->from + 90 > day) continue;
    if (!house(h).owner) house(h).owner = random_.chance(house(h).migrant ? 0.12 : 0.35);
    settle(h, day);
  }
}

void Chronicle::settle_migrants(int year) {
  if (year < 1992) return;
  for (Index h = 0; h < static_cast<Index>(cell_.households.size()); ++h) {
    if (!house(h).migrant || house(h).members.empty()) continue;
    if (!random_.chance(house(h).owner ? kSettleOwner : kSettleTenant)) continue;
    const Day day = day_in(year);
    if (at(house(h).members.front()).came + 5 * 365 > day) continue;
    house(h).migrant = false;
    for (const Index member : house(h).members) {
      if (cell_.book_at(at(member), kNever) == kNone) register_home(member, h, day);
    }
  }
}

// In 1998 to 2003 tenants of public flats bought them: the oldest titles in the register.
void Chronicle::buy_public_homes(int year) {
  if (year < 1998 || year > 2003) return;
  for (Index h = 0; h < static_cast<Index>(cell_.households.size()); ++h) {
    if (house(h).members.empty() || !house(h).owner) continue;
    const auto* home = cell_.homes.at(house(h).home, kNever);
    if (home == nullptr || current_title_[home->value] != kNone || !random_.chance(0.35)) continue;
    take_title(h, home->value, std::max(day_in(year), home->from));
  }
}

void Chronicle::rename(int year) {
  if (year < 1986) return;
  for (const Index i : residents_) {
    Person& p = at(i);
    if (p.gone() != kNever || p.dotted) continue;
    const int age = age_at(p.birth, to_day(year, 1, 1));
    if (!random_.chance(age >= 0 && age <= 2 ? kRenameInfant : kRenameAdult)) continue;
    const Day day = std::max(day_in(year), p.birth + 40);
    // A child of divorced parents may take its mother's surname; else the given name changes.
    const bool surname = p.mother != kNone && age < 18 && at(p.mother).spouse != p.father && random_.chance(0.6);
    if (surname) {
      p.name.surname = at(p.mother).name.surname;
    } else {
      p.name.given = names_.given(random_, year_of(p.birth), p.sex);
    }
    cell_.names.push(p.name_entry, day, p.name);
  }
}

// Children whom death or divorce left without an adult leave for relatives elsewhere; old people who live alone may
// move in with a child.
void Chronicle::gather_children(int year) {
  const auto count = static_cast<Index>(cell_.households.size());
  for (Index h = 0; h < count; ++h) {
    const auto& members = house(h).members;
    if (members.empty() || members.size() > 4) continue;
    const Day day = day_in(year);
    int oldest = 0;
    for (const Index member : members) oldest = std::max(oldest, age_at(at(member).birth, day));
    if (oldest < 16) {
      leave(h, day);
    } else if (members.size() == 1 && oldest > 74 && random_.chance(0.05)) {
      const Index child = at(members.front()).last_child;
      if (child == kNone || at(child).gone() != kNever) continue;
      const auto* stay = cell_.stays.at(at(child).stay, kNever);
      if (stay != nullptr && stay->value != h) enter(members.front(), stay->value, day);
    }
  }
}

void Chronicle::emigrate(int year, uint64_t plan) {
  refresh_residents(std::min(kReference, to_day(year + 1, 1, 1)));
  uint64_t alive = residents_.size();
  const auto count = cell_.households.size();
  for (size_t h = 0; h < count; ++h) {
    const Household& household = cell_.households[h];
    if (household.members.empty()) continue;
    double chance = household.migrant ? kMigrantLeaves : kLocalLeaves;
    if (year < 1990) chance *= 0.3;
    if (!random_.chance(chance)) continue;
    alive -= household.members.size();
    leave(static_cast<Index>(h), day_in(year));
  }
  // More people than the plan has room for: households leave, picked at random, and at the end single persons too, so
  // that the count comes out.
  for (int tries = 0; alive > plan && count > 0 && tries < 100'000; ++tries) {
    const auto h = static_cast<Index>(random_.below(count));
    const size_t size = house(h).members.size();
    if (size == 0 || size > alive - plan) {
      if (tries < 2'000 || year < kLastYear || size < 2) continue;
      const Index goes = house(h).members.back();
      const Index home = found_household(true);
      enter(goes, home, kReference - 30);
      leave(home, kReference - 1);
      --alive;
      continue;
    }
    alive -= size;
    leave(h, std::min(kReference - 1, day_in(year)));
  }
}

void Chronicle::immigrate(int year, uint64_t plan) {
  refresh_residents(std::min(kReference, to_day(year + 1, 1, 1)));
  for (uint64_t alive = residents_.size(); alive < plan;) {
    alive += arrive(std::min(kReference - 1, day_in(year)), plan - alive);
  }
}

}  // namespace zhili::twin
