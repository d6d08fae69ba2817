// Members of Clerks: households and enterprises, and the truth about people; and the registers of places.
#include <algorithm>

#include <fmt/format.h>

#include "base/hash.hpp"
#include "twin/identifiers.hpp"
#include "twin/register_forms.hpp"
#include "twin/registers.hpp"

namespace zhili::twin {
namespace {

constexpr double kPoorFamilies = 0.025;     // Of households with a book here.
constexpr double kVisitedHouseholds = 0.9;  // In the grid workers' files.
constexpr double kEnrolledUnits = 0.9;      // Companies in social security; of shops a third.
constexpr double kVisitedShops = 0.75;      // Shops, and a fifth of companies, in the grid workers' lists.
constexpr double kMappedBuildings = 0.97;   // In the police address file.
constexpr double kListedBuildings = 0.85;   // In the grid workers' lists.
constexpr double kSurveyMetres = 12;        // By which surveys of one building miss its middle, standard deviation.
constexpr double kStoreysMiscounted = 0.1;

// A firm's name as someone writes it who does not copy it from the licence.
std::string short_name(const Enterprise& e, Random& random) {
  const double u = random.uniform();
  if (u < 0.5 || e.shop) return e.short_name;
  if (u < 0.75) return e.short_name + "公司";
  return std::string(kDistrictName.substr(0, kDistrictName.size() - 3)) + e.short_name;
}

}  // namespace

void Clerks::book_row(Index household, Index head) {
  const Day day = today_less(2);
  const Person& p = cell_.person(head);
  const Facts f = facts(head, std::max({day, p.came, p.birth}), Register::kPolice);
  const Entries e = spoiler_.spoil(f, Register::kPolice);
  const Household& h = cell_.households[static_cast<size_t>(household)];
  std::string id = "FH";
  append_padded(id, h.number, 10);
  const size_t members = book_members_[static_cast<size_t>(household)].size();
  rows(Table::kPoliceHouseholds) << id << e.name << e.id
                                 << spoiler_.address(f.address, usual_style(Register::kPolice), Register::kPolice)
                                 << std::to_string(members)
                                 << spoiler_.phone(f.phone, relative_phone(p, day), Register::kPolice) << dashed(day);
  rows(Table::kPoliceHouseholds).end_row();
  // A book belongs to the household in which its head lives, wherever the book says that this is.
  const Index lives_in = cell_.household_at(p, kReference);
  const uint64_t truly = lives_in == kNone ? h.number : cell_.households[static_cast<size_t>(lives_in)].number;
  rows(Table::kTruthHousehold) << source_id(Table::kPoliceHouseholds) << id << truth_id('H', truly, office_.seed);
  rows(Table::kTruthHousehold).end_row();
}

void Clerks::household_rows(Index household, Index head) {
  const Household& h = cell_.households[static_cast<size_t>(household)];
  const Person& p = cell_.person(head);
  const Index dwelling = cell_.dwelling_at(p, kReference);
  const auto truth_of = [&](Table table, const std::string& id) {
    rows(Table::kTruthHousehold) << source_id(table) << id << truth_id('H', h.number, office_.seed);
    rows(Table::kTruthHousehold).end_row();
  };
  const std::string members = std::to_string(h.members.size());
  if (dwelling != kNone && random_.chance(kVisitedHouseholds)) {
    constexpr auto kHere = Register::kGrid;
    const Day day = std::max({today_less(0.7), p.came, p.birth});
    const Index then = cell_.dwelling_at(p, day);
    const Facts f = facts(head, day, kHere);
    const Entries e = spoiler_.spoil(f, kHere);
    const std::string id = number(Table::kGridHouseholds, "YH");
    rows(Table::kGridHouseholds) << id << grid_name(then == kNone ? dwelling : then) << e.name
                                 << spoiler_.phone(f.phone, relative_phone(p, day), kHere)
                                 << spoiler_.address(f.address, usual_style(kHere), kHere) << members
                                 << (h.owner ? "自住" : "租住") << dashed(day);
    rows(Table::kGridHouseholds).end_row();
    truth_of(Table::kGridHouseholds, id);
  }
  if (cell_.book_at(p, kReference) != kNone && random_.chance(kPoorFamilies)) {
    constexpr auto kHere = Register::kCivil;
    const Day day = std::max({today_less(2), p.came, p.birth});
    const Facts f = facts(head, day, kHere);
    const Entries e = spoiler_.spoil(f, kHere);
    const std::string id = number(Table::kCivilFamilies, "JZ");
    rows(Table::kCivilFamilies) << id << (random_.chance(0.8) ? "最低生活保障" : "低保边缘家庭") << e.name << e.id
                                << spoiler_.address(f.address, usual_style(kHere), kHere) << members
                                << spoiler_.phone(f.phone, relative_phone(p, day), kHere) << dashed(day);
    rows(Table::kCivilFamilies).end_row();
    truth_of(Table::kCivilFamilies, id);
  }
}

void Clerks::households() {
  for (Index h = 0; h < static_cast<Index>(cell_.households.size()); ++h) {
    const Index book_head = book_heads_[static_cast<size_t>(h)];
    if (book_head != kNone) book_row(h, book_head);
    const auto& members = cell_.households[static_cast<size_t>(h)].members;
    const Index head = head_of(cell_, members, kReference);
    if (head != kNone) household_rows(h, head);
  }
}

void Clerks::enterprise_rows(const Enterprise& firm, size_t staff) {
  const Geography& g = office_.geography;
  const uint32_t building = g.building_of(cell_.dwellings[firm.dwelling]);
  const Address address = g.address_of_building(building);
  const Day now = std::min(kReference, firm.closed - 1);
  const auto truth_of = [&](Table table, const std::string& id) {
    rows(Table::kTruthEnterprise) << source_id(table) << id << truth_id('E', firm.number, office_.seed);
    rows(Table::kTruthEnterprise).end_row();
  };
  // The legal representative as of a day, spoilt as a person is.
  const auto representative = [&](Day day, Register where) {
    const bool former = firm.former_legal_person != kNone && day < firm.legal_person_since;
    const Index who = former ? firm.former_legal_person : firm.legal_person;
    const Person& p = cell_.person(who);
    Entries e = spoiler_.spoil(facts(who, day, where), where);
    e.phone = spoiler_.phone(random_.chance(0.6) ? cell_.phone_at(p, day) : firm.phone, relative_phone(p, day), where);
    return e;
  };
  const Day taxed = std::max(firm.founded, now - static_cast<Day>(random_.below(600)));
  const Entries owner = representative(taxed, Register::kTax);
  const std::string tax_id = number(Table::kTaxEnterprises, "DJ");
  const bool short_in_tax = spoiler_.hit(ErrorKind::kFirmShort, Register::kTax);
  rows(Table::kTaxEnterprises) << tax_id << firm.credit_code << (short_in_tax ? short_name(firm, random_) : firm.name)
                               << owner.name << owner.id << owner.phone
                               << spoiler_.place(address, usual_style(Register::kTax), Register::kTax) << firm.trade
                               << (firm.closed > kReference ? "正常" : "注销") << dashed(firm.founded) << dashed(taxed);
  rows(Table::kTaxEnterprises).end_row();
  truth_of(Table::kTaxEnterprises, tax_id);

  if (random_.chance(firm.shop ? kEnrolledUnits / 3 : kEnrolledUnits)) {
    constexpr auto kHere = Register::kSocial;
    const Day day = std::max(firm.founded, now - static_cast<Day>(random_.below(1500)));
    const Entries e = representative(day, kHere);
    const std::string id = number(Table::kSocialUnits, "DW");
    const bool without = firm.founded < to_day(2015, 10, 1) && spoiler_.hit(ErrorKind::kFirmCodeMissing, kHere);
    rows(Table::kSocialUnits) << id
                              << (spoiler_.hit(ErrorKind::kFirmShort, kHere) ? short_name(firm, random_) : firm.name)
                              << (without ? std::string() : firm.credit_code) << e.name << e.phone
                              << spoiler_.place(address, usual_style(kHere), kHere) << std::to_string(staff)
                              << dashed(day);
    rows(Table::kSocialUnits).end_row();
    truth_of(Table::kSocialUnits, id);
  }
  if (firm.closed > kReference && random_.chance(firm.shop ? kVisitedShops : 0.2)) {
    constexpr auto kHere = Register::kGrid;
    const Day day = std::max(firm.founded, today_less(0.7));
    const Entries e = representative(day, kHere);
    const std::string id = number(Table::kGridShops, "DP");
    rows(Table::kGridShops) << id << grid_name(static_cast<Index>(firm.dwelling))
                            << (spoiler_.hit(ErrorKind::kFirmShort, kHere) ? short_name(firm, random_) : firm.name)
                            << e.name << e.phone << spoiler_.place(address, usual_style(kHere), kHere) << dashed(day);
    rows(Table::kGridShops).end_row();
    truth_of(Table::kGridShops, id);
  }
}

void Clerks::enterprises() {
  std::vector<size_t> staff(cell_.enterprises.size());
  for (const Person& p : cell_.people) {
    if (p.employer != kNone) ++staff[static_cast<size_t>(p.employer)];
  }
  for (size_t i = 0; i < cell_.enterprises.size(); ++i) enterprise_rows(cell_.enterprises[i], staff[i]);
}

void Clerks::people() {
  constexpr uint64_t kPeopleOfCell = 1 << 16;
  const auto id_of = [&](Index who) {
    return who == kNone ? std::string()
                        : truth_id('P', cell_.number * kPeopleOfCell + static_cast<uint64_t>(who), office_.seed);
  };
  for (Index who = 0; who < static_cast<Index>(cell_.people.size()); ++who) {
    const Person& p = cell_.person(who);
    rows(Table::kTruthPeople) << id_of(who) << p.name.full() << sex_word(p.sex) << dashed(p.birth)
                              << (p.death > kReference ? std::string() : dashed(p.death)) << p.id
                              << (p.resident(kReference) ? "1" : "0") << id_of(p.father) << id_of(p.mother);
    rows(Table::kTruthPeople).end_row();
  }
}

namespace {

/// Writes down buildings as three bodies know them.
class PlaceClerks {
 public:
  PlaceClerks(const Office& office, uint64_t piece, CellRows& rows, ErrorCounts& counts)
      : office_(office),
        g_(office.geography),
        rows_(rows),
        random_(office.seed ^ 0x706c61636573, piece),
        spoiler_(office.confusion, office.error_scale, random_, counts) {}

  void write(uint32_t building) {
    const Building& b = g_.buildings()[building];
    const Address address = g_.address_of_building(building);
    if (random_.chance(kMappedBuildings)) police(building, b, address);
    if (b.form == Form::kCompound || random_.chance(0.8)) housing(building, b, address);
    if (random_.chance(kListedBuildings)) grid(building, b, address);
  }

 private:
  void police(uint32_t building, const Building& b, const Address& address) {
    const auto [longitude, latitude] = surveyed(b, Register::kPolice);
    rows(Table::kPolicePlaces) << number(Table::kPolicePlaces, "DZ", building)
                               << spoiler_.place(address, usual_style(Register::kPolice), Register::kPolice)
                               << address.community << address.compound << std::to_string(b.floors) << longitude
                               << latitude << dashed(kReference - static_cast<Day>(random_.below(2000)));
    rows(Table::kPolicePlaces).end_row();
  }

  void housing(uint32_t building, const Building& b, const Address& address) {
    const auto [longitude, latitude] = surveyed(b, Register::kHousing);
    const Day since = to_day(std::max<int>(b.built, 1998), 6, 1) + static_cast<Day>(random_.below(200));
    rows(Table::kHousingBuildings) << number(Table::kHousingBuildings, "LZ", building) << address.compound
                                   << spoiler_.place(address, usual_style(Register::kHousing), Register::kHousing)
                                   << std::to_string(b.floors) << std::to_string(b.built) << longitude << latitude
                                   << dashed(since);
    rows(Table::kHousingBuildings).end_row();
  }

  void grid(uint32_t building, const Building& b, const Address& address) {
    const Division& grid = g_.division(b.grid);
    // Storeys are counted from the street: the ground floor or the attic may be left out.
    const int storeys = std::max(1, b.floors - (random_.chance(kStoreysMiscounted) ? 1 : 0));
    rows(Table::kGridBuildings) << number(Table::kGridBuildings, "LD", building)
                                << g_.division(static_cast<uint32_t>(grid.parent)).name + grid.name << address.compound
                                << spoiler_.place(address, usual_style(Register::kGrid), Register::kGrid)
                                << std::to_string(storeys) << std::to_string(b.dwellings())
                                << dashed(kReference - static_cast<Day>(random_.below(600)));
    rows(Table::kGridBuildings).end_row();
  }

  std::string number(Table table, std::string_view prefix, uint32_t building) {
    std::string id(prefix);
    append_padded(id, scramble(building, mix64(office_.seed) + static_cast<uint64_t>(table)), 13);
    rows(Table::kTruthPlace) << source_id(table) << id << truth_id('B', building, office_.seed);
    rows(Table::kTruthPlace).end_row();
    return id;
  }

  // Longitude and latitude as one survey found them, empty where there was none.
  std::pair<std::string, std::string> surveyed(const Building& b, Register where) {
    if (spoiler_.hit(ErrorKind::kPositionMissing, where)) return {};
    const double spread = kSurveyMetres / kUnitMetres;
    const Position at = g_.position(b.x + random_.normal() * spread, b.y + random_.normal() * spread);
    return {fmt::format("{:.6f}", at.longitude), fmt::format("{:.6f}", at.latitude)};
  }

  Rows& rows(Table table) { return rows_[static_cast<size_t>(table)]; }

  const Office& office_;
  const Geography& g_;
  CellRows& rows_;
  Random random_;
  Spoiler spoiler_;
};

}  // namespace

void write_places(const Office& office, uint32_t first, uint32_t last, CellRows& rows, ErrorCounts& counts) {
  PlaceClerks clerks(office, first, rows, counts);
  for (uint32_t building = first; building < last; ++building) clerks.write(building);
}

}  // namespace zhili::twin
