#include "expression/parser.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "expression/lexer.hpp"
#include "text/similar.hpp"

namespace zhili::expression {
namespace {

using Done = std::expected<void, Mistake>;

// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): as ZHILI_TRY, for a Mistake.
#define EXPRESSION_TRY(call)                            \
  do {                                                  \
    if (auto done_ = (call); !done_) [[unlikely]]       \
      return std::unexpected(std::move(done_).error()); \
  } while (false)

std::string_view zh_of(Type type) {
  static constexpr std::string_view kNames[] = {"真值", "数", "日期", "文本"};
  return kNames[static_cast<size_t>(type)];
}

/// How tightly an operator holds what stands beside it.
enum Binding : uint8_t { kLoosest, kOrs, kAnds, kNots, kComparisons, kSums, kProducts, kSigns };

struct Operator {
  TokenKind token;
  Op op;
  Binding binding;
};
constexpr Operator kOperators[] = {
    {TokenKind::kOr, Op::kOr, kOrs},
    {TokenKind::kAnd, Op::kAnd, kAnds},
    {TokenKind::kEqual, Op::kEqual, kComparisons},
    {TokenKind::kUnequal, Op::kUnequal, kComparisons},
    {TokenKind::kLess, Op::kLess, kComparisons},
    {TokenKind::kLessEqual, Op::kLessEqual, kComparisons},
    {TokenKind::kMore, Op::kMore, kComparisons},
    {TokenKind::kMoreEqual, Op::kMoreEqual, kComparisons},
    {TokenKind::kPlus, Op::kAdd, kSums},
    {TokenKind::kMinus, Op::kSubtract, kSums},
    {TokenKind::kTimes, Op::kMultiply, kProducts},
    {TokenKind::kDivide, Op::kDivide, kProducts},
};

/// What waits for the values behind it.
struct Waiting {
  enum class Kind : uint8_t { kOperator, kBracket, kCall } kind = Kind::kOperator;
  Op op = Op::kNot;
  Binding binding = kLoosest;
  bool negated = false;   // not between
  bool complete = false;  // between: its `and` was there.
  size_t token = 0;
  size_t values = 0;  // A call: how many there were before it.
};

class Parser {
 public:
  Parser(std::string_view text, std::span<const Field> fields, std::vector<Token> tokens)
      : text_(text), fields_(fields), tokens_(std::move(tokens)) {}

  std::expected<Program, Mistake> run(std::optional<Type> wanted) {
    bool value_next = true;
    for (; token().kind != TokenKind::kEnd; ++here_) {
      if (value_next) {
        EXPRESSION_TRY(before_value(value_next));
      } else {
        EXPRESSION_TRY(behind_value(value_next));
      }
    }
    if (value_next) {
      return values_.empty() && waiting_.empty() ? wrong("表达式是空的", "the expression is empty")
                                                 : wrong("这里缺少一个值", "a value is missing here");
    }
    EXPRESSION_TRY(reduce(kLoosest));
    if (!waiting_.empty()) return unclosed(waiting_.back());
    const Type type = values_.back();
    if (wanted && type != *wanted) {
      return wrong_at(0, text_.size(), fmt::format("结果是{}，这里需要{}", zh_of(type), zh_of(*wanted)),
                      fmt::format("it gives a {}, and a {} is needed here", name_of(type), name_of(*wanted)));
    }
    program_.type = type;
    std::ranges::sort(program_.fields);
    const auto doubled = std::ranges::unique(program_.fields);
    program_.fields.erase(doubled.begin(), doubled.end());
    return std::move(program_);
  }

 private:
  const Token& token(size_t ahead = 0) const { return tokens_[std::min(here_ + ahead, tokens_.size() - 1)]; }
  std::unexpected<Mistake> wrong_at(size_t at, size_t length, std::string zh, std::string en) const {
    return std::unexpected(mistake_at(text_, at, length, std::move(zh), std::move(en)));
  }
  std::unexpected<Mistake> wrong(std::string zh, std::string en) const {
    return wrong_at(token().at, token().length, std::move(zh), std::move(en));
  }
  std::unexpected<Mistake> unclosed(const Waiting& open) const {
    const Token& at = tokens_[open.token];
    return open.op == Op::kBetween
               ? wrong_at(at.at, at.length, "between 后面缺少 and", "between needs its and: between 1 and 9")
               : wrong_at(at.at, at.length, "括号没有结束", "this bracket is not closed");
  }

  Done emit(Op op, Type type, uint32_t index, Type result, size_t takes) {
    program_.steps.push_back({op, type, index});
    values_.resize(values_.size() - takes);
    values_.push_back(result);
    program_.depth = std::max(program_.depth, values_.size());
    if (values_.size() <= kDepth) return {};
    return wrong("表达式嵌套太深", "the expression is nested too deeply: cut it into several");
  }
  Done wait(Waiting one) {
    one.token = here_;
    waiting_.push_back(one);
    if (waiting_.size() <= kDepth) return {};
    return wrong("表达式嵌套太深", "the expression is nested too deeply: cut it into several");
  }

  Done before_value(bool& value_next) {
    using enum TokenKind;
    switch (token().kind) {
      case kNot:
        return wait({.op = Op::kNot, .binding = kNots});
      case kMinus:
        return wait({.op = Op::kNegate, .binding = kSigns});
      case kOpen:
        return wait({.kind = Waiting::Kind::kBracket});
      case kName:
        if (token(1).kind == kOpen) return call(value_next);
        value_next = false;
        return field();
      case kNumber:
      case kDate:
      case kText:
      case kTrue:
      case kFalse:
      case kToday:
        value_next = false;
        return constant();
      default:
        return wrong("这里缺少一个值", "a value is missing here");
    }
  }

  Done constant() {
    const Token& one = token();
    switch (one.kind) {
      case TokenKind::kNumber:
        program_.numbers.push_back(one.number);
        return emit(Op::kConstant, Type::kNumber, last(program_.numbers), Type::kNumber, 0);
      case TokenKind::kDate:
        program_.dates.push_back(one.day);
        return emit(Op::kConstant, Type::kDate, last(program_.dates), Type::kDate, 0);
      case TokenKind::kText:
        program_.texts.push_back(one.text);
        return emit(Op::kConstant, Type::kText, last(program_.texts), Type::kText, 0);
      case TokenKind::kToday:
        return emit(Op::kToday, Type::kDate, 0, Type::kDate, 0);
      default:
        program_.truths.push_back(one.kind == TokenKind::kTrue ? 1 : 0);
        return emit(Op::kConstant, Type::kTruth, last(program_.truths), Type::kTruth, 0);
    }
  }
  template <class T>
  static uint32_t last(const std::vector<T>& all) {
    return static_cast<uint32_t>(all.size() - 1);
  }

  Done field() {
    const auto found = std::ranges::find(fields_, token().text, &Field::name);
    if (found == fields_.end()) {
      std::vector<std::string_view> names;
      names.reserve(fields_.size());
      for (const Field& one : fields_) names.push_back(one.name);
      const std::string like = nearest(names);
      return wrong(fmt::format("没有字段“{}”{}", token().text, like.empty() ? "" : "，是否指 " + like),
                   fmt::format("there is no field \"{}\"{}", token().text,
                               like.empty() ? "" : fmt::format("; did you mean {}?", like)));
    }
    const auto place = static_cast<uint32_t>(found - fields_.begin());
    program_.fields.push_back(place);
    return emit(Op::kField, found->type, place, found->type, 0);
  }

  /// The name most like the token's, if one is like it.
  std::string nearest(const std::vector<std::string_view>& names) const {
    std::string_view best;
    int least = static_cast<int>(token().text.size() / 3 + 1);
    for (const auto name : names) {
      const int distance = text::levenshtein(token().text, name);
      if (distance > least || (distance == least && !best.empty())) continue;
      least = distance;
      best = name;
    }
    return std::string(best);
  }

  Done call(bool& value_next) {
    const auto named = [&](const Signature& one) { return one.name == token().text; };
    if (std::ranges::none_of(signatures(), named)) {
      std::vector<std::string_view> names;
      names.reserve(signatures().size());
      for (const Signature& one : signatures()) names.push_back(one.name);
      const std::string like = nearest(names);
      return wrong(fmt::format("没有函数“{}”{}", token().text, like.empty() ? "" : "，是否指 " + like),
                   fmt::format("there is no function \"{}\"{}", token().text,
                               like.empty() ? "" : fmt::format("; did you mean {}?", like)));
    }
    EXPRESSION_TRY(wait({.kind = Waiting::Kind::kCall, .values = values_.size()}));
    ++here_;  // The bracket.
    if (token(1).kind != TokenKind::kClose) return {};
    ++here_;
    value_next = false;
    return close();
  }

  Done behind_value(bool& value_next) {
    using enum TokenKind;
    switch (token().kind) {
      case kClose:
        EXPRESSION_TRY(reduce(kLoosest));
        return close();
      case kComma:
        EXPRESSION_TRY(reduce(kLoosest));
        value_next = true;
        if (!waiting_.empty() && waiting_.back().kind == Waiting::Kind::kCall) return {};
        return wrong("逗号只能在函数的括号里", "a comma stands between a function's values alone");
      case kIs:
        return is_missing();
      case kNot:
        ++here_;
        return behind_not(value_next);
      case kIn:
      case kBetween:
      case kMatches:
        return comparison(value_next, false);
      default:
        value_next = true;
        return binary();
    }
  }

  Done behind_not(bool& value_next) {
    const TokenKind kind = token().kind;
    if (kind == TokenKind::kIn || kind == TokenKind::kBetween || kind == TokenKind::kMatches) {
      return comparison(value_next, true);
    }
    return wrong("值后面的 not 之后只能是 in、between 或 matches",
                 "behind a value, not is followed by in, between or matches");
  }

  Done comparison(bool& value_next, bool negated) {
    EXPRESSION_TRY(reduce(kComparisons));
    if (token().kind == TokenKind::kBetween) {
      value_next = true;
      return wait({.op = Op::kBetween, .binding = kComparisons, .negated = negated});
    }
    EXPRESSION_TRY(token().kind == TokenKind::kIn ? list() : pattern());
    return negated ? emit(Op::kNot, Type::kTruth, 0, Type::kTruth, 1) : Done{};
  }

  Done is_missing() {
    EXPRESSION_TRY(reduce(kComparisons));
    ++here_;
    const bool negated = token().kind == TokenKind::kNot;
    if (negated) ++here_;
    if (token().kind != TokenKind::kMissing) {
      return wrong("is 之后只能是 missing 或 not missing", "is is followed by missing or not missing");
    }
    EXPRESSION_TRY(emit(Op::kIsMissing, values_.back(), 0, Type::kTruth, 1));
    return negated ? emit(Op::kNot, Type::kTruth, 0, Type::kTruth, 1) : Done{};
  }

  Done list() {
    const Type type = values_.back();
    std::vector<double> numbers;
    std::vector<int32_t> dates;
    TextSet texts;
    ++here_;
    if (token().kind != TokenKind::kOpen) return wrong("in 之后要有括号", "in needs a list in brackets: in (1, 2)");
    size_t items = 0;
    do {
      ++here_;
      const bool minus = token().kind == TokenKind::kMinus;
      if (minus) ++here_;
      const Token& one = token();
      if (one.kind == TokenKind::kNumber && type == Type::kNumber) {
        numbers.push_back(minus ? -one.number : one.number);
      } else if (one.kind == TokenKind::kDate && type == Type::kDate && !minus) {
        dates.push_back(one.day);
      } else if (one.kind == TokenKind::kText && type == Type::kText && !minus) {
        texts.insert(one.text);
      } else {
        return wrong(fmt::format("列表里只能是{}", zh_of(type)),
                     fmt::format("this list holds values of the type {} alone", name_of(type)));
      }
      if (++items > kListItems) {
        return wrong(fmt::format("列表最多 {} 项", kListItems), fmt::format("a list has at most {} items", kListItems));
      }
      ++here_;
    } while (token().kind == TokenKind::kComma);
    if (token().kind != TokenKind::kClose) return wrong("列表没有结束", "the list is not closed");
    uint32_t index = 0;
    if (type == Type::kNumber) {
      std::ranges::sort(numbers);
      program_.number_lists.push_back(std::move(numbers));
      index = last(program_.number_lists);
    } else if (type == Type::kDate) {
      std::ranges::sort(dates);
      program_.date_lists.push_back(std::move(dates));
      index = last(program_.date_lists);
    } else {
      program_.text_lists.push_back(std::move(texts));
      index = last(program_.text_lists);
    }
    return emit(Op::kIn, type, index, Type::kTruth, 1);
  }

  Done pattern() {
    const Type type = values_.back();
    if (type != Type::kText) {
      return wrong(fmt::format("matches 只用于文本，这里是{}", zh_of(type)),
                   fmt::format("matches works on a text, and this is a {}", name_of(type)));
    }
    ++here_;
    const Token& one = token();
    if (one.kind != TokenKind::kText) {
      return wrong("matches 之后要有引号中的正则表达式", "matches needs a pattern in quotes");
    }
    re2::RE2::Options options(re2::RE2::Quiet);
    options.set_max_mem(int64_t{1} << 20);
    if (one.text.size() > kPatternBytes) {
      return wrong(fmt::format("正则表达式最多 {} 字节", kPatternBytes),
                   fmt::format("a pattern has at most {} bytes", kPatternBytes));
    }
    auto compiled = std::make_unique<re2::RE2>(one.text, options);
    if (!compiled->ok()) {
      return wrong(fmt::format("正则表达式有误：{}", compiled->error()),
                   fmt::format("this pattern is wrong: {}", compiled->error()));
    }
    program_.patterns.push_back(std::move(compiled));
    return emit(Op::kMatches, type, last(program_.patterns), Type::kTruth, 1);
  }

  Done binary() {
    const auto* const found = std::ranges::find(kOperators, token().kind, &Operator::token);
    if (found == std::end(kOperators)) {
      return wrong("这里缺少运算符", "an operator is missing here: and, or, =, …");
    }
    if (found->op == Op::kAnd) {
      // The `and` of the nearest between that has none yet, if no bracket stands between them.
      EXPRESSION_TRY(reduce(kNots));
      if (!waiting_.empty() && waiting_.back().op == Op::kBetween && !waiting_.back().complete) {
        waiting_.back().complete = true;
        return {};
      }
    }
    EXPRESSION_TRY(reduce(found->binding));
    if (!waiting_.empty() && waiting_.back().op == Op::kBetween && !waiting_.back().complete &&
        found->binding <= kComparisons) {
      return unclosed(waiting_.back());
    }
    return wait({.op = found->op, .binding = found->binding});
  }

  /// Works off what waits and binds at least so tightly.
  Done reduce(Binding binding) {
    while (!waiting_.empty() && waiting_.back().kind == Waiting::Kind::kOperator &&
           waiting_.back().binding >= binding) {
      const Waiting one = waiting_.back();
      if (one.op == Op::kBetween && !one.complete) {
        if (binding >= kNots) return {};
        return unclosed(one);
      }
      waiting_.pop_back();
      EXPRESSION_TRY(apply(one));
    }
    return {};
  }

  Done close() {
    if (waiting_.empty()) return wrong("多了一个右括号", "this bracket was not opened");
    const Waiting one = waiting_.back();
    waiting_.pop_back();
    return one.kind == Waiting::Kind::kCall ? apply_call(one) : Done{};
  }

  std::unexpected<Mistake> no_such(const Waiting& one, Type left, Type right) const {
    const Token& at = tokens_[one.token];
    const std::string_view sign = text_.substr(at.at, at.length);
    return wrong_at(at.at, at.length, fmt::format("“{}”不能用于{}和{}", sign, zh_of(left), zh_of(right)),
                    fmt::format("\"{}\" does not work on a {} and a {}", sign, name_of(left), name_of(right)));
  }

  Done apply(const Waiting& one) {
    const Type right = values_.back();
    if (one.op == Op::kNot || one.op == Op::kNegate) {
      const Type wanted = one.op == Op::kNot ? Type::kTruth : Type::kNumber;
      if (right == wanted) return emit(one.op, right, 0, right, 1);
      const Token& at = tokens_[one.token];
      const std::string_view sign = text_.substr(at.at, at.length);
      return wrong_at(at.at, at.length, fmt::format("“{}”不能用于{}", sign, zh_of(right)),
                      fmt::format("\"{}\" does not work on a {}", sign, name_of(right)));
    }
    const Type left = values_[values_.size() - 2];
    switch (one.op) {
      case Op::kBetween: {
        const Type value = values_[values_.size() - 3];
        if (value != left || value != right || value == Type::kTruth) return no_such(one, value, left);
        EXPRESSION_TRY(emit(Op::kBetween, value, 0, Type::kTruth, 3));
        return one.negated ? emit(Op::kNot, Type::kTruth, 0, Type::kTruth, 1) : Done{};
      }
      case Op::kAnd:
      case Op::kOr:
        if (left != Type::kTruth || right != Type::kTruth) return no_such(one, left, right);
        return emit(one.op, left, 0, Type::kTruth, 2);
      case Op::kAdd:
      case Op::kSubtract:
      case Op::kMultiply:
      case Op::kDivide:
        return apply_sum(one, left, right);
      default: {
        const bool equality = one.op == Op::kEqual || one.op == Op::kUnequal;
        if (left != right || (left == Type::kTruth && !equality)) return no_such(one, left, right);
        return emit(one.op, left, 0, Type::kTruth, 2);
      }
    }
  }

  Done apply_sum(const Waiting& one, Type left, Type right) {
    if (left == Type::kNumber && right == Type::kNumber) return emit(one.op, left, 0, Type::kNumber, 2);
    if (left == Type::kDate && right == Type::kNumber && one.op == Op::kAdd) {
      return emit(Op::kLater, left, 0, Type::kDate, 2);
    }
    if (left == Type::kDate && right == Type::kNumber && one.op == Op::kSubtract) {
      return emit(Op::kEarlier, left, 0, Type::kDate, 2);
    }
    if (left == Type::kDate && right == Type::kDate && one.op == Op::kSubtract) {
      return emit(Op::kDays, left, 0, Type::kNumber, 2);
    }
    return no_such(one, left, right);
  }

  Done apply_call(const Waiting& one) {
    const std::string& name = tokens_[one.token].text;
    const std::vector<Type> given(values_.begin() + static_cast<ptrdiff_t>(one.values), values_.end());
    std::string takes;
    for (const Signature& signature : signatures()) {
      if (signature.name != name) continue;
      if (signature.takes == given) {
        return emit(Op::kCall, given.front(), static_cast<uint32_t>(signature.function), signature.gives, given.size());
      }
      takes += takes.empty() ? "" : " / ";
      takes += name + "(";
      for (size_t i = 0; i < signature.takes.size(); ++i) {
        takes += i == 0 ? "" : ", ";
        takes += name_of(signature.takes[i]);
      }
      takes += ")";
    }
    const Token& at = tokens_[one.token];
    return wrong_at(at.at, at.length, fmt::format("函数的值不对，应为：{}", takes),
                    fmt::format("the function takes other values: {}", takes));
  }

  std::string_view text_;
  std::span<const Field> fields_;
  std::vector<Token> tokens_;
  size_t here_ = 0;
  std::vector<Waiting> waiting_;
  std::vector<Type> values_;
  Program program_;
};

#undef EXPRESSION_TRY

}  // namespace

std::expected<Program, Mistake> parse(std::string_view text, std::span<const Field> fields,
                                      std::optional<Type> wanted) {
  auto tokens = cut(text);
  if (!tokens) return std::unexpected(std::move(tokens).error());
  return Parser(text, fields, std::move(*tokens)).run(wanted);
}

}  // namespace zhili::expression
