#include "twin/registers.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/hash.hpp"
#include "twin/identifiers.hpp"
#include "twin/register_forms.hpp"

namespace zhili::twin {
namespace {

constexpr Day kOldestEntry = to_day(2005, 1, 1);  // Before, the registers were on paper.
constexpr uint64_t kRecordsOfCell = 1 << 16;      // Of one table, and more than enough.
// The police keep the dead and those who moved their registration away, with the state in a column.
constexpr double kCancelledKept = 0.25;
constexpr Day kCancelledSince = to_day(2010, 1, 1);

bool migrant(const Cell& cell, const Person& p, Day day) { return cell.book_at(p, day) == kNone; }

}  // namespace

std::string truth_id(char kind, uint64_t number, uint64_t seed) {
  std::string id(1, kind);
  append_padded(id, scramble(number, mix64(seed) + static_cast<uint64_t>(kind)), 13);
  return id;
}

std::string register_table_markdown() {
  std::string out = "| register | file | holds | mean age of a record, years | why |\n|---|---|---|--:|---|\n";
  for (const RegisterRow& row : kRegisterTable) {
    out += fmt::format("| {} | `{}` | {} | {} | {} |\n", row.title, table_spec(table_of(row.where)).file, row.covers,
                       row.lag_years, row.lag);
  }
  return out;
}

Clerks::Clerks(const Office& office, const Cell& cell, CellRows& rows, ErrorCounts& counts)
    : office_(office),
      cell_(cell),
      rows_(rows),
      random_(office.seed ^ 0x636c65726b73, cell.number),
      spoiler_(office.confusion, office.error_scale, random_, counts) {
  book_members_.resize(cell.households.size());
  for (Index i = 0; i < static_cast<Index>(cell.people.size()); ++i) {
    const Person& p = cell.person(i);
    const Index book = cell.book_at(p, kReference);
    if (book != kNone && p.death > kReference) book_members_[static_cast<size_t>(book)].push_back(i);
  }
  for (const auto& members : book_members_) book_heads_.push_back(head_of(cell, members, kReference));
}

void Clerks::write_all() {
  police();
  social();
  health();
  civil();
  education();
  housing();
  tax();
  disabled();
  grid();
  households();
  enterprises();
  people();
}

Day Clerks::today_less(double mean_years) {
  const double days = -std::log(1 - random_.uniform()) * mean_years * 365.25;
  return kReference - static_cast<Day>(std::min<double>(days, kReference - kOldestEntry));
}

std::optional<Day> Clerks::seen(const Person& person, Register where, double share) {
  const Day start = std::max({person.came, person.birth + 20, kOldestEntry});
  const Day gone = person.gone();
  if (start >= std::min(gone, kReference)) return std::nullopt;
  if (!random_.chance(share)) return std::nullopt;
  const Day day = today_less(kRegisterTable[static_cast<size_t>(where)].lag_years);
  if (gone > kReference) return std::max(day, start);
  const bool dead = person.death <= person.left;
  if (!spoiler_.hit(dead ? ErrorKind::kDeadKept : ErrorKind::kLeftKept, where)) return std::nullopt;
  return std::max(start, day - (kReference - gone) - 1);
}

Address Clerks::dwelling_address(Index dwelling) const {
  return office_.geography.address_of(cell_.dwellings[static_cast<size_t>(dwelling)]);
}

Address Clerks::home_address(const Person& person, Day day) const {
  const Index dwelling = cell_.dwelling_at(person, day);
  return dwelling == kNone ? office_.geography.far_address(person.county, person.far_home) : dwelling_address(dwelling);
}

Address Clerks::book_address(const Person& person, Day day) const {
  const Index dwelling = cell_.registered_dwelling_at(person, day);
  return dwelling == kNone ? office_.geography.far_address(person.county, person.far_home) : dwelling_address(dwelling);
}

Index Clerks::guardian(const Person& person, Day day) const {
  for (const Index parent : {person.mother, person.father}) {
    if (parent != kNone && cell_.person(parent).resident(day)) return parent;
  }
  return kNone;
}

std::string Clerks::relative_phone(const Person& person, Day day) const {
  const auto phone_of = [&](Index who) {
    return who != kNone && cell_.person(who).gone() > day ? cell_.phone_at(cell_.person(who), day) : std::string();
  };
  const bool child = age_at(person.birth, day) < 18;
  for (const Index who :
       {child ? guardian(person, day) : person.spouse, person.last_child, person.mother, person.father}) {
    std::string phone = phone_of(who);
    if (!phone.empty()) return phone;
  }
  return "";
}

std::string Clerks::number(Table table, std::string_view prefix) {
  const auto t = static_cast<size_t>(table);
  std::string id(prefix);
  append_padded(id, scramble(cell_.number * kRecordsOfCell + numbered_[t]++, mix64(office_.seed) + t), 13);
  return id;
}

void Clerks::truth(Table table, std::string_view record, Index who) {
  const uint64_t person = cell_.number * kRecordsOfCell + static_cast<uint64_t>(who);
  rows(Table::kTruth) << source_id(table) << record << truth_id('P', person, office_.seed);
  rows(Table::kTruth).end_row();
}

Facts Clerks::facts(Index who, Day day, Register where) {
  const Person& p = cell_.person(who);
  Facts facts{cell_.name_at(p, day), p.sex, p.birth, p.id, cell_.phone_at(p, day), {}};
  const bool book = where == Register::kPolice || spoiler_.hit(ErrorKind::kAddressBook, where);
  facts.address = book ? book_address(p, day) : home_address(p, day);
  return facts;
}

std::string Clerks::grid_name(Index dwelling) const {
  const Geography& g = office_.geography;
  const Building& building = g.buildings()[g.building_of(cell_.dwellings[static_cast<size_t>(dwelling)])];
  const Division& grid = g.division(building.grid);
  return g.division(static_cast<uint32_t>(grid.parent)).name + grid.name;
}

std::string_view Clerks::relation(Index who) const {
  const Person& p = cell_.person(who);
  const Index book = cell_.book_at(p, kReference);
  const Index head = book == kNone ? kNone : book_heads_[static_cast<size_t>(book)];
  if (head == who || head == kNone) return "户主";
  const Person& h = cell_.person(head);
  const bool man = p.sex == Sex::kMale;
  if (p.spouse == head) return man ? "夫" : "妻";
  if (p.father == head || p.mother == head) return man ? "子" : "女";
  if (h.father == who) return "父亲";
  if (h.mother == who) return "母亲";
  return "其他亲属";
}

std::string_view Clerks::marital_state(const Person& person, Day day) const {
  if (person.marriage == kNone) return "未婚";
  const Marriage& m = cell_.marriages[static_cast<size_t>(person.marriage)];
  if (m.from > day) return "未婚";
  if (m.until > day) return "有配偶";
  return m.divorced ? "离婚" : "丧偶";
}

void Clerks::police_row(Index who, Day day, std::string_view state) {
  const Person& p = cell_.person(who);
  const Facts f = facts(who, day, Register::kPolice);
  const Entries e = spoiler_.spoil(f, Register::kPolice);
  const std::string id = number(Table::kPolice, "HK");
  const auto* name = cell_.names.at(p.name_entry, day);
  const auto* former = name == nullptr ? nullptr : cell_.names.before(*name);
  std::string book = "FH";
  append_padded(book, cell_.households[static_cast<size_t>(cell_.book_at(p, day))].number, 10);
  rows(Register::kPolice) << id << book << relation(who) << e.name
                          << (former == nullptr ? std::string() : former->value.full()) << sex_word(e.sex)
                          << kEthnicities[p.ethnicity] << e.birth << e.id
                          << spoiler_.address(f.address, usual_style(Register::kPolice), Register::kPolice)
                          << spoiler_.phone(f.phone, relative_phone(p, day), Register::kPolice) << marital_state(p, day)
                          << state << dashed(day);
  rows(Register::kPolice).end_row();
  truth(Table::kPolice, id, who);
}

void Clerks::police() {
  for (Index who = 0; who < static_cast<Index>(cell_.people.size()); ++who) {
    const Person& p = cell_.person(who);
    if (p.registered == kNone) continue;
    const Day last = std::min(kReference, p.death - 1);
    if (last <= p.came || last < kOldestEntry || !random_.chance(0.985)) continue;
    const bool dead = p.death <= kReference;
    const bool in_book = cell_.book_at(p, last) != kNone;
    std::string_view state = "正常";
    if (dead && !(in_book && spoiler_.hit(ErrorKind::kDeadKept, Register::kPolice))) state = "死亡注销";
    if (!in_book) state = "迁出注销";
    if (state != "正常" && (last < kCancelledSince || !random_.chance(kCancelledKept))) continue;
    // Of the time when the book held the person: at most back to when it first did.
    const int copies = 1 + (spoiler_.hit(ErrorKind::kDuplicate, Register::kPolice) ? 1 : 0);
    for (int copy = 0; copy < copies; ++copy) {
      Day day = std::max({today_less(kRegisterTable[0].lag_years) - (kReference - last), p.came, kOldestEntry});
      if (cell_.book_at(p, day) == kNone) day = last;
      for (int back = 0; cell_.book_at(p, day) == kNone && back < 40; ++back) day -= 200;
      if (cell_.book_at(p, day) != kNone) police_row(who, std::max(day, p.birth), state);
    }
  }
}

void Clerks::social() {
  constexpr auto kHere = Register::kSocial;
  for (Index who = 0; who < static_cast<Index>(cell_.people.size()); ++who) {
    const Person& p = cell_.person(who);
    const int age = age_at(p.birth, std::min(kReference, p.gone()));
    if (age < 16) continue;
    const bool employed = p.employer != kNone;
    const double share = employed ? 0.97 : age >= 60 ? 0.90 : migrant(cell_, p, kReference) ? 0.15 : 0.55;
    const auto first = seen(p, kHere, share);
    if (!first) continue;
    const bool twice = spoiler_.hit(ErrorKind::kDuplicate, kHere);
    for (int copy = 0; copy <= (twice ? 1 : 0); ++copy) {
      const Day day = copy == 0 ? *first : std::max(p.came, *first - static_cast<Day>(random_.below(1500)));
      const Facts f = facts(who, std::max(day, p.birth), kHere);
      const Entries e = spoiler_.spoil(f, kHere);
      const std::string id = number(Table::kSocial, "SB");
      const Enterprise* firm = employed ? &cell_.enterprises[static_cast<size_t>(p.employer)] : nullptr;
      rows(kHere) << id << e.name << e.id << sex_word(e.sex) << with_dashes(e.birth)
                  << spoiler_.phone(f.phone, relative_phone(p, day), kHere) << (employed ? "城镇职工" : "城乡居民")
                  << (age >= 60 ? "待遇享受" : "参保缴费") << (firm == nullptr ? "" : firm->name)
                  << (firm == nullptr ? "" : firm->credit_code)
                  << spoiler_.address(f.address, usual_style(kHere), kHere) << dashed(day);
      rows(kHere).end_row();
      truth(Table::kSocial, id, who);
    }
  }
}

void Clerks::health() {
  constexpr auto kHere = Register::kHealth;
  constexpr std::string_view kBlood[] = {"A型", "B型", "O型", "AB型", "不详", ""};
  for (Index who = 0; who < static_cast<Index>(cell_.people.size()); ++who) {
    const Person& p = cell_.person(who);
    const int age = age_at(p.birth, std::min(kReference, p.gone()));
    const double share = (age < 7 ? 0.95 : age >= 65 ? 0.92 : 0.72) * (migrant(cell_, p, kReference) ? 0.75 : 1);
    const auto first = seen(p, kHere, share);
    if (!first) continue;
    const bool twice = spoiler_.hit(ErrorKind::kDuplicate, kHere);
    for (int copy = 0; copy <= (twice ? 1 : 0); ++copy) {
      const Day day = copy == 0 ? *first : std::max(p.came, *first - static_cast<Day>(random_.below(2500)));
      const Facts f = facts(who, std::max(day, p.birth), kHere);
      const Entries e = spoiler_.spoil(f, kHere);
      const std::string id = number(Table::kHealth, "JD");
      const Index close = age < 18 ? guardian(p, day) : p.spouse;
      std::string clinic(f.address.street.empty() ? std::string_view("区") : f.address.street);
      if (f.address.county != kDistrictName) clinic = "区";
      rows(kHere) << id << e.name << sex_word(e.sex) << with_dashes(e.birth) << e.id
                  << spoiler_.phone(f.phone, relative_phone(p, day), kHere)
                  << (close == kNone ? std::string() : cell_.name_at(cell_.person(close), day).full())
                  << (close == kNone ? std::string() : cell_.phone_at(cell_.person(close), day))
                  << spoiler_.address(f.address, usual_style(kHere), kHere) << kBlood[random_.below(std::size(kBlood))]
                  << clinic + "社区卫生服务中心" << dashed(day);
      rows(kHere).end_row();
      truth(Table::kHealth, id, who);
    }
  }
}

void Clerks::tax() {
  constexpr auto kHere = Register::kTax;
  const auto row = [&](Index who, Day day, const Enterprise& firm, std::string_view role) {
    const Person& p = cell_.person(who);
    const Facts f = facts(who, day, kHere);
    const Entries e = spoiler_.spoil(f, kHere);
    const std::string id = number(Table::kTax, "SW");
    rows(kHere) << id << e.name << e.id << spoiler_.phone(f.phone, relative_phone(p, day), kHere) << role << firm.name
                << firm.credit_code << spoiler_.address(f.address, usual_style(kHere), kHere) << dashed(day);
    rows(kHere).end_row();
    truth(Table::kTax, id, who);
  };
  for (Index who = 0; who < static_cast<Index>(cell_.people.size()); ++who) {
    const Person& p = cell_.person(who);
    if (p.employer == kNone) continue;
    const auto first = seen(p, kHere, 0.94);
    if (!first) continue;
    const Enterprise& firm = cell_.enterprises[static_cast<size_t>(p.employer)];
    row(who, *first, firm, "雇员");
    if (spoiler_.hit(ErrorKind::kDuplicate, kHere)) row(who, std::max(p.came, *first - 300), firm, "雇员");
  }
  for (const Enterprise& firm : cell_.enterprises) {
    const Day day = std::max(firm.legal_person_since, today_less(kRegisterTable[static_cast<size_t>(kHere)].lag_years));
    if (firm.closed <= day || cell_.person(firm.legal_person).death <= day) continue;
    row(firm.legal_person, day, firm, "法定代表人");
  }
}

void Clerks::disabled() {
  constexpr auto kHere = Register::kDisabled;
  constexpr std::string_view kCategory[] = {"视力残疾", "听力残疾", "言语残疾", "肢体残疾", "智力残疾", "精神残疾"};
  constexpr std::string_view kGrade[] = {"一级", "二级", "三级", "四级"};
  for (Index who = 0; who < static_cast<Index>(cell_.people.size()); ++who) {
    const Person& p = cell_.person(who);
    const int age = age_at(p.birth, std::min(kReference, p.gone()));
    const auto first = seen(p, kHere, age >= 60 ? 0.12 : 0.035);
    if (!first) continue;
    const bool twice = spoiler_.hit(ErrorKind::kDuplicate, kHere);
    for (int copy = 0; copy <= (twice ? 1 : 0); ++copy) {
      const Day day = std::max({p.came, p.birth, *first - (copy == 0 ? 0 : 1000)});
      const Facts f = facts(who, day, kHere);
      const Entries e = spoiler_.spoil(f, kHere);
      const std::string id = number(Table::kDisabled, "CL");
      const size_t category = random_.below(std::size(kCategory));
      const size_t grade = random_.below(std::size(kGrade));
      const Index close = age < 18 ? guardian(p, day) : p.spouse;
      // The certificate's number is the ID number with category and grade behind it.
      rows(kHere) << id << e.name << sex_word(e.sex) << with_dashes(e.birth) << e.id
                  << (e.id.size() == 18 ? fmt::format("{}{}{}", e.id, category + 1, grade + 1) : std::string())
                  << kCategory[category] << kGrade[grade]
                  << (close == kNone ? std::string() : cell_.name_at(cell_.person(close), day).full())
                  << spoiler_.phone(f.phone, relative_phone(p, day), kHere)
                  << spoiler_.address(f.address, usual_style(kHere), kHere) << dashed(day);
      rows(kHere).end_row();
      truth(Table::kDisabled, id, who);
    }
  }
}

void Clerks::grid() {
  constexpr auto kHere = Register::kGrid;
  for (Index who = 0; who < static_cast<Index>(cell_.people.size()); ++who) {
    const Person& p = cell_.person(who);
    const auto first = seen(p, kHere, 0.88);
    if (!first) continue;
    const bool twice = spoiler_.hit(ErrorKind::kDuplicate, kHere);
    for (int copy = 0; copy <= (twice ? 1 : 0); ++copy) {
      const Day day = std::max({p.came, p.birth, *first - (copy == 0 ? 0 : 200)});
      const Index dwelling = cell_.dwelling_at(p, day);
      if (dwelling == kNone) continue;
      const Facts f = facts(who, day, kHere);
      const Entries e = spoiler_.spoil(f, kHere);
      const std::string id = number(Table::kGrid, "WG");
      rows(kHere) << id << grid_name(dwelling) << e.name << sex_word(e.sex) << free_birth(e.birth, random_) << e.id
                  << spoiler_.phone(f.phone, relative_phone(p, day), kHere)
                  << spoiler_.address(f.address, usual_style(kHere), kHere)
                  << (migrant(cell_, p, day) ? "流动" : "户籍") << dashed(day);
      rows(kHere).end_row();
      truth(Table::kGrid, id, who);
    }
  }
}

}  // namespace zhili::twin
