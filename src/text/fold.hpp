#pragma once

#include <string>
#include <string_view>

namespace zhili::text {

/// Brings spellings that mean the same to one form, for comparing and indexing, not for showing:
/// - full-width, half-width and other compatibility forms become ordinary ones (１→1, Ａ→a, ㈱→(株), 龙 radical→龙);
/// - traditional characters become simplified, one by one (a character that simplified text keeps, such as 乾, stays);
/// - Latin, Greek and Cyrillic letters become lower-case without diacritics (Ü→u, ß→ss, ø→o);
/// - all kinds of space and control characters become one space, none at either end; zero-width characters, byte order
///   marks, soft hyphens and variation selectors go;
/// - all dashes become '-', all middle dots '·' (U+00B7), curly and primed quotes ' or ", 、 a comma, 。 a full stop,
///   【〔〖 [, 」』 ", 《〈 <, ○ 〇.
/// Invalid UTF-8 becomes U+FFFD. The result is valid UTF-8, and fold(fold(x)) == fold(x).
std::string fold(std::string_view bytes);

/// As `fold`, into a string whose capacity is reused. `bytes` must not lie in `out`.
void fold_into(std::string_view bytes, std::string& out);

}  // namespace zhili::text
