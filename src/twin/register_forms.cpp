#include "twin/register_forms.hpp"

namespace zhili::twin {
namespace {

std::string_view without_zero(std::string_view two) { return two[0] == '0' ? two.substr(1) : two; }

}  // namespace

std::string with_dashes(std::string_view d) {
  if (d.empty()) return "";
  std::string out(d);
  out.insert(6, 1, '-');
  out.insert(4, 1, '-');
  return out;
}

std::string with_slashes(std::string_view d) {
  if (d.empty()) return "";
  std::string out(d.substr(0, 4));
  out += '/';
  out += without_zero(d.substr(4, 2));
  out += '/';
  out += without_zero(d.substr(6, 2));
  return out;
}

std::string in_words(std::string_view d) {
  if (d.empty()) return "";
  std::string out(d.substr(0, 4));
  out += "年";
  out += without_zero(d.substr(4, 2));
  out += "月";
  out += without_zero(d.substr(6, 2));
  out += "日";
  return out;
}

std::string free_birth(std::string_view d, Random& random) {
  if (d.empty()) return "";
  const double u = random.uniform();
  const auto year = d.substr(0, 4);
  const auto month = without_zero(d.substr(4, 2));
  std::string out(year);
  if (u < 0.35) return out.append(".").append(month);
  if (u < 0.55) return out.append("年").append(month).append("月");
  if (u < 0.70) return out;
  if (u < 0.85) return with_dashes(d);
  if (u < 0.95) return std::string(d);
  return with_slashes(d);
}

AddressStyle usual_style(Register where) {
  AddressStyle style;
  switch (where) {
    case Register::kPolice:
      style.province = style.city = style.street = true;
      break;
    case Register::kSocial:
    case Register::kTax:
      style.city = true;
      break;
    case Register::kHealth:
      style.street = style.community = true;
      style.road = false;
      break;
    case Register::kCivil:
      style.street = true;
      break;
    case Register::kEducation:
      break;
    case Register::kHousing:
      style.building = "幢";
      break;
    case Register::kDisabled:
      style.street = style.community = true;
      break;
    case Register::kGrid:
      style.county = false;
      style.community = true;
      style.road = false;
      style.form = RoomForm::kDashes;
      break;
  }
  return style;
}

}  // namespace zhili::twin
