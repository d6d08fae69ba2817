#include "twin/economy.hpp"

#include <algorithm>
#include <cmath>

#include "twin/identifiers.hpp"

namespace zhili::twin {
namespace {

// Mobile telephones spread from 1998 to 2008, among those born before 1945 later and not to all.
constexpr int kFirstPhoneYear = 1998;
constexpr double kOldWithPhone = 0.72;
constexpr double kYearsWithNumber = 11;  // On average; people keep numbers long, as accounts hang on them.

constexpr double kResidentsPerShop = 14;
constexpr double kResidentsPerCompany = 30;
constexpr double kClosed = 0.3;                // Of all ever founded; registers keep them.
constexpr double kNewLegalPerson = 0.14;       // Enterprises that changed it.
constexpr double kEmployed = 0.72;             // Of men of 18 to 60 and women of 18 to 55.
constexpr uint64_t kEnterpriseNumbers = 4096;  // Of one cell.

struct Trade {
  std::string_view name;
  std::string_view shop;
};
constexpr Trade kTrades[] = {
    {"商贸", "便利店"},         {"餐饮管理", "面馆"},   {"建筑工程", "五金店"}, {"科技", "电脑维修部"},
    {"物业服务", "家政服务部"}, {"装饰工程", "建材店"}, {"物流", "快递服务部"}, {"教育咨询", "文具店"},
    {"食品", "早餐店"},         {"服饰", "服装店"},     {"医药", "药店"},       {"机械制造", "汽车修理部"},
    {"文化传播", "图文店"},     {"农业发展", "水果店"}, {"美容服务", "理发店"}, {"电子", "手机店"}};

constexpr std::string_view kNameFront = "永安和兴福长青云锦瑞嘉明德仁康泰昌宁新金鼎恒鑫宏盛华创诚信达";
constexpr std::string_view kNameBack = "达信泰源丰盛隆通顺利诚联创成祥瑞和润邦博优品美佳嘉旺福";

std::string trade_word(Random& random) {
  static const auto front = characters_of(kNameFront);
  static const auto back = characters_of(kNameBack);
  std::string word;
  word += random.pick(front);
  if (random.chance(0.45)) word += random.pick(front);
  word += random.pick(back);
  return word;
}

Index adult(Random& random, const Cell& cell, Day day) {
  for (int tries = 0; tries < 60; ++tries) {
    const auto who = static_cast<Index>(random.below(cell.people.size()));
    const Person& p = cell.person(who);
    const int age = p.resident(day) ? age_at(p.birth, day) : 0;
    if (age >= 22 && age <= 62) return who;
  }
  return kNone;
}

void name_enterprise(Random& random, const Cell& cell, Enterprise& e) {
  const Trade& trade = kTrades[random.below(std::size(kTrades))];
  e.trade = e.shop ? trade.shop : trade.name;
  const std::string& surname = cell.person(e.legal_person).name.surname;
  std::string word = trade_word(random);
  if (e.shop && !surname.empty() && random.chance(0.25)) word = surname + "记";
  e.short_name = word + e.trade;
  if (e.shop) {
    e.name = std::string(kDistrictName) + e.short_name;
    return;
  }
  e.name = std::string(random.chance(0.6) ? kCityName : kDistrictName) + e.short_name + "有限公司";
}

void employ(Random& random, Cell& cell) {
  std::vector<double> sizes;
  for (const Enterprise& e : cell.enterprises) {
    // Sizes of firms fall off with a long tail (Zipf): many of a few people, few of many.
    const double size = e.shop ? 1.2 : 4 / std::pow(0.02 + random.uniform(), 0.9);
    sizes.push_back(e.closed == kNever ? size : 0);
  }
  if (std::none_of(sizes.begin(), sizes.end(), [](double s) { return s > 0; })) return;
  const Weighted draw(sizes);
  for (Person& p : cell.people) {
    const int age = age_at(p.birth, kReference);
    if (p.resident(kReference) && age >= 18 && age < (p.sex == Sex::kMale ? 60 : 55) && random.chance(kEmployed)) {
      p.employer = static_cast<Index>(draw.draw(random));
    }
  }
}

}  // namespace

void give_phones(Random& random, Cell& cell) {
  for (Person& p : cell.people) {
    const int born = year_of(p.birth);
    if (p.gone() < to_day(kFirstPhoneYear, 1, 1)) continue;
    if (born < 1945 && !random.chance(kOldWithPhone)) continue;
    const int year = std::max(born < 1945 ? static_cast<int>(random.between(2003, 2015))
                                          : static_cast<int>(random.between(kFirstPhoneYear, 2008)),
                              born + static_cast<int>(random.between(11, 17)));
    double at = to_day(year, 1, 1) + random.uniform() * 365;
    while (at < std::min(kReference, p.gone())) {
      cell.phones.push(p.phone, static_cast<Day>(at), mobile_number(random));
      at -= std::log(1 - random.uniform()) * kYearsWithNumber * 365.25;
    }
  }
}

void found_enterprises(const Geography& geography, Random& random, uint64_t residents, Cell& cell) {
  const auto count = [&](double per) {
    return static_cast<uint64_t>(static_cast<double>(residents) / per / (1 - kClosed) + random.uniform());
  };
  const uint64_t shops = count(kResidentsPerShop);
  const uint64_t total = shops + count(kResidentsPerCompany);
  for (uint64_t i = 0; i < total; ++i) {
    Enterprise e;
    e.shop = i < shops;
    e.number = cell.number * kEnterpriseNumbers + i;
    // Most live only a few years, so most that are there are young.
    e.founded = kReference - static_cast<Day>(random.uniform() * random.uniform() * 26 * 365) - 30;
    e.legal_person = adult(random, cell, e.founded);
    if (e.legal_person == kNone) continue;
    if (random.chance(kClosed)) e.closed = e.founded + static_cast<Day>(random.uniform() * (kReference - e.founded));
    e.legal_person_since = e.founded;
    if (random.chance(kNewLegalPerson)) {
      const Day change = e.founded + static_cast<Day>(random.uniform() * (kReference - e.founded));
      const Index next = adult(random, cell, change);
      if (next != kNone && next != e.legal_person) {
        e.former_legal_person = e.legal_person;
        e.legal_person = next;
        e.legal_person_since = change;
      }
    }
    name_enterprise(random, cell, e);
    e.credit_code = credit_code(geography.counties()[Geography::own_county(cell.number)].code, e.shop, e.number);
    e.dwelling = static_cast<uint32_t>(random.below(cell.dwellings.size()));
    e.phone = mobile_number(random);
    cell.enterprises.push_back(std::move(e));
  }
  employ(random, cell);
}

}  // namespace zhili::twin
