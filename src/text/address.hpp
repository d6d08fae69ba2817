#pragma once

#include <string>
#include <string_view>

#include "text/division.hpp"

namespace zhili::text {

/// A Chinese address in its parts. Two spellings of one place have equal parts: "3号楼2单元501室", "3-2-501" and
/// "三栋二单元501" all have building "3", unit "2", room "501".
struct Address {
  std::string province;
  std::string city;       ///< Prefecture; in directly governed cities the province's name again.
  std::string county;     ///< Empty where the prefecture has none (东莞), or where it isn't written and can't be told.
  std::string street;     ///< 街道, 镇 or 乡 by its name in the table; as written where the table lacks it.
  std::string community;  ///< "望湖社区", "芦城村"; committees are called by their community or village.
  std::string road;       ///< With its section: "人民南路一段".
  std::string lane;       ///< "377弄", "史家胡同", "3组".
  std::string number;     ///< Of the gate, without 号: "12", "12-1", "甲12", "12附3".
  std::string building;   ///< Without 栋: "3", "A".
  std::string unit;       ///< Without 单元.
  std::string room;       ///< Without 室: "501", "D213", "603-604"; a floor alone is "5层".
  std::string rest;       ///< What no other part took (names of estates, buildings, firms), pieces parted by commas.
  /// Of the deepest division that is certain: 6 digits down to counties, 9 for streets; empty if none.
  std::string division_code;

  /// The address written in one way, `rest` in square brackets behind. Parsing it gives the same parts.
  std::string standard() const;
  bool operator==(const Address&) const = default;
};

/// Takes an address apart: folds it, finds divisions by name or short form in any usual order, fills the levels between
/// and above from `table` where they are certain, reads Chinese numerals where they number something. Remarks in round
/// brackets and a label in front ("公司地址：") are left out, notes in square ones go to `rest` as they are; of several
/// addresses in a cell the first counts; beyond 200 characters the text is cut.
Address parse_address(std::string_view text, const DivisionTable& table);

}  // namespace zhili::text
