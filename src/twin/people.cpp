#include "twin/people.hpp"

namespace zhili::twin {

Index Cell::household_at(const Person& person, Day day) const {
  if (!person.resident(day)) return kNone;
  const auto* entry = stays.at(person.stay, day);
  return entry == nullptr ? kNone : entry->value;
}

Index Cell::book_at(const Person& person, Day day) const {
  const auto* entry = registered.at(person.registered, day);
  return entry == nullptr ? kNone : entry->value;
}

const Name& Cell::name_at(const Person& person, Day day) const {
  const auto* entry = names.at(person.name_entry, day);
  return entry == nullptr ? person.name : entry->value;
}

std::string Cell::phone_at(const Person& person, Day day) const {
  const auto* entry = phones.at(person.phone, day);
  return entry == nullptr ? std::string() : entry->value;
}

Index Cell::dwelling_at(const Person& person, Day day) const {
  const Index household = household_at(person, day);
  if (household == kNone) return kNone;
  const auto* home = homes.at(households[static_cast<size_t>(household)].home, day);
  return home == nullptr ? kNone : static_cast<Index>(home->value);
}

Index Cell::registered_dwelling_at(const Person& person, Day day) const {
  const Index book = book_at(person, day);
  if (book == kNone) return kNone;
  const Household& household = households[static_cast<size_t>(book)];
  const auto* home = registered_homes.at(household.registered_home, day);
  if (home == nullptr) home = homes.at(household.home, day);
  return home == nullptr ? kNone : static_cast<Index>(home->value);
}

Index head_of(const Cell& cell, const std::vector<Index>& members, Day day) {
  const auto rank = [](const Person& p) { return p.birth - (p.sex == Sex::kMale ? 5 * 365 : 0); };
  Index best = kNone;
  for (const Index who : members) {
    const Person& p = cell.person(who);
    if (age_at(p.birth, day) < 18) continue;
    if (best == kNone || rank(p) < rank(cell.person(best))) best = who;
  }
  return best;
}

}  // namespace zhili::twin
