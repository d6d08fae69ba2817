#pragma once

#include <string>
#include <string_view>

/// Codes that are equal for names that sound alike in English. Letters are folded first (case, diacritics); what is no
/// letter is left out.
namespace zhili::text {

/// American Soundex by the rules of the US National Archives: one letter and three digits, "robert" and "rupert" R163.
/// Empty where there is no letter.
std::string soundex(std::string_view name);

/// Metaphone (Lawrence Philips, Hanging on the Metaphone, Computer Language 7(12), 1990): consonant sounds in capitals,
/// 0 for th, X for sh, a vowel only in front. "smith" and "smyth" are SM0. Empty where there is no letter.
std::string metaphone(std::string_view name);

}  // namespace zhili::text
