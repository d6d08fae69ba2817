// Members of Chronicle: how people come to be in the district, with their names and numbers.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "twin/chronicle.hpp"
#include "twin/identifiers.hpp"

namespace zhili::twin {
namespace {

constexpr double kShareFlat = 0.25;  // Of newcomers who come alone; two to four in ten do in surveys of renters.
constexpr uint32_t kSerialsPerCell = 500 / Geography::kBlockCells;  // A sex has 500 on one day in one county.
// Before household books asked for the day, births without one were entered as 1 January.
constexpr double kNewYearBirth = 0.012;
constexpr int kNewYearBirthUntil = 1962;
// Of newcomers and founders: shares of peoples as in an eastern city, Han being the rest.
constexpr double kEthnicity[] = {0.010, 0.008, 0.005, 0.006, 0.004, 0.003};

}  // namespace

Index Chronicle::add_person(Sex sex, Day birth, uint32_t county, bool local) {
  Person person;
  person.sex = sex;
  person.birth = birth;
  person.came = birth;
  person.county = county;
  person.local = local;
  person.far_home = random_.next();
  issue_id(person);
  cell_.people.push_back(std::move(person));
  return static_cast<Index>(cell_.people.size() - 1);
}

void Chronicle::issue_id(Person& person) {
  for (;;) {
    const uint64_t key = (static_cast<uint64_t>(person.county) << 32) ^
                         (static_cast<uint64_t>(person.birth + 60000) << 1) ^ static_cast<uint64_t>(person.sex);
    // Every cell has its own slot of each hundred; which one changes with the day, so that numbers tell nothing.
    const uint64_t slot = (cell_.number + mix64(key)) % Geography::kBlockCells;
    uint32_t& given = serials_[key];
    // Serial 000 is not given out.
    if (slot == 0 && person.sex == Sex::kFemale && given == 0) given = 1;
    if (given < kSerialsPerCell) {
      const auto serial = static_cast<uint32_t>(given++ * Geography::kBlockCells + slot) * 2;
      person.id = id_number(geography_.counties()[person.county].code, person.birth,
                            serial + (person.sex == Sex::kMale ? 1 : 0));
      return;
    }
    // The day is full: the person was born on the next one.
    ++person.birth;
    person.came = std::max(person.came, person.birth);
  }
}

void Chronicle::name_person(Index who, std::string surname, std::string_view generation) {
  Person& person = at(who);
  if (person.dotted) {
    const std::string father = person.father == kNone ? std::string() : at(person.father).name.given;
    person.name = names_.dotted(random_, person.sex, father);
  } else {
    person.name = {std::move(surname), names_.given(random_, year_of(person.birth), person.sex, generation)};
  }
  cell_.names.push(person.name_entry, person.birth, person.name);
}

uint32_t Chronicle::home_county() {
  // Neighbouring counties send most: the share falls with the rank.
  const double u = random_.uniform();
  return own_county() + 1 + static_cast<uint32_t>(u * u * (Geography::kBlockCounties - 1));
}

Index Chronicle::newcomer(Sex sex, Day birth, Day day, uint32_t county) {
  const bool local = county % Geography::kBlockCounties == 0;
  if (year_of(birth) < kNewYearBirthUntil && random_.chance(kNewYearBirth)) birth = to_day(year_of(birth), 1, 1);
  const Index who = add_person(sex, birth, county, local);
  Person& person = at(who);
  person.came = std::max(day, person.birth);
  double u = random_.uniform();
  for (size_t e = 0; e < std::size(kEthnicity); ++e) {
    if (u >= 0 && u < kEthnicity[e]) person.ethnicity = static_cast<uint8_t>(e + 1);
    u -= kEthnicity[e];
  }
  person.dotted = person.ethnicity == kDottedEthnicity;
  name_person(who, names_.surname(random_), {});
  return who;
}

uint64_t Chronicle::arrive_founders(Day day, uint64_t room) {
  const uint64_t came = arrive_family(day, room, true);
  return came;
}

uint64_t Chronicle::arrive(Day day, uint64_t room) {
  const double u = random_.uniform();
  const int year = year_of(day);
  // Until the 1980s people came by assignment, which brought registration and, for those without one yet, a number of
  // the district; since then they come mostly young, alone and registered elsewhere.
  if (year < 1985) {
    return u < 0.3 || room < 2 ? arrive_single(day, true) : arrive_family(day, room, random_.chance(0.9));
  }
  if (u < 0.50 || room < 2) return arrive_single(day, false);
  if (u < 0.65) {
    const uint64_t came = arrive_parents(day, room);
    if (came > 0) return came;
  }
  return arrive_family(day, room, false);
}

uint64_t Chronicle::arrive_single(Day day, bool local) {
  const auto age = static_cast<Day>(18UL * 365 + std::min(random_.below(9UL * 365), random_.below(22UL * 365)));
  const Sex sex = random_.chance(0.53) ? Sex::kMale : Sex::kFemale;
  const Index who = newcomer(sex, day - age, day, local ? own_county() : home_county());
  if (!local && random_.chance(kShareFlat) && !cell_.households.empty()) {
    for (int tries = 0; tries < 8; ++tries) {
      const auto h = static_cast<Index>(random_.below(cell_.households.size()));
      if (!house(h).migrant || house(h).members.size() != 1 || house(h).owner) continue;
      const Person& other = at(house(h).members.front());
      if (other.mother != kNone || age_at(other.birth, day) > 40 || other.came >= day) continue;
      enter(who, h, day);
      return 1;
    }
  }
  const Index home = found_household(!local);
  enter(who, home, day);
  settle(home, day);
  if (local) register_home(who, home, day);
  return 1;
}

uint64_t Chronicle::arrive_family(Day day, uint64_t room, bool local) {
  const uint32_t county = local ? own_county() : home_county();
  const Index home = found_household(!local);
  house(home).owner = random_.chance(local ? 0.75 : 0.25);
  const auto age = static_cast<Day>((22 + random_.below(local ? 24 : 20)) * 365 + random_.below(365));
  const Index husband = newcomer(Sex::kMale, day - age, day, county);
  const auto gap = static_cast<Day>(random_.between(-400, 1800));
  const Day wife_birth = std::min(at(husband).birth + gap, day - 20 * 366);
  uint64_t came = 1;
  if (room == 1) {
    enter(husband, home, day);
    settle(home, day);
    if (local) register_home(husband, home, day);
    return came;
  }
  const Index wife = newcomer(Sex::kFemale, wife_birth, day, random_.chance(0.7) ? county : home_county());
  ++came;
  if (at(wife).dotted != at(husband).dotted) {
    at(wife).ethnicity = at(husband).ethnicity;
    at(wife).dotted = at(husband).dotted;
    name_person(wife, names_.surname(random_), {});
  }
  at(wife).local = local;
  at(husband).spouse = wife;
  at(wife).spouse = husband;
  const Day wedding = std::max(at(wife).birth + 20 * 365, day - static_cast<Day>(random_.below(12UL * 365)));
  at(husband).marriage = at(wife).marriage = static_cast<Index>(cell_.marriages.size());
  cell_.marriages.push_back({husband, wife, std::min(wedding, day), kNever, false});
  for (const Index who : {husband, wife}) {
    enter(who, home, day);
    if (local) register_home(who, home, day);
  }
  // Children born before they came: one every three years or so of the marriage, two at most for later families.
  const std::string surname = at(husband).name.surname;
  const int most = year_of(day) < 1980 ? 4 : 2;
  Day birth = wedding + 300 + static_cast<Day>(random_.below(700));
  for (int child = 0; child < most && birth < day && came < room; ++child) {
    const Index who = bear(wife, birth, surname, kNone);
    at(who).came = day;
    if (came + 1 < room && random_.chance(kTwinShare)) {
      at(bear(wife, at(who).birth, surname, who)).came = day;
      ++came;
    }
    birth += 600 + static_cast<Day>(random_.below(1500));
    ++came;
  }
  settle(home, day);
  return came;
}

uint64_t Chronicle::arrive_parents(Day day, uint64_t room) {
  for (int tries = 0; tries < 16; ++tries) {
    const auto child = static_cast<Index>(random_.below(cell_.people.size()));
    const Person& c = at(child);
    if (!c.resident(day) || c.gone() != kNever || c.mother != kNone || c.father != kNone) continue;
    const int age = age_at(c.birth, day);
    const auto* stay = cell_.stays.at(c.stay, kNever);
    if (age < 25 || age > 48 || c.dotted || stay == nullptr) continue;
    const Index home = stay->value;
    const std::string surname = c.name.surname;
    const uint32_t county = c.county;
    const uint64_t far_home = c.far_home;
    const auto gap = static_cast<Day>(random_.between(21L * 365, 31L * 365));
    const Day mother_birth = c.birth - gap;
    const Index mother = newcomer(Sex::kFemale, mother_birth, day, county);
    at(mother).far_home = far_home;
    at(mother).last_child = child;
    at(child).mother = mother;
    enter(mother, home, day);
    if (room < 2 || random_.chance(0.5)) return 1;
    const Index father = newcomer(Sex::kMale, mother_birth - static_cast<Day>(random_.below(1500)), day, county);
    if (at(father).dotted) at(father).dotted = false;
    at(father).ethnicity = 0;
    name_person(father, surname, {});
    at(father).far_home = far_home;
    at(father).last_child = child;
    at(child).father = father;
    at(father).spouse = mother;
    at(mother).spouse = father;
    at(father).marriage = at(mother).marriage = static_cast<Index>(cell_.marriages.size());
    cell_.marriages.push_back({father, mother, at(child).birth - 500, kNever, false});
    enter(father, home, day);
    return 2;
  }
  return 0;
}

}  // namespace zhili::twin
