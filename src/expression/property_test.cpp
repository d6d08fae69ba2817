#include <array>
#include <cmath>
#include <optional>
#include <variant>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/random.hpp"
#include "expression/expression.hpp"

/// Random expressions, worked out by the program and by plain code that knows nothing of it.
namespace zhili::expression {
namespace {

constexpr size_t kRows = 16;
constexpr int32_t kToday = 20'000;
using Value = std::variant<std::monostate, bool, double, int32_t, std::string>;
using Values = std::array<Value, kRows>;

bool known(const Value& value) { return value.index() != 0; }

/// An expression as text, with what it gives for each row.
struct Node {
  std::string text;
  int binding = 0;  // 9: holds together by itself.
  Type type = Type::kTruth;
  Values values = {};
};

struct Table {
  std::vector<Field> fields;
  std::vector<Values> values;
};

Value random_value(Type type, Random& random) {
  static const std::vector<std::string> words = {"", "a", "ab", "东街", "b东"};
  if (random.chance(0.25)) return {};
  switch (type) {
    case Type::kTruth:
      return random.chance(0.5);
    case Type::kNumber:
      return static_cast<double>(random.between(-3, 3)) / 2;
    case Type::kDate:
      return static_cast<int32_t>(kToday + random.between(-2, 2));
    case Type::kText:
      return random.pick(words);
  }
  return {};
}

Table random_table(Random& random) {
  Table out;
  for (int i = 0; i < 12; ++i) {
    const auto type = static_cast<Type>(i % 4);
    out.fields.push_back({fmt::format("f{}", i), type});
    auto& values = out.values.emplace_back();
    for (Value& value : values) value = random_value(type, random);
  }
  return out;
}

/// `node` as an operand where what stands beside it binds so tightly; brackets now and then although none are needed.
std::string operand(const Node& node, int binding, Random& random) {
  return node.binding > binding && !random.chance(0.2) ? node.text : "(" + node.text + ")";
}

template <class Work>
Node two(const Node& a, const Node& b, std::string_view sign, int binding, Type type, Random& random, Work work) {
  Node out{.text = fmt::format("{} {} {}", operand(a, binding - (binding == 4 ? 0 : 1), random), sign,
                               operand(b, binding, random)),
           .binding = binding,
           .type = type};
  for (size_t r = 0; r < kRows; ++r) out.values[r] = work(a.values[r], b.values[r]);
  return out;
}

Value both(const Value& a, const Value& b) {
  if (known(a) && !std::get<bool>(a)) return false;
  if (known(b) && !std::get<bool>(b)) return false;
  return known(a) && known(b) ? Value(true) : Value();
}
Value negated(const Value& a) { return known(a) ? Value(!std::get<bool>(a)) : Value(); }

Node logic(const Node& a, const Node& b, Random& random) {
  if (random.chance(0.5)) return two(a, b, "and", 2, Type::kTruth, random, both);
  return two(a, b, "or", 1, Type::kTruth, random,
             [](const Value& x, const Value& y) { return negated(both(negated(x), negated(y))); });
}

Node comparison(const Node& a, const Node& b, Random& random) {
  static constexpr std::array<std::string_view, 6> kSigns = {"=", "!=", "<", "<=", ">", ">="};
  const size_t sign = random.below(a.type == Type::kTruth ? 2 : 6);
  return two(a, b, kSigns[sign], 4, Type::kTruth, random, [&](const Value& x, const Value& y) -> Value {
    if (!known(x) || !known(y)) return {};
    const std::array<bool, 6> truths = {x == y, x != y, x<y, x <= y, x> y, x >= y};
    return truths[sign];
  });
}

Value finite(double number) { return std::isfinite(number) ? Value(number) : Value(); }

Node sum(const Node& a, const Node& b, Random& random) {
  const uint64_t kind = random.below(4);
  static constexpr std::array<std::string_view, 4> kSigns = {"+", "-", "*", "/"};
  return two(a, b, kSigns[kind], kind < 2 ? 5 : 6, Type::kNumber, random, [&](const Value& x, const Value& y) -> Value {
    if (!known(x) || !known(y)) return {};
    const double left = std::get<double>(x);
    const double right = std::get<double>(y);
    if (kind == 3 && right == 0) return {};
    return finite(kind == 0 ? left + right : kind == 1 ? left - right : kind == 2 ? left * right : left / right);
  });
}

Node days(const Node& a, const Node& b, Random& random) {
  return two(a, b, "-", 5, Type::kNumber, random, [](const Value& x, const Value& y) -> Value {
    if (!known(x) || !known(y)) return {};
    return static_cast<double>(std::get<int32_t>(x)) - std::get<int32_t>(y);
  });
}

Node later(const Node& a, const Node& b, Random& random) {
  return two(a, b, "+", 5, Type::kDate, random, [](const Value& x, const Value& y) -> Value {
    if (!known(x) || !known(y)) return {};
    const double day = std::get<int32_t>(x) + std::get<double>(y);
    if (std::trunc(day) != day || day < -719'162 || day > 2'932'896) return {};
    return static_cast<int32_t>(day);
  });
}

Node between(const Node& a, const Node& b, const Node& c, Random& random) {
  const bool no = random.chance(0.3);
  Node out{.text = fmt::format("{} {}between {} and {}", operand(a, 4, random), no ? "not " : "", operand(b, 4, random),
                               operand(c, 4, random)),
           .binding = 4};
  for (size_t r = 0; r < kRows; ++r) {
    const Value& x = a.values[r];
    const auto at_most = [](const Value& from, const Value& to) {
      return known(from) && known(to) ? Value(from <= to) : Value();
    };
    const Value inside = both(at_most(b.values[r], x), at_most(x, c.values[r]));
    out.values[r] = no ? negated(inside) : inside;
  }
  return out;
}

Node is_missing(const Node& a, Random& random) {
  const bool no = random.chance(0.5);
  Node out{.text = operand(a, 3, random) + (no ? " is not missing" : " is missing"), .binding = 4};
  for (size_t r = 0; r < kRows; ++r) out.values[r] = known(a.values[r]) == no;
  return out;
}

Node opposite(const Node& a, Random& random) {
  const bool truth = a.type == Type::kTruth;
  Node out{
      .text = (truth ? "not " : "-") + operand(a, truth ? 2 : 7, random), .binding = truth ? 3 : 7, .type = a.type};
  for (size_t r = 0; r < kRows; ++r) {
    if (known(a.values[r])) {
      out.values[r] = truth ? Value(!std::get<bool>(a.values[r])) : Value(-std::get<double>(a.values[r]));
    }
  }
  return out;
}

Node if_missing(const Node& a, const Node& b) {
  Node out{.text = fmt::format("if_missing({}, {})", a.text, b.text), .binding = 9, .type = a.type};
  for (size_t r = 0; r < kRows; ++r) out.values[r] = known(a.values[r]) ? a.values[r] : b.values[r];
  return out;
}

/// Joins nodes at random until one is left that has grown for long enough.
class Grower {
 public:
  Grower(const Table& table, Random& random) : random_(random) {
    for (size_t f = 0; f < table.fields.size(); ++f) {
      nodes_.push_back(
          {.text = table.fields[f].name, .binding = 9, .type = table.fields[f].type, .values = table.values[f]});
    }
    Node today{.text = "today", .binding = 9, .type = Type::kDate};
    today.values.fill(kToday);
    Node number{.text = "1.5", .binding = 9, .type = Type::kNumber};
    number.values.fill(1.5);
    Node word{.text = "\"东街\"", .binding = 9, .type = Type::kText};
    word.values.fill(std::string("东街"));
    for (Node* one : {&today, &number, &word}) nodes_.push_back(std::move(*one));
  }

  const Node& grow(int steps) {
    for (int i = 0; i < steps; ++i) nodes_.push_back(next());
    return nodes_.back();
  }

 private:
  const Node& any(Type type) {
    for (;;) {
      // The last ones more often, so that expressions grow deep.
      const size_t from = random_.chance(0.6) && nodes_.size() > 20 ? nodes_.size() - 5 : 0;
      const Node& one = nodes_[from + random_.below(nodes_.size() - from)];
      if (one.type == type && one.text.size() < 1500) return one;
      if (from != 0 && random_.chance(0.5)) return nodes_[static_cast<size_t>(type)];
    }
  }
  Node next() {
    const auto type = static_cast<Type>(random_.below(4));
    const auto ordered = static_cast<Type>(1 + random_.below(3));
    switch (random_.below(9)) {
      case 0:
      case 1:
        return logic(any(Type::kTruth), any(Type::kTruth), random_);
      case 2:
        return comparison(any(type), any(type), random_);
      case 3:
        return sum(any(Type::kNumber), any(Type::kNumber), random_);
      case 4:
        return random_.chance(0.5) ? days(any(Type::kDate), any(Type::kDate), random_)
                                   : later(any(Type::kDate), any(Type::kNumber), random_);
      case 5:
        return between(any(ordered), any(ordered), any(ordered), random_);
      case 6:
        return is_missing(any(type), random_);
      case 7:
        return opposite(any(random_.chance(0.5) ? Type::kTruth : Type::kNumber), random_);
      default:
        return if_missing(any(type), any(type));
    }
  }

  Random& random_;
  std::vector<Node> nodes_;
};

/// The table's columns as the evaluator takes them.
struct Columns {
  std::vector<std::array<uint8_t, kRows>> knowledge;
  std::vector<std::array<uint8_t, kRows>> truths;
  std::vector<std::array<double, kRows>> numbers;
  std::vector<std::array<int32_t, kRows>> dates;
  std::vector<std::array<std::string_view, kRows>> texts;
  std::vector<Column> all;

  explicit Columns(const Table& table) {
    const size_t count = table.fields.size();
    knowledge.resize(count);
    truths.resize(count);
    numbers.resize(count);
    dates.resize(count);
    texts.resize(count);
    for (size_t f = 0; f < count; ++f) {
      for (size_t r = 0; r < kRows; ++r) {
        const Value& value = table.values[f][r];
        knowledge[f][r] = known(value) ? 1 : 0;
        if (const auto* truth = std::get_if<bool>(&value)) truths[f][r] = *truth ? 1 : 0;
        if (const auto* number = std::get_if<double>(&value)) numbers[f][r] = *number;
        if (const auto* date = std::get_if<int32_t>(&value)) dates[f][r] = *date;
        if (const auto* text = std::get_if<std::string>(&value)) texts[f][r] = *text;
      }
      all.push_back({knowledge[f].data(), truths[f].data(), numbers[f].data(), dates[f].data(), texts[f].data()});
    }
  }
};

Value at(const Column& column, Type type, size_t row) {
  if (column.known[row] == 0) return {};
  switch (type) {
    case Type::kTruth:
      return column.truths[row] != 0;
    case Type::kNumber:
      return column.numbers[row];
    case Type::kDate:
      return column.dates[row];
    case Type::kText:
      return std::string(column.texts[row]);
  }
  return {};
}

TEST(ExpressionProperty, IsWorkedOutAsPlainCodeDoes) {
  Evaluator evaluator;
  size_t deep = 0;
  for (uint64_t seed = 0; seed < 1500; ++seed) {
    Random random(seed, 77);
    const Table table = random_table(random);
    const Columns columns(table);
    Grower grower(table, random);
    const Node& node = grower.grow(static_cast<int>(1 + random.below(25)));
    const auto expression = Expression::compile(node.text, table.fields, std::nullopt);
    if (!expression && expression.error().en.find("nested too deeply") != std::string::npos) {
      ++deep;
      continue;
    }
    ASSERT_TRUE(expression) << seed << ": " << node.text << "\n" << expression.error().en;
    ASSERT_EQ(expression->type(), node.type) << node.text;
    const Column out = evaluator.run(*expression, columns.all, kRows, kToday);
    for (size_t r = 0; r < kRows; ++r) {
      ASSERT_EQ(at(out, node.type, r), node.values[r]) << "seed " << seed << ", row " << r << ": " << node.text;
    }
  }
  EXPECT_LT(deep, 100U);
}

}  // namespace
}  // namespace zhili::expression
