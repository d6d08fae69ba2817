// Members of Chronicle: households, where they live, and who owns the home.
#include <algorithm>

#include "twin/chronicle.hpp"

namespace zhili::twin {
namespace {

constexpr int kTitlesSince = 1998;     // Flats of the state and of firms were sold from then on; no titles before.
constexpr double kFollowsHome = 0.68;  // Owners who move their registration to a new home; else 人户分离.
constexpr double kCoOwner = 0.5;       // Married owners who are entered together.
constexpr uint64_t kHouseholdNumbers = 1 << 16;  // Of one cell.

}  // namespace

Index Chronicle::found_household(bool migrant) {
  Household household;
  household.number = cell_.number * kHouseholdNumbers + cell_.households.size();
  household.migrant = migrant;
  cell_.households.push_back(std::move(household));
  return static_cast<Index>(cell_.households.size() - 1);
}

void Chronicle::enter(Index who, Index household, Day day) {
  Person& person = at(who);
  const auto* stay = cell_.stays.at(person.stay, kNever);
  if (stay != nullptr) {
    const Index old = stay->value;
    if (old == household) return;
    std::erase(house(old).members, who);
    if (house(old).members.empty()) vacate(old);
  }
  house(household).members.push_back(who);
  cell_.stays.push(person.stay, day, household);
}

void Chronicle::leave(Index household, Day day) {
  for (const Index who : house(household).members) day = std::max(day, at(who).came + 1);
  for (const Index who : house(household).members) {
    Person& person = at(who);
    person.left = day;
    // Half of those who stood in a household book take themselves out of it, sooner or later.
    if (cell_.book_at(person, day) != kNone && random_.chance(0.5)) {
      register_home(who, kNone, day + static_cast<Day>(random_.below(900)));
    }
  }
  house(household).members.clear();
  vacate(household);
}

void Chronicle::vacate(Index household) {
  const auto* home = cell_.homes.at(house(household).home, kNever);
  if (home != nullptr) vacant_.push_back(home->value);
}

uint32_t Chronicle::take_dwelling(int year) {
  const bool built = fresh_ < built_.size() && built_[fresh_] <= year;
  if (!vacant_.empty() && (!built || random_.chance(0.45))) {
    const size_t pick = random_.below(vacant_.size());
    std::swap(vacant_[pick], vacant_.back());
    const uint32_t dwelling = vacant_.back();
    vacant_.pop_back();
    return dwelling;
  }
  if (fresh_ < built_.size()) return static_cast<uint32_t>(fresh_++);
  return static_cast<uint32_t>(random_.below(built_.size()));  // Full: two households share.
}

void Chronicle::settle(Index h, Day day) {
  const auto* old = cell_.homes.at(house(h).home, kNever);
  const uint32_t dwelling = take_dwelling(year_of(day));
  if (old != nullptr) vacant_.push_back(old->value);
  const bool first = old == nullptr;
  cell_.homes.push(house(h).home, day, dwelling);
  if (first || (house(h).owner && random_.chance(kFollowsHome))) {
    const Day lag = first ? 0 : static_cast<Day>(random_.below(1000));
    cell_.registered_homes.push(house(h).registered_home, day + lag, dwelling);
  }
  if (year_of(day) < kTitlesSince) return;
  if (house(h).owner) {
    take_title(h, dwelling, day);
  } else {
    rent_out(dwelling, day);
  }
}

void Chronicle::take_title(Index h, uint32_t dwelling, Day day) {
  const Index owner = head_of(cell_, house(h).members, day);
  if (owner == kNone) return;
  Index& current = current_title_[dwelling];
  if (current != kNone) {
    Title& old = cell_.titles[static_cast<size_t>(current)];
    day = std::max(day, old.from);
    old.until = day;
  }
  const Index spouse = at(owner).spouse;
  const Index co_owner = spouse != kNone && random_.chance(kCoOwner) ? spouse : kNone;
  current = static_cast<Index>(cell_.titles.size());
  cell_.titles.push_back({dwelling, owner, co_owner, day, kNever});
}

void Chronicle::rent_out(uint32_t dwelling, Day day) {
  if (current_title_[dwelling] != kNone || !random_.chance(0.8)) return;
  // The landlord is someone of the cell who bought before: else the home belongs to a firm or the state.
  for (int tries = 0; tries < 12; ++tries) {
    const auto who = static_cast<Index>(random_.below(cell_.people.size()));
    const Day since = std::max(to_day(kTitlesSince, 3, 1), day - static_cast<Day>(random_.below(9UL * 365)));
    const Person& p = at(who);
    if (!p.resident(since) || age_at(p.birth, since) < 25 || since > day) continue;
    current_title_[dwelling] = static_cast<Index>(cell_.titles.size());
    cell_.titles.push_back({dwelling, who, kNone, since, kNever});
    return;
  }
}

}  // namespace zhili::twin
