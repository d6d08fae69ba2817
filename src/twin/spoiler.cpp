#include "twin/spoiler.hpp"

#include <algorithm>
#include <vector>

#include "text/pinyin.hpp"
#include "text/utf8.hpp"
#include "twin/identifiers.hpp"

namespace zhili::twin {
namespace {

constexpr Day kEighteenDigits = to_day(1999, 10, 1);  // GB 11643-1999 came into force on 1 October 1999 at the latest.
constexpr Day kLunarUntil = to_day(1985, 1, 1);

// Another digit than the one that stands there.
char other_digit(Random& random, char digit) {
  const auto pick = static_cast<char>('0' + random.below(9));
  return pick >= digit ? static_cast<char>(pick + 1) : pick;
}

// Exchanges two neighbouring, different digits at a random place in [from, to).
bool swap_neighbours(Random& random, std::string& digits, size_t from, size_t to) {
  const size_t span = to - from - 1;
  const size_t start = random.below(span);
  for (size_t i = 0; i < span; ++i) {
    const size_t at = from + (start + i) % span;
    if (digits[at] == digits[at + 1]) continue;
    std::swap(digits[at], digits[at + 1]);
    return true;
  }
  return false;
}

std::string full_width(std::string_view ascii) {
  std::string out;
  for (const char c : ascii) text::append(out, static_cast<char32_t>(0xFF01 + (c - '!')));
  return out;
}

}  // namespace

bool Spoiler::hit(ErrorKind kind, Register where) {
  const auto k = static_cast<size_t>(kind);
  const auto r = static_cast<size_t>(where);
  ErrorCount& count = counts_[k][r];
  ++count.possible;
  const bool made = random_.chance(kErrorTable[k].per_thousand[r] / 1000 * scale_);
  if (made) ++count.made;
  return made;
}

Entries Spoiler::spoil(const Facts& facts, Register where) {
  Entries entries;
  entries.name = name(facts, where);
  entries.id = id(facts, where);
  entries.birth = birth(facts, where);
  entries.sex = facts.sex;
  if (hit(ErrorKind::kSexWrong, where)) entries.sex = facts.sex == Sex::kMale ? Sex::kFemale : Sex::kMale;
  return entries;
}

std::string Spoiler::nick(const Facts& facts) {
  const int age = age_at(facts.birth, kReference);
  const bool man = facts.sex == Sex::kMale;
  const std::string& surname = facts.name.surname;
  if (age > 60) return surname + (man ? "大爷" : "阿姨");
  if (age > 40) return random_.chance(0.5) ? "老" + surname : surname + (man ? "师傅" : "姐");
  return "小" + surname;
}

std::string Spoiler::name(const Facts& facts, Register where) {
  std::string full = facts.name.full();
  const auto characters = characters_of(full);
  if (facts.name.surname.empty()) {
    if (!hit(ErrorKind::kNameDot, where)) return full;
    constexpr std::string_view kDots[] = {"•", "．", ".", "", "・", " "};
    const size_t at = full.find("·");
    return full.replace(at, std::string_view("·").size(), kDots[random_.below(std::size(kDots))]);
  }
  if (hit(ErrorKind::kNameNick, where)) return nick(facts);
  const auto rare = std::find_if(characters.begin(), characters.end(), Names::is_rare);
  if (rare != characters.end() && hit(ErrorKind::kNameRare, where)) {
    std::string stand_in(text::reading(text::decode(*rare)[0]));
    const double u = random_.uniform();
    if (stand_in.empty() || u < 0.2) stand_in = "?";
    if (u > 0.85) stand_in = "";
    return full.replace(static_cast<size_t>(rare->data() - full.data()), rare->size(), stand_in);
  }
  if (hit(ErrorKind::kNameShape, where)) {
    confusion_.look_alike(random_, full);
  } else if (hit(ErrorKind::kNameSound, where)) {
    confusion_.sound_alike(random_, full);
  } else if (characters.size() == 3 && hit(ErrorKind::kNameSwap, where)) {
    full = std::string(characters[0]) + std::string(characters[2]) + std::string(characters[1]);
  }
  if (hit(ErrorKind::kNameTraditional, where)) full = confusion_.traditional(full);
  if (hit(ErrorKind::kNameSpace, where)) {
    const size_t at = characters_of(full)[0].size();
    const double u = random_.uniform();
    if (u < 0.6) return full.insert(at, random_.chance(0.5) ? "  " : "　");
    return u < 0.8 ? full + " " : full.insert(at, " ");
  }
  return full;
}

std::string Spoiler::id(const Facts& facts, Register where) {
  if (hit(ErrorKind::kIdMissing, where)) return "";
  if (facts.birth < kEighteenDigits && facts.birth >= to_day(1900, 1, 1) && hit(ErrorKind::kIdFifteen, where)) {
    return fifteen_digits(facts.id);
  }
  std::string id = facts.id;
  // One error at most, and each leaves a number whose check digit shows it: a wrong number that is valid would be
  // another person's.
  if (hit(ErrorKind::kIdDigit, where)) {
    const size_t at = random_.below(17);
    id[at] = other_digit(random_, id[at]);
    return id;
  }
  if (hit(ErrorKind::kIdSwap, where)) {
    swap_neighbours(random_, id, 0, 17);
    return id;
  }
  if (hit(ErrorKind::kIdCheck, where)) {
    id[17] = other_digit(random_, id[17] == 'X' ? '5' : id[17]);
    return id;
  }
  if (!hit(ErrorKind::kIdForm, where)) return id;
  if (id[17] == 'X') {
    id[17] = 'x';
    return id;
  }
  if (random_.chance(0.5)) return id.insert(14, " ").insert(6, " ");
  return random_.chance(0.5) ? full_width(id) : id + " ";
}

std::string Spoiler::birth(const Facts& facts, Register where) {
  if (hit(ErrorKind::kBirthMissing, where)) return "";
  Date date = to_date(facts.birth);
  std::string digits;
  const auto write = [&] {
    digits.clear();
    append_padded(digits, digits_of(date), 8);
    return digits;
  };
  if (hit(ErrorKind::kBirthNewYear, where)) {
    date.month = date.day = 1;
    return write();
  }
  if (facts.birth < kLunarUntil && hit(ErrorKind::kBirthLunar, where)) {
    date = lunar(facts.birth);
    return write();
  }
  if (date.day <= 12 && date.day != date.month && hit(ErrorKind::kBirthSwap, where)) {
    std::swap(date.month, date.day);
    return write();
  }
  if (hit(ErrorKind::kBirthYear, where)) {
    date.year += random_.chance(0.7) ? -1 : 1;
    return write();
  }
  write();
  if (hit(ErrorKind::kBirthTypo, where)) {
    const size_t at = 2 + random_.below(6);
    digits[at] = other_digit(random_, digits[at]);
  }
  return digits;
}

std::string Spoiler::phone(const std::string& own, const std::string& relative, Register where) {
  std::string phone = own;
  // Who has none gives a relative's, which is no error to count.
  if (phone.empty()) phone = relative;
  if (phone.empty() || hit(ErrorKind::kPhoneMissing, where)) return "";
  if (!own.empty() && !relative.empty() && hit(ErrorKind::kPhoneRelative, where)) phone = relative;
  if (hit(ErrorKind::kPhoneTypo, where)) {
    const size_t at = 3 + random_.below(8);
    phone[at] = other_digit(random_, phone[at]);
  }
  if (!hit(ErrorKind::kPhoneForm, where)) return phone;
  switch (random_.below(4)) {
    case 0:
      return phone.insert(7, "-").insert(3, "-");
    case 1:
      return phone.insert(7, " ").insert(3, " ");
    case 2:
      return "+86 " + phone;
    default:
      return phone + "（本人）";
  }
}

std::string Spoiler::address(const Address& address, const AddressStyle& usual, Register where) {
  if (hit(ErrorKind::kAddressMissing, where)) return "";
  AddressStyle style = hit(ErrorKind::kAddressFree, where) ? free_style(random_) : usual;
  if (address.county != kDistrictName) style.city = style.county = style.street = true;  // Else nobody finds it.
  if (address.room > 0 && hit(ErrorKind::kAddressNoRoom, where)) style.room = false;
  std::string text = write_address(address, style);
  if (hit(ErrorKind::kAddressTypo, where)) {
    std::vector<size_t> digits;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] >= '1' && text[i] <= '9') digits.push_back(i);
    }
    if (digits.empty() || random_.chance(0.6)) {
      if (!confusion_.look_alike(random_, text)) confusion_.sound_alike(random_, text);
    } else {
      const size_t at = random_.pick(digits);
      text[at] = other_digit(random_, text[at]);
    }
  }
  return text;
}

std::string Spoiler::place(const Address& address, const AddressStyle& usual, Register where) {
  AddressStyle style = hit(ErrorKind::kAddressFree, where) ? free_style(random_) : usual;
  style.room = false;
  std::string text = write_address(address, style);
  if (hit(ErrorKind::kAddressTypo, where)) confusion_.look_alike(random_, text);
  return text;
}

}  // namespace zhili::twin
