#pragma once

#include <string>
#include <string_view>

#include "base/random.hpp"
#include "twin/address_text.hpp"
#include "twin/errors.hpp"
#include "twin/names.hpp"

namespace zhili::twin {

constexpr std::string_view sex_word(Sex sex) { return sex == Sex::kMale ? "男" : "女"; }

// A date of eight digits, which need not be a day, as the registers write it; empty stays empty.
std::string with_dashes(std::string_view digits);                 ///< 1965-03-07
std::string with_slashes(std::string_view digits);                ///< 1965/3/7
std::string in_words(std::string_view digits);                    ///< 1965年3月7日
std::string free_birth(std::string_view digits, Random& random);  ///< 1965.3, 1965, 1965年3月, 65.3.7 …

/// How a register writes addresses when it does as its form asks.
AddressStyle usual_style(Register where);

}  // namespace zhili::twin
