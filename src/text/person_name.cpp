#include "text/person_name.hpp"

#include <algorithm>
#include <array>

#include "text/fold.hpp"
#include "text/pinyin.hpp"
#include "text/utf8.hpp"

namespace zhili::text {
namespace {

constexpr size_t kMostChars = 64;
constexpr size_t kMostWords = 24;
constexpr char32_t kMiddleDot = U'·';

/// Behind a name, whatever it leaves.
constexpr std::array<std::u32string_view, 15> kTitles = {U"先生", U"女士", U"小姐", U"太太", U"夫人",
                                                         U"同志", U"老师", U"同学", U"师傅", U"大爷",
                                                         U"大妈", U"阿姨", U"医生", U"主任", U"教授"};
/// Behind a name of at least two characters; shorter ones may be part of it.
constexpr std::array<std::u32string_view, 6> kLateTitles = {U"博士", U"经理", U"书记", U"护士", U"校长", U"局长"};
/// Before a colon.
constexpr std::array<std::u32string_view, 9> kLabels = {U"姓名", U"名字",   U"名",   U"户主",  U"联系人",
                                                        U"本人", U"申请人", U"法人", U"负责人"};
constexpr std::array<std::u32string_view, 12> kNoName = {U"无", U"不详", U"未知", U"暂无",   U"无名氏", U"无名",
                                                         U"空", U"没有", U"未填", U"未登记", U"不明",   U"匿名"};

/// A short text in place, changed by moving characters.
class ShortText {
 public:
  explicit ShortText(std::string_view folded) {
    const char* p = folded.data();
    const char* const end = p + folded.size();
    while (p < end && size_ < kMostChars) chars_[size_++] = next_char(p, end);
  }

  std::u32string_view view() const { return {chars_.data(), size_}; }
  bool empty() const { return size_ == 0; }
  char32_t operator[](size_t i) const { return chars_[i]; }
  size_t size() const { return size_; }
  void cut(size_t size) { size_ = std::min(size, size_); }
  void drop_front(size_t n) {
    std::copy(chars_.begin() + static_cast<std::ptrdiff_t>(n), chars_.begin() + static_cast<std::ptrdiff_t>(size_),
              chars_.begin());
    size_ -= n;
  }
  /// Keeps the characters for which keep(i) says so.
  template <class Keep>
  void filter(Keep keep) {
    size_t out = 0;
    for (size_t i = 0; i < size_; ++i) {
      if (keep(i)) chars_[out++] = chars_[i];
    }
    size_ = out;
  }
  void set(size_t i, char32_t c) { chars_[i] = c; }

 private:
  std::array<char32_t, kMostChars> chars_;
  size_t size_ = 0;
};

bool opens(char32_t c) { return c == '(' || c == '[' || c == '{' || c == '<'; }
bool closes(char32_t c) { return c == ')' || c == ']' || c == '}' || c == '>'; }
bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }

void drop_bracketed(ShortText& text) {
  int depth = 0;
  text.filter([&](size_t i) {
    if (opens(text[i])) {
      ++depth;
      return false;
    }
    if (closes(text[i])) {
      depth = std::max(0, depth - 1);
      return false;
    }
    return depth == 0;
  });
}

/// "姓名:张三" keeps what follows, "张三:本人" what precedes.
void drop_label(ShortText& text) {
  const size_t colon = text.view().find(U':');
  if (colon == std::u32string_view::npos) return;
  const std::u32string_view label = text.view().substr(0, colon);
  if (std::ranges::find(kLabels, label) != kLabels.end()) {
    text.drop_front(colon + 1);
  } else {
    text.cut(colon);
  }
}

/// A full stop between Han characters stands for a middle dot; dots at the ends and doubled ones go.
void unify_dots(ShortText& text) {
  for (size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '.' && is_han(text[i - 1])) text.set(i, kMiddleDot);
  }
  const auto is_dot = [&](size_t i) { return text[i] == kMiddleDot || text[i] == '.'; };
  size_t end = text.size();
  while (end > 0 && is_dot(end - 1)) --end;
  text.cut(end);
  char32_t last = kMiddleDot;
  text.filter([&](size_t i) {
    const bool keep = text[i] != kMiddleDot || last != kMiddleDot;
    last = text[i];
    return keep;
  });
}

void drop_titles(ShortText& text) {
  for (bool again = true; again;) {
    again = false;
    const auto strip = [&](const auto& titles, size_t remain) {
      for (const std::u32string_view title : titles) {
        if (text.size() >= title.size() + remain && text.view().ends_with(title)) {
          text.cut(text.size() - title.size());
          again = true;
        }
      }
    };
    strip(kTitles, 1);
    strip(kLateTitles, 2);
  }
}

bool part_of_han_name(char32_t c) { return is_han(c) || c == kMiddleDot || c == '*'; }

/// Words of a Latin name, as places in the folded text.
struct Words {
  std::array<std::string_view, kMostWords> items;
  size_t size = 0;

  void add(std::string_view word) {
    if (!word.empty() && size < kMostWords) items[size++] = word;
  }
};

constexpr std::array<std::string_view, 40> kLatinTitles = {
    "mr",    "mrs",     "ms",   "miss",    "mx",       "dr",      "prof",   "professor", "doctor", "sir",
    "dame",  "lord",    "lady", "rev",     "revd",     "fr",      "father", "sister",    "hon",    "honourable",
    "capt",  "captain", "col",  "colonel", "gen",      "general", "lt",     "lieut",     "sgt",    "maj",
    "madam", "madame",  "mme",  "mlle",    "monsieur", "herr",    "frau",   "rt",        "adm",    "admiral"};
constexpr std::array<std::string_view, 12> kLatinSuffixes = {"jr", "sr",  "junior",  "senior", "ii", "iii",
                                                             "iv", "esq", "esquire", "phd",    "bt", "kt"};

/// Takes apostrophes and dots inside abbreviations out and turns other punctuation into spaces, in place.
void clear_punctuation(std::string& text) {
  size_t out = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\'') continue;
    const bool letter = byte >= 0x80 || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == ',';
    text[out++] = letter ? c : ' ';
  }
  text.resize(out);
}

Words words_of(std::string_view text) {
  Words words;
  size_t begin = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] != ' ' && text[i] != ',') continue;
    words.add(text.substr(begin, i - begin));
    begin = i + 1;
  }
  return words;
}

}  // namespace

ChineseName parse_chinese_name(std::string_view text) {
  std::string folded;
  fold_into(text, folded);
  ShortText name(folded);
  drop_bracketed(name);
  drop_label(name);
  for (size_t i = 0; i < name.size(); ++i) {
    const char32_t c = name[i];
    if (c == ',' || c == ';' || c == '/' || c == '|' || c == '\\') {
      if (i > 0) name.cut(i);
      break;
    }
  }
  ChineseName out;
  if (std::ranges::none_of(name.view(), is_han)) {
    out.full = standardise_latin_name(encode(name.view()));
    out.given = out.full;
    out.pinyin = out.full;
    return out;
  }
  name.filter([&](size_t i) { return name[i] != ' ' && name[i] != '"' && name[i] != '\'' && name[i] != '_'; });
  // 张三2: one of two people of that name, by the register's own count.
  // Behind one of these another may come to light.
  for (size_t before = name.size() + 1; name.size() < before;) {
    before = name.size();
    while (!name.empty() && (is_digit(name[name.size() - 1]) || name[name.size() - 1] == '-'))
      name.cut(name.size() - 1);
    unify_dots(name);
    drop_titles(name);
  }
  if (std::ranges::find(kNoName, name.view()) != kNoName.end()) return out;
  const bool parts = name.view().find(kMiddleDot) != std::u32string_view::npos;
  const bool plain = std::ranges::all_of(name.view(), part_of_han_name);
  const size_t surname = parts || !plain ? 0 : surname_length(name.view());
  for (size_t i = 0; i < name.size(); ++i) append(i < surname ? out.surname : out.given, name[i]);
  out.full = out.surname + out.given;
  out.pinyin = name_pinyin(name.view());
  return out;
}

std::string standardise_latin_name(std::string_view text, bool surname_first) {
  std::string folded;
  fold_into(text, folded);
  if (const size_t bracket = folded.find_first_of("(["); bracket != std::string::npos && bracket > 0) {
    const size_t close = folded.find_first_of(")]", bracket);
    folded.erase(bracket, close == std::string::npos ? std::string::npos : close + 1 - bracket);
  }
  clear_punctuation(folded);
  size_t comma = folded.find(',');
  if (comma != std::string::npos) {
    const size_t next = folded.find_first_not_of(" ,", comma);
    if (next != std::string::npos && comma > 0 && folded[next] >= '0' && folded[next] <= '9') {
      folded.resize(comma);
      comma = std::string::npos;
    }
  }
  Words words;
  if (surname_first && comma != std::string::npos) {
    const Words given = words_of(std::string_view(folded).substr(comma + 1));
    const Words family = words_of(std::string_view(folded).substr(0, comma));
    for (size_t i = 0; i < given.size; ++i) words.add(given.items[i]);
    for (size_t i = 0; i < family.size; ++i) words.add(family.items[i]);
  } else {
    words = words_of(folded);
  }
  size_t begin = 0;
  size_t end = words.size;
  const auto among = [](const auto& set, std::string_view word) { return std::ranges::find(set, word) != set.end(); };
  while (end - begin > 1 && among(kLatinTitles, words.items[begin])) ++begin;
  while (end - begin > 1 && among(kLatinSuffixes, words.items[end - 1])) --end;
  std::string out;
  out.reserve(folded.size());
  for (size_t i = begin; i < end; ++i) {
    if (i > begin) out += ' ';
    out += words.items[i];
  }
  return out;
}

}  // namespace zhili::text
