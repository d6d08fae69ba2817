#include "text/phonetic.hpp"

#include <cstddef>

#include "text/fold.hpp"

namespace zhili::text {
namespace {

/// The letters a to z of the folded name.
std::string letters_of(std::string_view name) {
  std::string folded = fold(name);
  std::erase_if(folded, [](char c) { return c < 'a' || c > 'z'; });
  return folded;
}

char upper(char c) { return static_cast<char>(c - 32); }

/// The word under Metaphone's rules, read with look-ahead and look-behind; '\0' outside.
class Word {
 public:
  explicit Word(std::string_view letters) : letters_(letters) {}

  char at(size_t i, int offset = 0) const {
    const auto place = static_cast<std::ptrdiff_t>(i) + offset;
    return place >= 0 && place < static_cast<std::ptrdiff_t>(letters_.size()) ? letters_[static_cast<size_t>(place)]
                                                                              : '\0';
  }
  bool vowel(size_t i, int offset) const { return one_of(at(i, offset), "aeiou"); }
  bool front(size_t i, int offset) const { return one_of(at(i, offset), "eiy"); }
  size_t size() const { return letters_.size(); }

  static bool one_of(char c, std::string_view set) { return c != '\0' && set.find(c) != std::string_view::npos; }

 private:
  std::string_view letters_;
};

char sound_of_c(const Word& w, size_t i) {
  if (w.at(i, 1) == 'i' && w.at(i, 2) == 'a') return 'X';
  if (w.at(i, 1) == 'h') return w.at(i, -1) == 's' || (i == 0 && w.at(i, 2) == 'r') ? 'K' : 'X';
  if (w.front(i, 1)) return w.at(i, -1) == 's' ? '\0' : 'S';
  return 'K';
}

char sound_of_g(const Word& w, size_t i) {
  const char next = w.at(i, 1);
  if (next == 'h') return i > 0 && !w.vowel(i, 2) ? '\0' : 'K';
  if (next == 'n' && (i + 2 == w.size() || (w.at(i, 2) == 'e' && w.at(i, 3) == 'd' && i + 4 == w.size()))) return '\0';
  if (w.at(i, -1) == 'd' && w.front(i, 1)) return '\0';  // the d of dge has it
  if (w.front(i, 1) && w.at(i, -1) != 'g') return 'J';
  return 'K';
}

char sound_of_h(const Word& w, size_t i) {
  if (i > 0 && Word::one_of(w.at(i, -1), "cgpst")) return '\0';
  return w.vowel(i, 1) ? 'H' : '\0';
}

char sound_of_s(const Word& w, size_t i) {
  if (w.at(i, 1) == 'h') return 'X';
  if (w.at(i, 1) == 'i' && (w.at(i, 2) == 'o' || w.at(i, 2) == 'a')) return 'X';
  return 'S';
}

char sound_of_t(const Word& w, size_t i) {
  if (w.at(i, 1) == 'i' && (w.at(i, 2) == 'o' || w.at(i, 2) == 'a')) return 'X';
  if (w.at(i, 1) == 'h') return '0';
  if (w.at(i, 1) == 'c' && w.at(i, 2) == 'h') return '\0';
  return 'T';
}

/// The sound of the letter at i, '\0' for none; x gives the K of its KS.
char sound_of(const Word& w, size_t i) {
  const char c = w.at(i);
  switch (c) {
    case 'b':
      return w.at(i, -1) == 'm' && i + 1 == w.size() ? '\0' : 'B';
    case 'c':
      return sound_of_c(w, i);
    case 'd':
      return w.at(i, 1) == 'g' && w.front(i, 2) ? 'J' : 'T';
    case 'g':
      return sound_of_g(w, i);
    case 'h':
      return sound_of_h(w, i);
    case 'k':
      return w.at(i, -1) == 'c' ? '\0' : 'K';
    case 'p':
      return w.at(i, 1) == 'h' ? 'F' : 'P';
    case 'q':
    case 'x':
      return 'K';
    case 's':
      return sound_of_s(w, i);
    case 't':
      return sound_of_t(w, i);
    case 'v':
      return 'F';
    case 'w':
    case 'y':
      return w.vowel(i, 1) ? upper(c) : '\0';
    case 'z':
      return 'S';
    case 'a':
    case 'e':
    case 'i':
    case 'o':
    case 'u':
      return i == 0 ? upper(c) : '\0';
    default:
      return upper(c);
  }
}

/// What is silent or changed at the beginning of a word.
void change_beginning(std::string& letters) {
  const std::string_view s = letters;
  if (s.starts_with("ae") || s.starts_with("gn") || s.starts_with("kn") || s.starts_with("pn") || s.starts_with("wr")) {
    letters.erase(0, 1);
  } else if (s.starts_with("x")) {
    letters[0] = 's';
  } else if (s.starts_with("wh")) {
    letters.erase(1, 1);
  }
}

}  // namespace

std::string soundex(std::string_view name) {
  //                                      abcdefghijklmnopqrstuvwxyz
  static constexpr std::string_view kCodes = "01230120022455012623010202";
  const std::string letters = letters_of(name);
  if (letters.empty()) return {};
  const auto code = [](char c) { return kCodes[static_cast<size_t>(c - 'a')]; };
  std::string out(1, upper(letters[0]));
  char last = code(letters[0]);
  for (size_t i = 1; i < letters.size() && out.size() < 4; ++i) {
    const char c = letters[i];
    if (c == 'h' || c == 'w') continue;  // they don't part letters of one code; vowels do
    const char digit = code(c);
    if (digit != '0' && digit != last) out += digit;
    last = digit;
  }
  out.resize(4, '0');
  return out;
}

std::string metaphone(std::string_view name) {
  std::string letters = letters_of(name);
  change_beginning(letters);
  const Word word(letters);
  std::string out;
  for (size_t i = 0; i < letters.size(); ++i) {
    const char c = letters[i];
    if (c != 'c' && word.at(i, -1) == c) continue;
    const char sound = sound_of(word, i);
    if (sound == '\0') continue;
    out += sound;
    if (c == 'x') out += 'S';
  }
  return out;
}

}  // namespace zhili::text
