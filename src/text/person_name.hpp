#pragma once

#include <string>
#include <string_view>

namespace zhili::text {

struct ChineseName {
  std::string full;     ///< Folded, without spaces, titles and remarks; parts of a minority name joined by '·'.
  std::string surname;  ///< Empty for a name with '·' or without Han characters.
  std::string given;    ///< What follows the surname.
  std::string pinyin;   ///< As `name_pinyin`.
};

/// Standardises a name in Chinese characters: "张  三" 张三, "張三 先生" 张三, "张三（曾用名李四）" 张三,
/// "阿卜杜.热合曼" 阿卜杜·热合曼, "姓名：张三" 张三. Of several names the first counts. A cell that says that there is
/// no name (无, 不详, 未知) gives an empty one. A name without Han characters is standardised as
/// `standardise_latin_name` does. Beyond 64 characters the text is cut.
ChineseName parse_chinese_name(std::string_view text);

/// Standardises a name in Latin letters: folded, words parted by one space, apostrophes taken out (o'brien → obrien),
/// hyphens and other punctuation read as spaces, titles in front (mr, dr, sir) and suffixes behind (jr, iii, phd) left
/// out while a word remains, rank after a comma (", 1st baronet") left out. With `surname_first`, "Smith, John" becomes
/// "john smith".
std::string standardise_latin_name(std::string_view text, bool surname_first = false);

}  // namespace zhili::text
