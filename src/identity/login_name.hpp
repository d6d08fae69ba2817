#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace zhili::identity {

/// A login name in the form in which accounts are looked up.
struct LoginName {
  std::string text;      ///< Narrow, lower-case, NFC.
  std::string skeleton;  ///< The same for all names that look alike (Unicode Technical Standard 39): unique.
};

/// Brings a name as typed to one form: full-width letters and digits become ordinary ones, capitals small, blanks at
/// the ends go. Names have Latin letters without marks, digits, Han ideographs, '.', '_', '-' and '@'; two characters
/// at least. Anything else, and so every letter that only looks like one of these, is refused with kInput.
Result<LoginName> login_name(std::string_view typed);

}  // namespace zhili::identity
