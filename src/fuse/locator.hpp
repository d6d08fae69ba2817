#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "text/address.hpp"
#include "text/division.hpp"

namespace zhili::fuse {

/// Tells in which area (a community, a grid) an address lies. It learns from addresses whose area is known, such as a
/// register of buildings: by estate or gate number, by lane, by road, by village group, and by community, where most of
/// what was learnt agrees. What it can't tell it leaves at the deepest division that the address names itself.
class Locator {
 public:
  /// `table` outlives it.
  explicit Locator(const text::DivisionTable& table) : table_(table) {}

  /// Notes that an address lies in `area`. Areas are ids of the caller's choice.
  void learn(std::string_view address, std::string_view area);

  struct Place {
    std::string area;      ///< Learnt; empty where it can't be told.
    std::string division;  ///< Code of the deepest division that is certain, 6, 9 or 12 digits; empty if none.
  };
  Place find(std::string_view address) const;

 private:
  /// Keys of an address from the most exact on, as of a county; empty: of none that is known.
  static std::vector<std::string> keys(const text::Address& address, std::string_view county);
  std::string division_of(const text::Address& address) const;

  struct Votes {
    std::vector<std::pair<uint32_t, uint32_t>> of_area;
    uint32_t all = 0;
  };
  const text::DivisionTable& table_;
  std::unordered_map<std::string, Votes> votes_;
  std::unordered_map<std::string, uint32_t> numbers_;
  std::vector<std::string> areas_;
};

}  // namespace zhili::fuse
