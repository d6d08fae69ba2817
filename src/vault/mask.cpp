#include "vault/mask.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "text/credit_code.hpp"
#include "text/date.hpp"
#include "text/fold.hpp"
#include "text/id_number.hpp"
#include "text/person_name.hpp"
#include "text/phone.hpp"
#include "text/utf8.hpp"
#include "text/width.hpp"

namespace zhili::vault {
namespace {

using catalog::MaskKind;
using catalog::ValueType;

constexpr size_t kMostStars = 10;
constexpr std::string_view kRest = "***";

struct Character {
  std::string_view bytes;
  char32_t code;
};

/// What a reader takes for characters: marks go with what they stand on.
std::vector<Character> characters(std::string_view value) {
  std::vector<Character> out;
  const char* at = value.data();
  const char* const end = at + value.size();
  while (at < end) {
    const char* const begin = at;
    const char32_t code = text::next_char(at, end);
    const auto length = static_cast<size_t>(at - begin);
    if (!out.empty() && text::display_width(code) == 0) {
      out.back().bytes = {out.back().bytes.data(), out.back().bytes.size() + length};
    } else {
      out.push_back({{begin, length}, code});
    }
  }
  return out;
}

/// The first and the last so many characters, stars between. All stars where that would show half of it or more.
std::string ends(const std::vector<Character>& all, size_t first, size_t last) {
  if (2 * (first + last) >= all.size() + (all.size() < 4 ? 2 : 0)) first = last = 0;
  std::string out;
  for (size_t i = 0; i < first; ++i) out += all[i].bytes;
  out.append(std::min(kMostStars, all.size() - first - last), '*');
  for (size_t i = all.size() - last; i < all.size(); ++i) out += all[i].bytes;
  return out;
}

std::string first_alone(const std::vector<Character>& all) {
  std::string out(all.size() > 1 ? all[0].bytes : std::string_view());
  return out + std::string(std::min(kMostStars, std::max<size_t>(all.size(), 2) - 1), '*');
}

std::string mask_name(const std::vector<Character>& all) {
  if (all.size() < 3) return first_alone(all);
  std::string out(all.front().bytes);
  out.append(std::min(kMostStars, all.size() - 2), '*');
  return out.append(all.back().bytes);
}

bool is_digit(char32_t c) { return (c >= U'0' && c <= U'9') || (c >= U'０' && c <= U'９'); }

bool digits_only(const std::vector<Character>& all, size_t from, size_t to) {
  return std::all_of(all.begin() + static_cast<ptrdiff_t>(from), all.begin() + static_cast<ptrdiff_t>(to),
                     [](const Character& c) { return is_digit(c.code); });
}

std::string mask_id_number(const std::vector<Character>& all) {
  constexpr size_t kEnds = 4;
  const bool whole = (all.size() == 18 && digits_only(all, 0, 17)) || (all.size() == 15 && digits_only(all, 0, 15));
  return whole ? ends(all, all.size() == 18 ? kEnds : 3, all.size() == 18 ? kEnds : 3) : first_alone(all);
}

std::string mask_phone(const std::vector<Character>& all) {
  if (!digits_only(all, 0, all.size()) || all.size() < 7) return first_alone(all);
  if (all.size() < 11) return ends(all, 2, 1);
  std::string out;
  for (size_t i = 0; i < 3; ++i) out += all[i].bytes;
  out.append(all.size() - 7, '*');
  for (size_t i = all.size() - 4; i < all.size(); ++i) out += all[i].bytes;
  return out;
}

/// Up to the last word for a road or a village before the first figure.
std::string mask_address(const std::vector<Character>& all) {
  constexpr std::array<char32_t, 8> kRoads = {U'路', U'街', U'巷', U'道', U'弄', U'段', U'村', U'镇'};
  size_t cut = 0;
  for (size_t i = 0; i < all.size() && !is_digit(all[i].code); ++i) {
    if (std::ranges::find(kRoads, all[i].code) != kRoads.end()) cut = i + 1;
  }
  if (cut == 0) return first_alone(all);
  std::string out;
  for (size_t i = 0; i < cut; ++i) out += all[i].bytes;
  return out + std::string(kRest);
}

std::string mask_year(std::string_view value) {
  const auto date = text::parse_date(value);
  if (!date || date->date.year == 0) return "****";
  return fmt::format("{:04}", date->date.year);
}

}  // namespace

std::string mask(MaskKind kind, std::string_view value) {
  if (value.empty() || kind == MaskKind::kNone) return {};
  const std::vector<Character> all = characters(value);
  switch (kind) {
    case MaskKind::kNone:
      break;
    case MaskKind::kName:
      return mask_name(all);
    case MaskKind::kIdNumber:
      return mask_id_number(all);
    case MaskKind::kPhone:
      return mask_phone(all);
    case MaskKind::kAddress:
      return mask_address(all);
    case MaskKind::kYear:
      return mask_year(value);
    case MaskKind::kFirst:
      return first_alone(all);
  }
  return {};
}

std::string standard_form(ValueType type, std::string_view value) {
  switch (type) {
    case ValueType::kIdNumber: {
      const auto number = text::parse_id_number(value);
      if (number) return number->number;
      break;
    }
    case ValueType::kCreditCode: {
      const auto code = text::parse_credit_code(value);
      if (code) return code->code;
      break;
    }
    case ValueType::kPhone:
      return text::standardise_phone(value);
    case ValueType::kPersonName:
      return text::parse_chinese_name(value).full;
    case ValueType::kText:
    case ValueType::kAddress:
    case ValueType::kDate:
    case ValueType::kCategory:
    case ValueType::kNumber:
    case ValueType::kLatitude:
    case ValueType::kLongitude:
      break;
  }
  return text::fold(value);
}

}  // namespace zhili::vault
