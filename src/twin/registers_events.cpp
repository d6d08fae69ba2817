// Members of Clerks: registers of events (civil affairs, titles to homes), and of the young.
#include <algorithm>

#include <fmt/format.h>

#include "base/hash.hpp"
#include "twin/register_forms.hpp"
#include "twin/registers.hpp"

namespace zhili::twin {
namespace {

constexpr Day kMarriagesSince = to_day(1995, 1, 1);
constexpr double kMarriageHere = 0.85;  // The others registered at the spouse's home or elsewhere.
constexpr double kAllowance = 0.90;
constexpr double kTitleKept = 1.0 / 7;
constexpr double kPupil = 0.96;
constexpr double kFormerPupil = 0.25;

std::string school_of(const Address& address, int age) {
  std::string name(address.street);
  if (name.ends_with("街道")) name.resize(name.size() - std::string_view("街道").size());
  if (name.ends_with("镇")) name.resize(name.size() - std::string_view("镇").size());
  return name + (age < 6 ? "幼儿园" : age < 12 ? "小学" : age < 15 ? "初级中学" : "中学");
}

std::string grade_of(int age) {
  constexpr std::string_view kGrades[] = {"小班",   "中班",   "大班",   "一年级", "二年级",
                                          "三年级", "四年级", "五年级", "六年级", "七年级",
                                          "八年级", "九年级", "高一",   "高二",   "高三"};
  return std::string(kGrades[std::clamp(age - 3, 0, static_cast<int>(std::size(kGrades)) - 1)]);
}

}  // namespace

void Clerks::civil_row(Index who, Day day, std::string_view business, Index spouse) {
  constexpr auto kHere = Register::kCivil;
  const Person& p = cell_.person(who);
  const Facts f = facts(who, day, kHere);
  const Entries e = spoiler_.spoil(f, kHere);
  const std::string id = number(Table::kCivil, "MZ");
  rows(kHere) << id << business << e.name << sex_word(e.sex) << in_words(e.birth) << e.id
              << spoiler_.phone(f.phone, relative_phone(p, day), kHere)
              << spoiler_.address(f.address, usual_style(kHere), kHere)
              << (spouse == kNone ? std::string() : cell_.name_at(cell_.person(spouse), day).full()) << dashed(day);
  rows(kHere).end_row();
  truth(Table::kCivil, id, who);
}

void Clerks::civil() {
  for (const Marriage& m : cell_.marriages) {
    const bool here = cell_.person(m.husband).resident(m.from) || cell_.person(m.wife).resident(m.from);
    if (here && m.from >= kMarriagesSince && random_.chance(kMarriageHere)) {
      civil_row(m.husband, m.from, "结婚登记", m.wife);
      civil_row(m.wife, m.from, "结婚登记", m.husband);
    }
    if (m.divorced && m.until >= kMarriagesSince && random_.chance(kMarriageHere)) {
      civil_row(m.husband, m.until, "离婚登记", m.wife);
      civil_row(m.wife, m.until, "离婚登记", m.husband);
    }
  }
  for (Index who = 0; who < static_cast<Index>(cell_.people.size()); ++who) {
    const Person& p = cell_.person(who);
    const Day eighty = p.birth + 80 * 365 + 20;
    if (eighty >= std::min(kReference, p.gone()) || cell_.book_at(p, eighty) == kNone) continue;
    const auto day = seen(p, Register::kCivil, kAllowance);
    if (!day) continue;
    const Day granted =
        std::clamp(eighty + static_cast<Day>(random_.below(500)), p.came, std::min(kReference, p.gone() - 1));
    civil_row(who, granted, "高龄津贴", kNone);
    if (spoiler_.hit(ErrorKind::kDuplicate, Register::kCivil)) {
      civil_row(who, std::min({granted + 400, kReference, p.gone() - 1}), "高龄津贴", kNone);
    }
  }
}

void Clerks::education() {
  constexpr auto kHere = Register::kEducation;
  for (Index who = 0; who < static_cast<Index>(cell_.people.size()); ++who) {
    const Person& p = cell_.person(who);
    int age = age_at(p.birth, kReference);
    if (age < 3 || age > 23) continue;
    const auto first = seen(p, kHere, age < 18 ? kPupil : kFormerPupil);
    if (!first) continue;
    const bool twice = spoiler_.hit(ErrorKind::kDuplicate, kHere);
    for (int copy = 0; copy <= (twice ? 1 : 0); ++copy) {
      // Who has left school was last seen there.
      const Day last = age < 18 ? *first : std::max(p.came, p.birth + 17 * 365 + static_cast<Day>(random_.below(300)));
      const Day day = std::max({p.came, p.birth + 3 * 365, last - (copy == 0 ? 0 : 700)});
      if (day >= std::min(p.gone(), kReference + 1)) continue;
      const Facts f = facts(who, day, kHere);
      const Entries e = spoiler_.spoil(f, kHere);
      const std::string id = number(Table::kEducation, "XJ");
      const Index close = guardian(p, day);
      const std::string phone = close == kNone ? std::string() : cell_.phone_at(cell_.person(close), day);
      const Address home = home_address(p, day);
      rows(kHere) << id << e.name << sex_word(e.sex) << with_slashes(e.birth) << e.id
                  << school_of(home, age_at(p.birth, day)) << grade_of(age_at(p.birth, day))
                  << spoiler_.address(f.address, usual_style(kHere), kHere)
                  << (close == kNone ? std::string() : cell_.name_at(cell_.person(close), day).full())
                  << spoiler_.phone(phone, relative_phone(p, day), kHere) << dashed(day);
      rows(kHere).end_row();
      truth(Table::kEducation, id, who);
    }
  }
}

void Clerks::housing_row(const Title& title, Index who) {
  constexpr auto kHere = Register::kHousing;
  const Person& p = cell_.person(who);
  const uint64_t dwelling = cell_.dwellings[title.dwelling];
  Facts f = facts(who, title.from, kHere);
  const Entries e = spoiler_.spoil(f, kHere);
  const std::string id = number(Table::kHousing, "BDC");
  const double area = 42 + static_cast<double>(mix64(dwelling ^ office_.seed) % 11800) / 100;
  rows(kHere) << id << e.name << e.id << spoiler_.phone(f.phone, relative_phone(p, title.from), kHere)
              << spoiler_.address(office_.geography.address_of(dwelling), usual_style(kHere), kHere)
              << fmt::format("{:.2f}", area) << (title.co_owner == kNone ? "单独所有" : "共同共有")
              << dashed(title.from);
  rows(kHere).end_row();
  truth(Table::kHousing, id, who);
}

void Clerks::housing() {
  for (const Title& title : cell_.titles) {
    if (title.until <= kReference && !random_.chance(kTitleKept)) continue;
    housing_row(title, title.owner);
    if (title.co_owner != kNone) housing_row(title, title.co_owner);
    if (spoiler_.hit(ErrorKind::kDuplicate, Register::kHousing)) housing_row(title, title.owner);
  }
}

}  // namespace zhili::twin
