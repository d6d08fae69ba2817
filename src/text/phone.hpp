#pragma once

#include <string>
#include <string_view>

namespace zhili::text {

/// The first telephone number in a cell, as digits: the code of mainland China (+86, 0086) and a zero before a mobile
/// number removed, area code and number joined, extension dropped ("+86 138-1234-5678" → "13812345678",
/// "(0512)6234 5678转801" → "051262345678"). A number of another country keeps its code behind 00. Empty where there is
/// no number of 5 to 15 digits, or all its digits are the same.
std::string standardise_phone(std::string_view text);

/// A mobile number of mainland China as `standardise_phone` gives it: 11 digits, 13 to 19 in front.
bool is_mobile(std::string_view digits);

}  // namespace zhili::text
