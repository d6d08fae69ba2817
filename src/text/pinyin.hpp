#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// Readings of Chinese characters in Hanyu Pinyin without tones, ü written v (lv, nve), as it is typed.
namespace zhili::text {

/// The commonest reading; empty where none is known. Valid for the program's life.
std::string_view reading(char32_t c);

/// The reading as a surname: 曾 zeng, 单 shan, 解 xie, 仇 qiu, 区 ou, 查 zha, 朴 piao, 盖 ge. Otherwise as `reading`.
/// Compound surnames have readings of their own (尉迟 yuchi, 万俟 moqi): see `name_pinyin`.
std::string_view surname_reading(char32_t c);

/// 欧阳, 司马, 诸葛 and 67 others, in simplified characters.
bool is_compound_surname(char32_t first, char32_t second);

/// Characters that the surname takes in a name of Han characters: 2 where a compound surname stands before at least one
/// more character, else 1; 0 for an empty name.
size_t surname_length(std::u32string_view name);

/// The name in pinyin, surname and given name each in one word: 张三丰 "zhang sanfeng", 欧阳修 "ouyang xiu", 曾国藩
/// "zeng guofan". Parts around a middle dot become words, without a surname: 阿卜杜·热合曼
/// "abudu reheman". Latin letters and digits stay as they are. `name` is folded (simplified).
std::string name_pinyin(std::string_view name);
std::string name_pinyin(std::u32string_view name);

/// Numbers of the readings in use, the commonest first. Two characters share a reading where they share a number.
struct Syllables {
  std::array<uint16_t, 4> numbers{};
  uint8_t count = 0;

  std::span<const uint16_t> all() const { return {numbers.data(), count}; }
};
Syllables syllables(char32_t c);

/// The same number for syllables that many speakers don't tell apart: zh/z, ch/c, sh/s, n/l at the beginning, ang/an,
/// eng/en, ing/in at the end.
uint16_t loose_class(uint16_t syllable);

}  // namespace zhili::text
