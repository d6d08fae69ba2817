#include "twin/address_text.hpp"

namespace zhili::twin {
namespace {

void append_number(std::string& out, int number) { append_padded(out, static_cast<uint64_t>(number), 1); }

void append_room(std::string& out, const Address& a, const AddressStyle& style) {
  if (a.building > 0) {
    const bool short_form = style.form == RoomForm::kDashes || style.form == RoomForm::kHash;
    if (style.form == RoomForm::kChinese && a.building < 100) {
      out += chinese_number(a.building);
    } else {
      append_number(out, a.building);
    }
    if (!style.room) {
      out += style.form == RoomForm::kHash ? "#" : style.building;
      return;
    }
    out += style.form == RoomForm::kHash ? "#" : style.form == RoomForm::kDashes ? "-" : style.building;
    if (a.unit > 0) {
      if (style.form == RoomForm::kChinese) {
        out += chinese_number(a.unit);
      } else {
        append_number(out, a.unit);
      }
      out += short_form ? "-" : "单元";
    }
    if (a.room > 0) append_number(out, a.room);
    if (!short_form) out += style.room_end;
    return;
  }
  if (a.room > 0 && style.room) {
    if (style.form == RoomForm::kDashes) out += "-";
    append_number(out, a.room);
    if (style.form == RoomForm::kWords) out += style.room_end;
  }
}

}  // namespace

std::string chinese_number(int number) {
  constexpr std::string_view kDigits[] = {"", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
  std::string out;
  if (number >= 10) {
    if (number >= 20) out += kDigits[number / 10 % 10];
    out += "十";
  }
  out += kDigits[number % 10];
  return out;
}

std::string write_address(const Address& a, const AddressStyle& style) {
  std::string out;
  if (style.province) out += a.province;
  if (style.city) out += a.city;
  if (style.county) out += a.county;
  if (style.street) out += a.street;
  const bool village = a.group > 0;
  if (style.community || village) out += a.community;
  if (village) {
    append_number(out, a.group);
    out += "组";
    append_number(out, a.house);
    out += "号";
    return out;
  }
  if (a.compound.empty() || style.road) {
    out += a.road;
    if (a.lane > 0) {
      append_number(out, a.lane);
      out += "弄";
      append_number(out, a.house);
      out += "号";
    } else {
      append_number(out, a.road_number);
      out += "号";
    }
  }
  if (style.compound || !style.road) out += a.compound;
  append_room(out, a, style);
  return out;
}

AddressStyle free_style(Random& random) {
  constexpr std::string_view kBuilding[] = {"号楼", "栋", "幢", "座"};
  AddressStyle style;
  style.county = random.chance(0.35);
  style.city = style.county && random.chance(0.3);
  style.street = random.chance(0.25);
  style.community = random.chance(0.2);
  const double part = random.uniform();
  style.road = part > 0.55;
  style.compound = part < 0.85;
  const double form = random.uniform();
  style.form = form < 0.4    ? RoomForm::kWords
               : form < 0.75 ? RoomForm::kDashes
               : form < 0.88 ? RoomForm::kHash
                             : RoomForm::kChinese;
  style.building = kBuilding[random.below(std::size(kBuilding))];
  style.room_end = random.chance(0.5) ? "室" : "";
  return style;
}

}  // namespace zhili::twin
