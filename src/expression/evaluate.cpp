#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <deque>
#include <functional>
#include <utility>

#include "expression/parser.hpp"
#include "text/date.hpp"
#include "text/id_number.hpp"
#include "text/utf8.hpp"

namespace zhili::expression {
namespace {

constexpr std::chrono::year_month_day kFirstDay{std::chrono::year{1}, std::chrono::month{1}, std::chrono::day{1}};
constexpr std::chrono::year_month_day kLastDay{std::chrono::year{9999}, std::chrono::month{12}, std::chrono::day{31}};

std::chrono::year_month_day civil(int32_t day) { return std::chrono::sys_days{std::chrono::days{day}}; }

/// A day of the years 1 to 9999, or nothing.
bool day_of(double number, int32_t& out) {
  static const auto first = static_cast<double>(std::chrono::sys_days{kFirstDay}.time_since_epoch().count());
  static const auto last = static_cast<double>(std::chrono::sys_days{kLastDay}.time_since_epoch().count());
  if (!(number >= first && number <= last) || std::trunc(number) != number) return false;
  out = static_cast<int32_t>(number);
  return true;
}

/// Whole years; one more from the birthday on. Who was born on 29 February has it on 1 March in other years.
bool age(int32_t birth, int32_t at, double& out) {
  if (birth > at) return false;
  const auto from = civil(birth);
  const auto to = civil(at);
  const bool before = std::pair(to.month(), to.day()) < std::pair(from.month(), from.day());
  out = static_cast<int>(to.year()) - static_cast<int>(from.year()) - (before ? 1 : 0);
  return true;
}

/// Texts that functions make, until the next run. What it took it keeps.
class Arena {
 public:
  void clear() { block_ = used_ = 0; }
  char* take(size_t size) {
    if (block_ < blocks_.size() && blocks_[block_].size() - used_ < size) {
      ++block_;
      used_ = 0;
    }
    // A block that is there may be too small for a long text.
    while (block_ < blocks_.size() && blocks_[block_].size() < size) ++block_;
    if (block_ == blocks_.size()) blocks_.emplace_back(std::max(size, kBlock), '\0');
    char* const at = blocks_[block_].data() + used_;
    used_ += size;
    return at;
  }

 private:
  static constexpr size_t kBlock = size_t{64} << 10;
  std::deque<std::string> blocks_;
  size_t block_ = 0;
  size_t used_ = 0;
};

/// Where the results of one place on the stack lie.
struct Slot {
  std::vector<uint8_t> known;
  std::vector<uint8_t> truths;
  std::vector<double> numbers;
  std::vector<int32_t> dates;
  std::vector<std::string_view> texts;

  template <class T>
  T* values(size_t rows) {
    auto& all = of<T>();
    if (all.size() < rows) all.resize(rows);
    return all.data();
  }
  uint8_t* knowledge(size_t rows) {
    if (known.size() < rows) known.resize(rows);
    return known.data();
  }

 private:
  template <class T>
  auto& of() {
    if constexpr (std::is_same_v<T, uint8_t>) {
      return truths;
    } else if constexpr (std::is_same_v<T, double>) {
      return numbers;
    } else if constexpr (std::is_same_v<T, int32_t>) {
      return dates;
    } else {
      return texts;
    }
  }
};

template <class T>
const T* values_of(const Column& column) {
  if constexpr (std::is_same_v<T, uint8_t>) {
    return column.truths;
  } else if constexpr (std::is_same_v<T, double>) {
    return column.numbers;
  } else if constexpr (std::is_same_v<T, int32_t>) {
    return column.dates;
  } else {
    return column.texts;
  }
}

template <class T>
Column column_of(const uint8_t* known, const T* values) {
  Column out{.known = known};
  if constexpr (std::is_same_v<T, uint8_t>) {
    out.truths = values;
  } else if constexpr (std::is_same_v<T, double>) {
    out.numbers = values;
  } else if constexpr (std::is_same_v<T, int32_t>) {
    out.dates = values;
  } else {
    out.texts = values;
  }
  return out;
}

using Text = std::string_view;

}  // namespace

struct Evaluator::State {
  std::vector<Slot> slots;
  std::vector<Column> stack;
  std::span<const Column> fields;
  const Program* program = nullptr;
  size_t rows = 0;
  int32_t today = 0;
  Arena arena;

  /// `work(value, out)` says whether there is a result.
  template <class In, class Out, class Work>
  void map(Work work) {
    const Column in = stack.back();
    Slot& slot = slots[stack.size() - 1];
    const In* const values = values_of<In>(in);
    Out* const out = slot.values<Out>(rows);
    uint8_t* const known = slot.knowledge(rows);
    for (size_t i = 0; i < rows; ++i) known[i] = in.known[i] != 0 && work(values[i], out[i]) ? 1 : 0;
    stack.back() = column_of<Out>(known, out);
  }
  template <class Left, class Right, class Out, class Work>
  void map2(Work work) {
    const Column right = stack.back();
    stack.pop_back();
    const Column left = stack.back();
    Slot& slot = slots[stack.size() - 1];
    const Left* const a = values_of<Left>(left);
    const Right* const b = values_of<Right>(right);
    Out* const out = slot.values<Out>(rows);
    uint8_t* const known = slot.knowledge(rows);
    for (size_t i = 0; i < rows; ++i) {
      known[i] = left.known[i] != 0 && right.known[i] != 0 && work(a[i], b[i], out[i]) ? 1 : 0;
    }
    stack.back() = column_of<Out>(known, out);
  }
  template <class T, class Compare>
  void compare(Compare holds) {
    map2<T, T, uint8_t>([holds](const T& a, const T& b, uint8_t& out) {
      out = holds(a, b) ? 1 : 0;
      return true;
    });
  }
  template <class T>
  void compare_as(Op op);
  template <class T>
  void between();
  template <class T>
  void if_missing();
  template <class T, class Found>
  void in_list(Found found) {
    map<T, uint8_t>([&](const T& value, uint8_t& out) {
      out = found(value) ? 1 : 0;
      return true;
    });
  }
  template <class T>
  void constant(const T& value) {
    Slot& slot = slots[stack.size()];
    T* const out = slot.values<T>(rows);
    uint8_t* const known = slot.knowledge(rows);
    std::fill_n(out, rows, value);
    std::fill_n(known, rows, uint8_t{1});
    stack.push_back(column_of<T>(known, out));
  }

  void step(const Step& one);
  void push_constant(const Step& one);
  void compute(const Step& one);
  void logic(bool conjunction);
  void is_missing();
  void in(const Step& one);
  void call(Function function, Type type);
  void call_text(Function function);
  Text copy(Text text, char from, char to);
};

template <class T>
void Evaluator::State::compare_as(Op op) {
  switch (op) {
    case Op::kEqual:
      return compare<T>(std::equal_to<T>());
    case Op::kUnequal:
      return compare<T>(std::not_equal_to<T>());
    case Op::kLess:
      return compare<T>(std::less<T>());
    case Op::kLessEqual:
      return compare<T>(std::less_equal<T>());
    case Op::kMore:
      return compare<T>(std::greater<T>());
    default:
      return compare<T>(std::greater_equal<T>());
  }
}

/// Below the lower end or above the upper one it is false, even where the other end is missing.
template <class T>
void Evaluator::State::between() {
  const Column to = stack.back();
  stack.pop_back();
  const Column from = stack.back();
  stack.pop_back();
  const Column value = stack.back();
  Slot& slot = slots[stack.size() - 1];
  const T* const values = values_of<T>(value);
  const T* const lows = values_of<T>(from);
  const T* const highs = values_of<T>(to);
  uint8_t* const out = slot.values<uint8_t>(rows);
  uint8_t* const known = slot.knowledge(rows);
  for (size_t i = 0; i < rows; ++i) {
    const bool here = value.known[i] != 0;
    const bool low = from.known[i] != 0;
    const bool high = to.known[i] != 0;
    const bool outside = here && ((low && values[i] < lows[i]) || (high && values[i] > highs[i]));
    out[i] = outside ? 0 : 1;
    known[i] = outside || (here && low && high) ? 1 : 0;
  }
  stack.back() = column_of<uint8_t>(known, out);
}

template <class T>
void Evaluator::State::if_missing() {
  const Column other = stack.back();
  stack.pop_back();
  const Column first = stack.back();
  Slot& slot = slots[stack.size() - 1];
  T* const out = slot.values<T>(rows);
  uint8_t* const known = slot.knowledge(rows);
  for (size_t i = 0; i < rows; ++i) {
    const Column& from = first.known[i] != 0 ? first : other;
    out[i] = values_of<T>(from)[i];
    known[i] = from.known[i];
  }
  stack.back() = column_of<T>(known, out);
}

void Evaluator::State::logic(bool conjunction) {
  const Column right = stack.back();
  stack.pop_back();
  const Column left = stack.back();
  Slot& slot = slots[stack.size() - 1];
  uint8_t* const out = slot.values<uint8_t>(rows);
  uint8_t* const known = slot.knowledge(rows);
  // One false decides an `and`, one true an `or`.
  const uint8_t decisive = conjunction ? 0 : 1;
  for (size_t i = 0; i < rows; ++i) {
    const bool a = left.known[i] != 0 && left.truths[i] == decisive;
    const bool b = right.known[i] != 0 && right.truths[i] == decisive;
    const bool both = left.known[i] != 0 && right.known[i] != 0;
    out[i] = a || b ? decisive : 1 - decisive;
    known[i] = a || b || both ? 1 : 0;
  }
  stack.back() = column_of<uint8_t>(known, out);
}

void Evaluator::State::is_missing() {
  const Column value = stack.back();
  Slot& slot = slots[stack.size() - 1];
  uint8_t* const out = slot.values<uint8_t>(rows);
  uint8_t* const known = slot.knowledge(rows);
  for (size_t i = 0; i < rows; ++i) {
    out[i] = value.known[i] != 0 ? 0 : 1;
    known[i] = 1;
  }
  stack.back() = column_of<uint8_t>(known, out);
}

void Evaluator::State::in(const Step& one) {
  if (one.type == Type::kNumber) {
    const auto& list = program->number_lists[one.index];
    in_list<double>([&](double value) { return std::ranges::binary_search(list, value); });
  } else if (one.type == Type::kDate) {
    const auto& list = program->date_lists[one.index];
    in_list<int32_t>([&](int32_t value) { return std::ranges::binary_search(list, value); });
  } else {
    const auto& list = program->text_lists[one.index];
    in_list<Text>([&](Text value) { return list.contains(value); });
  }
}

/// Moves the letters from..from+25 to where `to` begins. Letters of other scripts stay.
Text Evaluator::State::copy(Text text, char from, char to) {
  char* const out = arena.take(text.size());
  std::ranges::transform(
      text, out, [&](char c) { return c >= from && c <= from + ('z' - 'a') ? static_cast<char>(c - from + to) : c; });
  return {out, text.size()};
}

void Evaluator::State::call_text(Function function) {
  switch (function) {
    case Function::kLower:
      return map<Text, Text>([&](Text value, Text& out) { return out = copy(value, 'A', 'a'), true; });
    case Function::kUpper:
      return map<Text, Text>([&](Text value, Text& out) { return out = copy(value, 'a', 'A'), true; });
    case Function::kSexOf:
    case Function::kSexCodeOf: {
      const std::array<Text, 2> words =
          function == Function::kSexOf ? std::array<Text, 2>{"女", "男"} : std::array<Text, 2>{"2", "1"};
      return map<Text, Text>([&](Text value, Text& out) {
        const auto id = text::parse_id_number(value);
        if (!id || !id->valid()) return false;
        out = words[id->male ? 1 : 0];
        return true;
      });
    }
    default:  // kDivisionOf
      return map<Text, Text>([&](Text value, Text& out) {
        const auto id = text::parse_id_number(value);
        if (!id || !id->valid()) return false;
        out = copy(id->division(), 'a', 'a');
        return true;
      });
  }
}

void Evaluator::State::call(Function function, Type type) {
  using enum Function;
  const auto truth = [](auto holds) {
    return [holds](Text a, Text b, uint8_t& out) { return out = holds(a, b) ? 1 : 0, true; };
  };
  const auto part = [](auto take) { return [take](int32_t day, double& out) { return out = take(civil(day)), true; }; };
  const auto number = [](auto work) { return [work](double value, double& out) { return out = work(value), true; }; };
  switch (function) {
    case kLength:
      return map<Text, double>(
          [](Text value, double& out) { return out = static_cast<double>(text::count_chars(value)), true; });
    case kStartsWith:
      return map2<Text, Text, uint8_t>(truth([](Text a, Text b) { return a.starts_with(b); }));
    case kEndsWith:
      return map2<Text, Text, uint8_t>(truth([](Text a, Text b) { return a.ends_with(b); }));
    case kContains:
      return map2<Text, Text, uint8_t>(truth([](Text a, Text b) { return a.find(b) != Text::npos; }));
    case kYear:
      return map<int32_t, double>(part([](const auto& day) { return static_cast<int>(day.year()); }));
    case kMonth:
      return map<int32_t, double>(part([](const auto& day) { return static_cast<unsigned>(day.month()); }));
    case kDay:
      return map<int32_t, double>(part([](const auto& day) { return static_cast<unsigned>(day.day()); }));
    case kAgeAt:
      return map2<int32_t, int32_t, double>(age);
    case kBirthOf:
      return map<Text, int32_t>([](Text value, int32_t& out) {
        const auto id = text::parse_id_number(value);
        const auto day = id && id->valid() ? text::day_number(id->birth) : std::nullopt;
        return out = day.value_or(0), day.has_value();
      });
    case kNumber:
      return map<Text, double>([](Text value, double& out) {
        const auto [end, failed] =
            std::from_chars(value.data(), value.data() + value.size(), out, std::chars_format::fixed);
        return failed == std::errc{} && end == value.data() + value.size() && std::isfinite(out);
      });
    case kDate:
      return map<Text, int32_t>([](Text value, int32_t& out) {
        const auto parsed = text::parse_date(value);
        const auto day = parsed && parsed->valid ? text::day_number(parsed->date) : std::nullopt;
        return out = day.value_or(0), day.has_value();
      });
    case kAbs:
      return map<double, double>(number([](double value) { return std::abs(value); }));
    case kRound:
      return map<double, double>(number([](double value) { return std::round(value); }));
    case kFloor:
      return map<double, double>(number([](double value) { return std::floor(value); }));
    case kIfMissing:
      return type == Type::kText     ? if_missing<Text>()
             : type == Type::kNumber ? if_missing<double>()
             : type == Type::kDate   ? if_missing<int32_t>()
                                     : if_missing<uint8_t>();
    default:
      return call_text(function);
  }
}

void Evaluator::State::push_constant(const Step& one) {
  switch (one.type) {
    case Type::kNumber:
      return constant<double>(program->numbers[one.index]);
    case Type::kDate:
      return constant<int32_t>(program->dates[one.index]);
    case Type::kText:
      return constant<Text>(program->texts[one.index]);
    case Type::kTruth:
      return constant<uint8_t>(program->truths[one.index]);
  }
}

void Evaluator::State::compute(const Step& one) {
  // What is too large for a number is missing.
  const auto finite = [](auto work) {
    return [work](double a, double b, double& out) { return out = work(a, b), std::isfinite(out); };
  };
  switch (one.op) {
    case Op::kNegate:
      return map<double, double>([](double value, double& out) { return out = -value, true; });
    case Op::kAdd:
      return map2<double, double, double>(finite(std::plus<>()));
    case Op::kSubtract:
      return map2<double, double, double>(finite(std::minus<>()));
    case Op::kMultiply:
      return map2<double, double, double>(finite(std::multiplies<>()));
    case Op::kDivide:
      return map2<double, double, double>([](double a, double b, double& out) {
        if (b == 0) return false;
        out = a / b;
        return std::isfinite(out);
      });
    case Op::kLater:
      return map2<int32_t, double, int32_t>([](int32_t a, double b, int32_t& out) { return day_of(a + b, out); });
    case Op::kEarlier:
      return map2<int32_t, double, int32_t>([](int32_t a, double b, int32_t& out) { return day_of(a - b, out); });
    default:  // kDays
      return map2<int32_t, int32_t, double>([](int32_t a, int32_t b, double& out) {
        out = static_cast<double>(a) - static_cast<double>(b);
        return true;
      });
  }
}

void Evaluator::State::step(const Step& one) {
  switch (one.op) {
    case Op::kField:
      return stack.push_back(fields[one.index]);
    case Op::kConstant:
      return push_constant(one);
    case Op::kToday:
      return constant<int32_t>(today);
    case Op::kAnd:
    case Op::kOr:
      return logic(one.op == Op::kAnd);
    case Op::kNot:
      return map<uint8_t, uint8_t>([](uint8_t value, uint8_t& out) { return out = value == 0 ? 1 : 0, true; });
    case Op::kEqual:
    case Op::kUnequal:
    case Op::kLess:
    case Op::kLessEqual:
    case Op::kMore:
    case Op::kMoreEqual:
      return one.type == Type::kText     ? compare_as<Text>(one.op)
             : one.type == Type::kNumber ? compare_as<double>(one.op)
             : one.type == Type::kDate   ? compare_as<int32_t>(one.op)
                                         : compare_as<uint8_t>(one.op);
    case Op::kIsMissing:
      return is_missing();
    case Op::kIn:
      return in(one);
    case Op::kBetween:
      return one.type == Type::kText     ? between<Text>()
             : one.type == Type::kNumber ? between<double>()
                                         : between<int32_t>();
    case Op::kMatches: {
      const re2::RE2& pattern = *program->patterns[one.index];
      return in_list<Text>([&](Text value) { return re2::RE2::FullMatch({value.data(), value.size()}, pattern); });
    }
    case Op::kCall:
      return call(static_cast<Function>(one.index), one.type);
    default:
      return compute(one);
  }
}

std::expected<Expression, Mistake> Expression::compile(std::string_view text, std::span<const Field> fields,
                                                       std::optional<Type> wanted) {
  auto program = parse(text, fields, wanted);
  if (!program) return std::unexpected(std::move(program).error());
  return Expression(std::make_shared<const Program>(std::move(*program)));
}

Type Expression::type() const { return program_->type; }
const std::vector<uint32_t>& Expression::fields() const { return program_->fields; }

Evaluator::Evaluator() : state_(std::make_unique<State>()) {}
Evaluator::Evaluator(Evaluator&&) noexcept = default;
Evaluator& Evaluator::operator=(Evaluator&&) noexcept = default;
Evaluator::~Evaluator() = default;

Column Evaluator::run(const Expression& expression, std::span<const Column> fields, size_t rows, int32_t today) {
  State& state = *state_;
  state.program = expression.program_.get();
  state.fields = fields;
  state.rows = rows;
  state.today = today;
  state.arena.clear();
  state.stack.clear();
  state.stack.reserve(state.program->depth + 1);
  if (state.slots.size() < state.program->depth) state.slots.resize(state.program->depth);
  for (const Step& one : state.program->steps) state.step(one);
  return state.stack.back();
}

}  // namespace zhili::expression
