#pragma once

#include <cstdint>
#include <string>

#include "base/random.hpp"
#include "twin/geography.hpp"

namespace zhili::twin {

/// How the building, unit and room are written.
enum class RoomForm : uint8_t {
  kWords,    ///< 3号楼2单元501室
  kDashes,   ///< 3-2-501
  kHash,     ///< 3#2-501
  kChinese,  ///< 三号楼二单元501
};

/// Which parts of an address are written, and how.
struct AddressStyle {
  bool province = false;
  bool city = false;
  bool county = true;
  bool street = false;
  bool community = false;
  bool road = true;
  bool compound = true;
  bool room = true;
  RoomForm form = RoomForm::kWords;
  std::string_view building = "号楼";  ///< Also 栋, 幢, 座.
  std::string_view room_end = "室";
};

/// Writes an address. Where the address has no compound, its road is written whatever the style says; where the style
/// drops both road and compound, the compound stays: something must remain to find it by.
std::string write_address(const Address& address, const AddressStyle& style);

/// A style as people write who fill in a form by hand: upper divisions dropped, road or compound alone, building, unit
/// and room in any of their forms.
AddressStyle free_style(Random& random);

/// 1 to 99 in Chinese: 三, 十二, 二十.
std::string chinese_number(int number);

}  // namespace zhili::twin
