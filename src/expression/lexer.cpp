#include "expression/lexer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "text/date.hpp"
#include "text/utf8.hpp"

namespace zhili::expression {
namespace {

struct Word {
  std::string_view text;
  TokenKind kind;
};
constexpr std::array kWords = {
    Word{"and", TokenKind::kAnd},         Word{"or", TokenKind::kOr},      Word{"not", TokenKind::kNot},
    Word{"in", TokenKind::kIn},           Word{"is", TokenKind::kIs},      Word{"between", TokenKind::kBetween},
    Word{"missing", TokenKind::kMissing}, Word{"true", TokenKind::kTrue},  Word{"matches", TokenKind::kMatches},
    Word{"false", TokenKind::kFalse},     Word{"today", TokenKind::kToday}};
// Longer ones before those that they begin with.
constexpr std::array kSigns = {
    Word{"<=", TokenKind::kLessEqual}, Word{">=", TokenKind::kMoreEqual}, Word{"!=", TokenKind::kUnequal},
    Word{"<>", TokenKind::kUnequal},   Word{"==", TokenKind::kEqual},     Word{"<", TokenKind::kLess},
    Word{">", TokenKind::kMore},       Word{"=", TokenKind::kEqual},      Word{"(", TokenKind::kOpen},
    Word{")", TokenKind::kClose},      Word{",", TokenKind::kComma},      Word{"+", TokenKind::kPlus},
    Word{"-", TokenKind::kMinus},      Word{"*", TokenKind::kTimes},      Word{"/", TokenKind::kDivide},
    Word{"≤", TokenKind::kLessEqual},  Word{"≥", TokenKind::kMoreEqual},  Word{"≠", TokenKind::kUnequal},
    Word{"（", TokenKind::kOpen},      Word{"）", TokenKind::kClose},     Word{"，", TokenKind::kComma},
    Word{"＝", TokenKind::kEqual},     Word{"＜", TokenKind::kLess},      Word{"＞", TokenKind::kMore},
    Word{"＋", TokenKind::kPlus},      Word{"－", TokenKind::kMinus},     Word{"×", TokenKind::kTimes},
    Word{"÷", TokenKind::kDivide}};
struct Quotes {
  std::string_view open;
  std::string_view close;
  TokenKind kind;
};
constexpr std::array kQuotes = {Quotes{"\"", "\"", TokenKind::kText}, Quotes{"'", "'", TokenKind::kText},
                                Quotes{"“", "”", TokenKind::kText}, Quotes{"‘", "’", TokenKind::kText},
                                Quotes{"`", "`", TokenKind::kName}};
constexpr std::array<std::string_view, 6> kBlanks = {" ", "\t", "\n", "\r", "\u3000", "\u00A0"};

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

class Cutter {
 public:
  explicit Cutter(std::string_view text) : text_(text) {}

  std::expected<std::vector<Token>, Mistake> run() {
    while (skip_blanks(), at_ < text_.size()) {
      if (auto one = next(); one) {
        tokens_.push_back(std::move(*one));
      } else {
        return std::unexpected(std::move(one).error());
      }
    }
    tokens_.push_back({.kind = TokenKind::kEnd, .at = text_.size(), .length = 0});
    return std::move(tokens_);
  }

 private:
  std::string_view rest() const { return text_.substr(at_); }

  void skip_blanks() {
    for (bool more = true; more && at_ < text_.size();) {
      more = false;
      for (const auto blank : kBlanks) {
        if (!rest().starts_with(blank)) continue;
        at_ += blank.size();
        more = true;
      }
    }
  }

  std::expected<Token, Mistake> next() {
    if (digit(text_[at_])) return number_or_date();
    for (const auto& quotes : kQuotes) {
      if (rest().starts_with(quotes.open)) return quoted(quotes);
    }
    for (const auto& sign : kSigns) {
      if (!rest().starts_with(sign.text)) continue;
      Token out{.kind = sign.kind, .at = at_, .length = sign.text.size()};
      at_ += sign.text.size();
      return out;
    }
    return name();
  }

  /// A day is written 2026-01-31, nothing else: four figures, two, two.
  std::expected<Token, Mistake> number_or_date() {
    constexpr size_t kDayBytes = 10;
    Token out{.kind = TokenKind::kNumber, .at = at_, .length = 0};
    const std::string_view head = rest().substr(0, kDayBytes);
    bool day = head.size() == kDayBytes;
    for (size_t i = 0; day && i < kDayBytes; ++i) day = i == 4 || i == 7 ? head[i] == '-' : digit(head[i]);
    if (day && !(rest().size() > kDayBytes && digit(rest()[kDayBytes]))) {
      out.kind = TokenKind::kDate;
      out.length = kDayBytes;
      const auto parsed = text::parse_date(head);
      const auto number = parsed && parsed->valid ? text::day_number(parsed->date) : std::nullopt;
      if (!number) {
        return std::unexpected(mistake_at(text_, at_, kDayBytes, fmt::format("没有 {} 这一天", head),
                                          fmt::format("there is no day {}", head)));
      }
      out.day = *number;
      at_ += kDayBytes;
      return out;
    }
    const char* const begin = text_.data() + at_;
    const char* const end = text_.data() + text_.size();
    const auto [behind, failed] = std::from_chars(begin, end, out.number, std::chars_format::fixed);
    out.length = static_cast<size_t>(behind - begin);
    const bool stuck = behind != end && (letter(*behind) || *behind == '.');
    if (failed != std::errc{} || stuck) {
      return std::unexpected(mistake_at(text_, at_, std::max<size_t>(out.length, 1), "这不是一个数",
                                        "this is no number: write 12 or 12.5"));
    }
    at_ += out.length;
    return out;
  }

  /// A mark that stands in the text is written twice.
  std::expected<Token, Mistake> quoted(const Quotes& quotes) {
    Token out{.kind = quotes.kind, .at = at_, .length = 0};
    at_ += quotes.open.size();
    for (;;) {
      const size_t close = text_.find(quotes.close, at_);
      if (close == std::string_view::npos) {
        return std::unexpected(
            mistake_at(text_, out.at, quotes.open.size(), "引号没有结束", "this quote is not closed"));
      }
      out.text += text_.substr(at_, close - at_);
      at_ = close + quotes.close.size();
      if (!rest().starts_with(quotes.close)) break;
      out.text += quotes.close;
      at_ += quotes.close.size();
    }
    out.length = at_ - out.at;
    return out;
  }

  bool ends_name() const {
    const auto begins = [&](std::string_view word) { return rest().starts_with(word); };
    return std::ranges::any_of(kBlanks, begins) ||
           std::ranges::any_of(kSigns, [&](const Word& sign) { return begins(sign.text); }) ||
           std::ranges::any_of(kQuotes, [&](const Quotes& quotes) { return begins(quotes.open); });
  }

  std::expected<Token, Mistake> name() {
    Token out{.kind = TokenKind::kName, .at = at_, .length = 0};
    while (at_ < text_.size()) {
      const char c = text_[at_];
      const bool ascii = static_cast<unsigned char>(c) < 0x80;
      if (ascii ? !letter(c) && !digit(c) : ends_name()) break;
      ++at_;
      while (at_ < text_.size() && (static_cast<unsigned char>(text_[at_]) & 0xC0U) == 0x80U) ++at_;
    }
    out.length = at_ - out.at;
    if (out.length == 0) {
      return std::unexpected(mistake_at(text_, out.at, 1, fmt::format("这里不能有“{}”", text_.substr(out.at, 1)),
                                        fmt::format("\"{}\" means nothing here", text_.substr(out.at, 1))));
    }
    out.text = text_.substr(out.at, out.length);
    std::string small = out.text;
    std::ranges::transform(small, small.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const auto* const word = std::ranges::find(kWords, std::string_view(small), &Word::text);
    if (word != kWords.end()) out.kind = word->kind;
    return out;
  }

  std::string_view text_;
  size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

Mistake mistake_at(std::string_view text, size_t at, size_t length, std::string zh, std::string en) {
  Mistake out{.at = at, .length = length, .zh = std::move(zh), .en = std::move(en)};
  const std::string_view before = text.substr(0, at);
  out.line = 1 + static_cast<uint64_t>(std::ranges::count(before, '\n'));
  const size_t newline = before.rfind('\n');
  out.column = 1 + text::count_chars(newline == std::string_view::npos ? before : before.substr(newline + 1));
  return out;
}

std::expected<std::vector<Token>, Mistake> cut(std::string_view text) {
  if (text.size() > kTextBytes) {
    return std::unexpected(mistake_at(text, kTextBytes, 0, fmt::format("表达式太长：最多 {} 字节", kTextBytes),
                                      fmt::format("the expression is too long: at most {} bytes", kTextBytes)));
  }
  if (!text::valid_utf8(text)) {
    return std::unexpected(mistake_at("", 0, 0, "表达式不是 UTF-8 文本", "the expression is no UTF-8 text"));
  }
  return Cutter(text).run();
}

}  // namespace zhili::expression
