#include "text/pinyin.hpp"

#include <algorithm>

#include "text/utf8.hpp"

namespace zhili::text {
namespace {

struct CharReading {
  uint32_t code;
  uint16_t syllable;
};

struct CompoundSurname {
  uint16_t first;
  uint16_t second;
  uint16_t first_syllable;
  uint16_t second_syllable;
};

#include "text/pinyin_data.inc"

constexpr uint16_t kMore = 0x8000;
constexpr char32_t kMiddleDot = U'·';

uint16_t entry(char32_t c) {
  if (c >= 0x4E00 && c <= 0x9FFF) return kReading4E00[c - 0x4E00];
  if (c >= 0x3400 && c <= 0x4DBF) return kReading3400[c - 0x3400];
  if (c < 0x3000) return 0;
  const auto* const found = std::ranges::lower_bound(kRareReadings, static_cast<uint32_t>(c), {}, &CharReading::code);
  return found != std::end(kRareReadings) && found->code == c ? found->syllable : uint16_t{0};
}

uint16_t first_syllable(char32_t c) { return entry(c) & ~kMore; }

const CompoundSurname* find_compound(char32_t first, char32_t second) {
  const auto* const found =
      std::ranges::find_if(kCompoundSurnames, [&](const auto& s) { return s.first == first && s.second == second; });
  return found != std::end(kCompoundSurnames) ? found : nullptr;
}

/// Appends the name's pinyin character by character; a word begins where `begin_word` was called.
class Speller {
 public:
  explicit Speller(std::string& out) : out_(out) {}

  void begin_word() { gap_ = true; }
  void syllable(std::string_view text) {
    flush();
    out_ += text;
  }
  void character(char32_t c) {
    flush();
    append(out_, c);
  }

 private:
  void flush() {
    if (gap_ && !out_.empty()) out_ += ' ';
    gap_ = false;
  }

  std::string& out_;
  bool gap_ = false;
};

}  // namespace

std::string_view reading(char32_t c) { return kSyllables[first_syllable(c)]; }

std::string_view surname_reading(char32_t c) {
  const auto* const found =
      std::ranges::lower_bound(kSurnameReadings, static_cast<uint32_t>(c), {}, &CharReading::code);
  return found != std::end(kSurnameReadings) && found->code == c ? kSyllables[found->syllable] : reading(c);
}

bool is_compound_surname(char32_t first, char32_t second) { return find_compound(first, second) != nullptr; }

size_t surname_length(std::u32string_view name) {
  if (name.size() >= 3 && is_compound_surname(name[0], name[1])) return 2;
  return std::min<size_t>(name.size(), 1);
}

std::string name_pinyin(std::string_view name) { return name_pinyin(std::u32string_view(decode(name))); }

std::string name_pinyin(std::u32string_view chars) {
  std::string out;
  Speller speller(out);
  size_t i = 0;
  const bool parts = chars.find(kMiddleDot) != std::u32string_view::npos;
  if (!parts && !chars.empty() && is_han(chars[0])) {
    i = surname_length(chars);
    if (i == 2) {
      const CompoundSurname* const compound = find_compound(chars[0], chars[1]);
      speller.syllable(kSyllables[compound->first_syllable]);
      speller.syllable(kSyllables[compound->second_syllable]);
    } else {
      speller.syllable(surname_reading(chars[0]));
    }
    speller.begin_word();
  }
  for (; i < chars.size(); ++i) {
    const char32_t c = chars[i];
    if (c == kMiddleDot || c == U' ') {
      speller.begin_word();
    } else if (const std::string_view syllable = reading(c); !syllable.empty()) {
      speller.syllable(syllable);
    } else {
      speller.character(c);
    }
  }
  return out;
}

Syllables syllables(char32_t c) {
  Syllables out;
  const uint16_t first = entry(c);
  if (first == 0) return out;
  out.numbers[out.count++] = first & ~kMore;
  if ((first & kMore) == 0) return out;
  const auto* other = std::ranges::lower_bound(kOtherReadings, static_cast<uint32_t>(c), {}, &CharReading::code);
  for (; other != std::end(kOtherReadings) && other->code == c && out.count < out.numbers.size(); ++other) {
    out.numbers[out.count++] = other->syllable;
  }
  return out;
}

uint16_t loose_class(uint16_t syllable) {
  return syllable < std::size(kLooseClass) ? kLooseClass[syllable] : uint16_t{0};
}

}  // namespace zhili::text
