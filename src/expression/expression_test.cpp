#include "expression/expression.hpp"

#include <deque>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "text/date.hpp"

namespace zhili::expression {
namespace {

int32_t day(std::string_view text) {
  return text::day_number(text::parse_date(text).value_or(text::ParsedDate{}).date).value_or(0);
}

const std::vector<Field>& fields() {
  static const std::vector<Field> all = {
      {"name", Type::kText},   {"id_number", Type::kText}, {"birth", Type::kDate},     {"start", Type::kDate},
      {"end", Type::kDate},    {"income", Type::kNumber},  {"members", Type::kNumber}, {"alive", Type::kTruth},
      {"户籍地", Type::kText}, {"in", Type::kNumber}};
  return all;
}

/// One row; what is not set is missing.
class Row {
 public:
  Row() : columns_(fields().size(), Column{.known = &kNo}) {}
  Row(Row&&) = default;
  Row& operator=(Row&&) = delete;
  Row(const Row&) = delete;  // Columns point into it.
  Row& operator=(const Row&) = delete;
  ~Row() = default;
  Row& text(size_t field, std::string_view value) {
    texts_.push_back(value);
    columns_[field] = {.known = &kYes, .texts = &texts_.back()};
    return *this;
  }
  Row& date(size_t field, std::string_view value) {
    dates_.push_back(day(value));
    columns_[field] = {.known = &kYes, .dates = &dates_.back()};
    return *this;
  }
  Row& number(size_t field, double value) {
    numbers_.push_back(value);
    columns_[field] = {.known = &kYes, .numbers = &numbers_.back()};
    return *this;
  }
  std::span<const Column> columns() const { return columns_; }

 private:
  static constexpr uint8_t kNo = 0;
  static constexpr uint8_t kYes = 1;
  std::vector<Column> columns_;
  std::deque<std::string_view> texts_;
  std::deque<int32_t> dates_;
  std::deque<double> numbers_;
};

Row person() {
  Row row;
  row.text(0, "张三丰")
      .text(1, "990101199001011230")
      .date(2, "1990-01-01")
      .date(3, "2020-03-01")
      .number(5, 1200.5)
      .number(6, 4)
      .text(8, "东街");
  return row;
}

/// What an expression gives for a row, written out; or where and why it is wrong.
std::string worked_out(std::string_view text, const Row& row = person()) {
  const auto expression = Expression::compile(text, fields(), std::nullopt);
  if (!expression) {
    return fmt::format("{}:{}+{}: {}", expression.error().line, expression.error().column, expression.error().length,
                       expression.error().en);
  }
  Evaluator evaluator;
  const Column out = evaluator.run(*expression, row.columns(), 1, day("2026-11-23"));
  if (out.known[0] == 0) return "missing";
  switch (expression->type()) {
    case Type::kTruth:
      return out.truths[0] != 0 ? "true" : "false";
    case Type::kNumber:
      return fmt::format("{}", out.numbers[0]);
    case Type::kDate:
      return fmt::format("day {}", out.dates[0]);
    case Type::kText:
      return std::string(out.texts[0]);
  }
  return "";
}

TEST(Expression, TheExampleOfTheDocuments) {
  const char* const rule = "birth <= today and (end is missing or start <= end) and birth_of(id_number) = birth";
  EXPECT_EQ(worked_out(rule), "true");
  EXPECT_EQ(worked_out(rule, person().date(4, "2019-01-01")), "false");
  EXPECT_EQ(worked_out(rule, person().date(2, "1990-01-02")), "false");
  EXPECT_EQ(worked_out(rule, person().text(1, "990101199001011238")), "missing");  // A wrong check digit tells nothing.
}

TEST(Expression, Logic) {
  // `alive` is missing here.
  EXPECT_EQ(worked_out("alive"), "missing");
  EXPECT_EQ(worked_out("not alive"), "missing");
  EXPECT_EQ(worked_out("alive and false"), "false");
  EXPECT_EQ(worked_out("alive and true"), "missing");
  EXPECT_EQ(worked_out("alive or true"), "true");
  EXPECT_EQ(worked_out("alive or false"), "missing");
  EXPECT_EQ(worked_out("alive is missing"), "true");
  EXPECT_EQ(worked_out("alive is not missing"), "false");
  EXPECT_EQ(worked_out("true = (1 = 1)"), "true");
  EXPECT_EQ(worked_out("true or true and false"), "true");
  EXPECT_EQ(worked_out("(true or true) and false"), "false");
  EXPECT_EQ(worked_out("not 1 = 2"), "true");
  EXPECT_EQ(worked_out("not false and false"), "false");
  EXPECT_EQ(worked_out("TRUE And NOT false"), "true");
}

TEST(Expression, NumbersAndDays) {
  EXPECT_EQ(worked_out("1 + 2 * 3 - 4 / 8"), "6.5");
  EXPECT_EQ(worked_out("10 - 3 - 2"), "5");
  EXPECT_EQ(worked_out("-income + 1200.5"), "0");
  EXPECT_EQ(worked_out("2 * -3"), "-6");
  EXPECT_EQ(worked_out("income / members"), "300.125");
  EXPECT_EQ(worked_out("income / (members - 4)"), "missing");
  EXPECT_EQ(worked_out("today - start"), "2458");
  EXPECT_EQ(worked_out("2024-02-28 + 2 = 2024-03-01"), "true");
  EXPECT_EQ(worked_out("2024-03-01 - 2 = 2024-02-28"), "true");
  EXPECT_EQ(worked_out("today + 0.5"), "missing");
  EXPECT_EQ(worked_out("today + 1000000000"), "missing");
  EXPECT_EQ(worked_out("year(birth) * 10000 + month(birth) * 100 + day(birth)"), "19900101");
  EXPECT_EQ(worked_out("age_at(birth, today)"), "36");
  EXPECT_EQ(worked_out("age_at(2004-02-29, 2022-02-28)"), "17");
  EXPECT_EQ(worked_out("age_at(2004-02-29, 2022-03-01)"), "18");
  EXPECT_EQ(worked_out("age_at(today, birth)"), "missing");
  EXPECT_EQ(worked_out("round(2.5) + floor(-0.5) + abs(-1)"), "3");
  EXPECT_EQ(worked_out("income between 1000 and 1000 + 300 and members in (3, 4)"), "true");
  EXPECT_EQ(worked_out("income not between 1 and 2"), "true");
  EXPECT_EQ(worked_out("not income between 1 and 2 and true"), "true");
  EXPECT_EQ(worked_out("members in (-4)"), "false");
  EXPECT_EQ(worked_out("birth in (1990-01-01, 1991-01-01)"), "true");
  // Outside of one end is outside, whatever the other is.
  EXPECT_EQ(worked_out("start between end and 2020-02-01"), "false");
  EXPECT_EQ(worked_out("start between end and 2020-04-01"), "missing");
}

TEST(Expression, Texts) {
  EXPECT_EQ(worked_out("length(name)"), "3");
  EXPECT_EQ(worked_out("lower(\"ABC东Z\") = 'abc东z'"), "true");
  EXPECT_EQ(worked_out("upper(\"aé\")"), "Aé");
  EXPECT_EQ(worked_out("\"a \"\"b\"\"\""), "a \"b\"");
  EXPECT_EQ(worked_out("starts_with(户籍地, \"东\") and ends_with(name, “丰”) and contains(name, '三')"), "true");
  EXPECT_EQ(worked_out("name in (\"李四\", \"张三丰\")"), "true");
  EXPECT_EQ(worked_out("name not in (\"李四\")"), "true");
  EXPECT_EQ(worked_out("id_number matches \"[0-9]{17}[0-9X]\""), "true");
  EXPECT_EQ(worked_out("id_number matches \"[0-9]{3}\""), "false");  // The whole of it, not a part.
  EXPECT_EQ(worked_out("id_number not matches \"9.*\""), "false");
  EXPECT_EQ(worked_out("birth_of(id_number) = birth"), "true");
  EXPECT_EQ(worked_out("sex_of(id_number)"), "男");
  EXPECT_EQ(worked_out("sex_code_of(id_number)"), "1");
  EXPECT_EQ(worked_out("division_of(id_number)"), "990101");
  EXPECT_EQ(worked_out("number(\"12.5\") + 1"), "13.5");
  EXPECT_EQ(worked_out("number(name)"), "missing");
  EXPECT_EQ(worked_out("date(\"2020年3月1日\") = start"), "true");
  EXPECT_EQ(worked_out("if_missing(end, today) = today"), "true");
  EXPECT_EQ(worked_out("if_missing(start, today) = today"), "false");
  EXPECT_EQ(worked_out("`in` is missing"), "true");
  EXPECT_EQ(worked_out("（income ≥ 1200，）"), "1:15+3: a comma stands between a function's values alone");
}

TEST(Expression, MistakesHaveAPlaceAndAWayOut) {
  EXPECT_EQ(worked_out(""), "1:1+0: the expression is empty");
  EXPECT_EQ(worked_out("birth <="), "1:9+0: a value is missing here");
  EXPECT_EQ(worked_out("birth <= tday"), "1:10+4: there is no field \"tday\"");
  EXPECT_EQ(worked_out("brith <= today"), "1:1+5: there is no field \"brith\"; did you mean birth?");
  EXPECT_EQ(worked_out("lenght(name)"), "1:1+6: there is no function \"lenght\"; did you mean length?");
  EXPECT_EQ(worked_out("length(birth)"), "1:1+6: the function takes other values: length(text)");
  EXPECT_EQ(worked_out("length()"), "1:1+6: the function takes other values: length(text)");
  EXPECT_EQ(worked_out("户籍地 = 1"), "1:5+1: \"=\" does not work on a text and a number");
  EXPECT_EQ(worked_out("birth and true"), "1:7+3: \"and\" does not work on a date and a truth");
  EXPECT_EQ(worked_out("birth + birth"), "1:7+1: \"+\" does not work on a date and a date");
  EXPECT_EQ(worked_out("not birth"), "1:1+3: \"not\" does not work on a date");
  EXPECT_EQ(worked_out("(birth = today"), "1:1+1: this bracket is not closed");
  EXPECT_EQ(worked_out("birth = today)"), "1:14+1: this bracket was not opened");
  EXPECT_EQ(worked_out("birth today"), "1:7+5: an operator is missing here: and, or, =, …");
  EXPECT_EQ(worked_out("birth\n= 2026-02-30"), "2:3+10: there is no day 2026-02-30");
  EXPECT_EQ(worked_out("name matches \"(\""), "1:14+3: this pattern is wrong: missing ): (");
  EXPECT_EQ(worked_out("birth between 2020-01-01 or true"), "1:7+7: between needs its and: between 1 and 9");
  EXPECT_EQ(worked_out("birth between 2020-01-01"), "1:7+7: between needs its and: between 1 and 9");
  EXPECT_EQ(worked_out("birth in (1)"), "1:11+1: this list holds values of the type date alone");
  EXPECT_EQ(worked_out("birth is today"), "1:10+5: is is followed by missing or not missing");
  EXPECT_EQ(worked_out("name = \"张"), "1:8+1: this quote is not closed");
  EXPECT_EQ(worked_out("1 < 2 < 3"), "1:7+1: \"<\" does not work on a truth and a number");
  EXPECT_EQ(worked_out("12abc"), "1:1+2: this is no number: write 12 or 12.5");
  EXPECT_EQ(worked_out("name # 1"), "1:6+1: \"#\" means nothing here");

  const auto wrong = Expression::compile("birth", fields());
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().en, "it gives a date, and a truth is needed here");
  EXPECT_EQ(wrong.error().zh, "结果是日期，这里需要真值");
}

TEST(Expression, LimitsHold) {
  EXPECT_EQ(worked_out(std::string(kDepth + 1, '(') + "1"),
            "1:65+1: the expression is nested too deeply: cut it into several");
  EXPECT_TRUE(worked_out(std::string(kTextBytes + 1, ' ')).ends_with("at most 8192 bytes"));
  EXPECT_TRUE(worked_out("name = \"\xFF\"").ends_with("no UTF-8 text"));
  std::string list = "members in (0";
  for (size_t i = 1; i <= kListItems; ++i) list += ",4";
  EXPECT_TRUE(worked_out(list + ")").ends_with("at most 1000 items"));
  // A long row of the same operator needs no depth.
  std::string sum = "0";
  for (int i = 0; i < 2000; ++i) sum += "+1";
  EXPECT_EQ(worked_out(sum), "2000");
}

TEST(Expression, TellsWhichFieldsItReads) {
  const auto expression = Expression::compile("start <= end or end is missing", fields());
  ASSERT_TRUE(expression);
  EXPECT_EQ(expression->fields(), (std::vector<uint32_t>{3, 4}));
}

}  // namespace
}  // namespace zhili::expression
