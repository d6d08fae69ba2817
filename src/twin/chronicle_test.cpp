#include "twin/chronicle.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "text/credit_code.hpp"
#include "text/id_number.hpp"
#include "twin/economy.hpp"

namespace zhili::twin {
namespace {

Cell told(const Geography& geography, uint64_t residents, uint64_t number = 0, uint64_t seed = 3) {
  static const Names names;
  Cell cell;
  cell.number = number;
  for (uint64_t d = 0; d < residents / 2 + 12; ++d) cell.dwellings.push_back(d * 7919 % geography.dwellings());
  Chronicle(geography, names, seed, cell).tell(residents);
  Random random(seed, number);
  give_phones(random, cell);
  found_enterprises(geography, random, residents, cell);
  return cell;
}

const Geography& land() {
  static const Geography g = Geography::build(3, 4000, 2);
  return g;
}

uint64_t residents_of(const Cell& cell) {
  return static_cast<uint64_t>(
      std::count_if(cell.people.begin(), cell.people.end(), [](const Person& p) { return p.resident(kReference); }));
}

TEST(Chronicle, EndsWithAsManyResidentsAsAskedFor) {
  for (const uint64_t n : {0, 1, 2, 3, 10, 57, 400, 3000}) {
    for (uint64_t seed = 1; seed < 6; ++seed) {
      const Cell cell = told(land(), n, 0, seed);
      EXPECT_EQ(residents_of(cell), n) << "seed " << seed;
      size_t members = 0;
      for (const Household& h : cell.households) members += h.members.size();
      EXPECT_EQ(members, n);
    }
  }
}

TEST(Chronicle, ParentsAreOfAnAgeToBeParents) {
  const Cell cell = told(land(), 3000);
  size_t with_parents = 0;
  for (const Person& p : cell.people) {
    if (p.mother != kNone) {
      ++with_parents;
      const int age = age_at(cell.person(p.mother).birth, p.birth);
      EXPECT_GE(age, 17);
      EXPECT_LE(age, 46);
      EXPECT_EQ(cell.person(p.mother).sex, Sex::kFemale);
      EXPECT_GE(cell.person(p.mother).death, p.birth);
    }
    if (p.father != kNone) {
      EXPECT_EQ(cell.person(p.father).sex, Sex::kMale);
      EXPECT_GE(age_at(cell.person(p.father).birth, p.birth), 16);
    }
    EXPECT_LT(p.birth, p.death);
    EXPECT_LE(p.came, p.gone());
  }
  EXPECT_GT(with_parents, cell.people.size() / 4);
}

TEST(Chronicle, IdNumbersAreValidAndOfOnePersonAlone) {
  std::set<std::string> ids;
  for (const uint64_t number : {0, 1, 57, 99, 100}) {
    for (const Person& p : told(land(), 1500, number).people) {
      const auto id = text::parse_id_number(p.id).value_or(text::IdNumber());
      ASSERT_TRUE(id.valid()) << p.id;
      EXPECT_EQ(id.division().substr(0, 2), "99");
      EXPECT_EQ(id.male, p.sex == Sex::kMale);
      EXPECT_EQ(p.id.substr(6, 8), compact(p.birth));
      EXPECT_TRUE(ids.insert(p.id).second) << p.id;
    }
  }
}

TEST(Chronicle, MarriagesAreBetweenOneManAndOneWomanAtATime) {
  const Cell cell = told(land(), 3000);
  std::map<Index, Day> married_until;
  for (const Marriage& m : cell.marriages) {
    EXPECT_EQ(cell.person(m.husband).sex, Sex::kMale);
    EXPECT_EQ(cell.person(m.wife).sex, Sex::kFemale);
    EXPECT_LE(m.from, m.until);
    EXPECT_GE(age_at(cell.person(m.wife).birth, m.from), 15);
    for (const Index who : {m.husband, m.wife}) {
      const auto before = married_until.find(who);
      if (before != married_until.end()) {
        EXPECT_GE(m.from, before->second);
      }
      married_until[who] = m.until;
    }
  }
}

TEST(Chronicle, HouseholdsAndAgesAreThoseOfACity) {
  const Cell cell = told(land(), 5000);
  std::map<size_t, double> share;
  double households = 0;
  for (const Household& h : cell.households) {
    if (h.members.empty()) continue;
    ++households;
    share[std::min<size_t>(h.members.size(), 5)] += 1;
  }
  const double mean = 5000 / households;
  EXPECT_GT(mean, 2.1);
  EXPECT_LT(mean, 2.9);
  EXPECT_NEAR(share[1] / households, 0.29, 0.07);
  EXPECT_NEAR(share[2] / households, 0.27, 0.06);
  double old = 0;
  double young = 0;
  for (const Person& p : cell.people) {
    if (!p.resident(kReference)) continue;
    old += age_at(p.birth, kReference) >= 60 ? 1 : 0;
    young += age_at(p.birth, kReference) < 15 ? 1 : 0;
  }
  EXPECT_NEAR(old / 5000, 0.19, 0.05);
  EXPECT_NEAR(young / 5000, 0.14, 0.05);
}

TEST(Chronicle, HasTwinsSiblingsMovesAndChangesOfName) {
  const Cell cell = told(land(), 5000);
  int twins = 0;
  int renamed = 0;
  int moved = 0;
  for (const Person& p : cell.people) {
    if (p.elder_sibling != kNone && cell.person(p.elder_sibling).birth == p.birth) ++twins;
    const auto* name = cell.names.at(p.name_entry, kNever);
    if (cell.names.before(*name) != nullptr) ++renamed;
    if (cell.dwelling_at(p, kReference) != cell.dwelling_at(p, p.came)) ++moved;
  }
  EXPECT_GT(twins, 10);
  EXPECT_GT(renamed, 40);
  EXPECT_GT(moved, 1000);
}

TEST(Economy, CreditCodesAreValidAndOfOneEnterpriseAlone) {
  std::set<std::string> codes;
  size_t count = 0;
  for (const uint64_t number : {0, 1, 99, 100}) {
    const Cell cell = told(land(), 2000, number);
    for (const Enterprise& e : cell.enterprises) {
      const auto code = text::parse_credit_code(e.credit_code).value_or(text::CreditCode());
      ASSERT_TRUE(code.valid()) << e.credit_code;
      EXPECT_EQ(code.division().substr(0, 2), "99");
      EXPECT_TRUE(codes.insert(e.credit_code).second);
      EXPECT_GE(age_at(cell.person(e.legal_person).birth, e.legal_person_since), 22);
      ++count;
    }
  }
  EXPECT_GT(count, 600U);
}

}  // namespace
}  // namespace zhili::twin
