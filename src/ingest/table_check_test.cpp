#include "ingest/table_check.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "ingest/cell_checks.hpp"
#include "ingest/key_set.hpp"
#include "ingest/test_standard.hpp"
#include "table/encoding.hpp"
#include "text/date.hpp"
#include "text/id_number.hpp"
#include "text/phone.hpp"

namespace zhili::ingest {
namespace {

constexpr int32_t kToday = 20'780;  // 2026-11-23.

Result<TableFigures> checked(std::string bytes, TableCheckOptions options = {},
                             table::Encoding encoding = table::Encoding::kAuto) {
  const Standard standard = test_standard();
  options.name = "people.csv";
  options.today = kToday;
  table::ReadOptions read = read_options(table::Format::kAuto, encoding, 0);
  read.block_bytes = 4096;  // Many batches.
  ZHILI_ASSIGN(auto reader, table::Reader::open_bytes("people.csv", std::move(bytes), read));
  return check_table(*reader, standard, options);
}

std::string error_of(std::string bytes, TableCheckOptions options = {},
                     table::Encoding encoding = table::Encoding::kAuto) {
  const auto figures = checked(std::move(bytes), std::move(options), encoding);
  return figures ? "" : figures.error().text();
}

uint64_t mistakes(const TableFigures& table, size_t field, Rule rule) {
  return table.figures.fields[field].mistakes[static_cast<size_t>(rule)];
}

TEST(TableCheck, CountsEachMistakeOnceUnderItsRule) {
  const std::string id = test_id("99010119900101123");
  const auto found = checked(header_line + sound_row +                                  //
                             "P2,,,,,,\n"                                               // No name.
                             "P3,990101199001011239,李四,男,1990-01-01,13800001111,\n"  // Check digit.
                             "P4,123,李四,男,1990-02-30,abc,12x\n"                      // Forms, and no such day.
                             "P5," +
                             id +
                             ",王五四三二一,中,1990-01-01,13800001111,-1\n"  // Length, code, range.
                             "Q6," +
                             id +
                             ",王*,男,1990-01-02,,100001\n"  // Pattern, mask, range, rule.
                             "P1," +
                             id +
                             ",张三丰,男,1990-01-01,,\n"  // A key again.
                             "," +
                             id +
                             ",张三丰,男,1990-01-01,,\n"     // No key.
                             "P9,,赵六,女,2030-01-01,,\n");  // Born tomorrow: rejected.
  ASSERT_TRUE(found) << found.error().text();
  const Figures& figures = found->figures;
  EXPECT_EQ(figures.rows, 9U);
  EXPECT_EQ(figures.mistaken_rows, 8U);
  EXPECT_EQ(figures.rejected_rows, 3U);
  EXPECT_EQ(figures.repeated, 1U);
  EXPECT_EQ(mistakes(*found, 0, Rule::kPattern), 1U);
  EXPECT_EQ(mistakes(*found, 0, Rule::kRepeated), 1U);
  EXPECT_EQ(mistakes(*found, 0, Rule::kMissing), 1U);
  EXPECT_EQ(mistakes(*found, 1, Rule::kCheckDigit), 1U);
  EXPECT_EQ(mistakes(*found, 1, Rule::kForm), 1U);
  EXPECT_EQ(mistakes(*found, 1, Rule::kMissing), 0U);  // Not required.
  EXPECT_EQ(figures.fields[1].missing, 2U);
  EXPECT_EQ(mistakes(*found, 2, Rule::kMissing), 1U);
  EXPECT_EQ(mistakes(*found, 2, Rule::kLength), 1U);
  EXPECT_EQ(mistakes(*found, 2, Rule::kForm), 1U);
  EXPECT_EQ(mistakes(*found, 3, Rule::kCode), 1U);
  EXPECT_EQ(mistakes(*found, 4, Rule::kRange), 1U);
  EXPECT_EQ(mistakes(*found, 5, Rule::kForm), 1U);
  EXPECT_EQ(mistakes(*found, 6, Rule::kForm), 1U);
  EXPECT_EQ(mistakes(*found, 6, Rule::kRange), 2U);
  EXPECT_EQ(figures.rules[0].broken, 1U);
  EXPECT_EQ(figures.rules[0].unknown, 2U);
  EXPECT_EQ(figures.rules[1].broken, 1U);
  EXPECT_EQ(figures.rules[1].examples.lines(), (std::vector<uint64_t>{7}));
  EXPECT_EQ(figures.fields[6].numbers, 3U);
  EXPECT_EQ(figures.fields[6].least, -1);
  EXPECT_EQ(figures.fields[6].most, 100'001);
  // The worst first, with all that is wrong with it.
  ASSERT_EQ(figures.worst.size(), 8U);
  EXPECT_EQ(figures.worst[0].line, 5U);
  EXPECT_EQ(figures.worst[0].flaws,
            (std::vector<Flaw>{{1, Rule::kForm}, {4, Rule::kRange}, {5, Rule::kForm}, {6, Rule::kForm}}));
  for (const uint64_t row : {6, 7, 8}) EXPECT_TRUE(found->rejected.contains(row)) << row;
  EXPECT_FALSE(found->rejected.contains(0));
}

TEST(TableCheck, ChangesAreToldByTheirColumn) {
  const std::string header = "_change," + header_line;
  const auto found = checked(header + "insert," + sound_row + "修改," + sound_row + "delete,P1,,,,,,\n" + "upsert," +
                                 sound_row + "delete,,,,,,,\n",
                             {.kind = BatchKind::kChanges});
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->figures.changes, (std::array<uint64_t, 3>{1, 1, 2}));
  EXPECT_EQ(found->figures.repeated, 0U);  // A row may change more than once.
  EXPECT_EQ(found->figures.rejected_rows, 2U);
  EXPECT_EQ(found->figures.mistaken_rows, 2U);
  EXPECT_EQ(mistakes(*found, 0, Rule::kChange), 1U);
  EXPECT_EQ(mistakes(*found, 2, Rule::kMissing), 0U);  // What goes needs its key alone.

  EXPECT_EQ(
      error_of(header_line + sound_row, {.kind = BatchKind::kChanges}),
      "people.csv:1: a batch of changes needs the column \"_change\"\n  It says insert, update or delete in each row.");
  EXPECT_NE(error_of(header + "insert," + sound_row).find("Send it as a batch of changes"), std::string::npos);
}

TEST(TableCheck, ChangedColumnsAreNamedWithTheWayOut) {
  EXPECT_EQ(error_of("编号,身份号码,名字,性别,出生日期,电话,收入\nP1,,,,,,\n"),
            "people.csv:1: of dataset police.people the column \"姓名\" is missing\n"
            "  Was it renamed to \"名字\"? Rename it in the file, or declare a new version of the dataset with its new "
            "name.");
  EXPECT_EQ(error_of("编号,身份号码,性别,出生日期,电话\nP1,,,,\n"),
            "people.csv:1: of dataset police.people the columns \"姓名\", \"收入\" are missing\n"
            "  Send all columns that the dataset declares, or declare a new version without it.");
  EXPECT_EQ(error_of("编号,身份号码,姓名,性别,出生日期,电话,收入,备注\nP1,,,,,,,\n"),
            "people.csv:1: the column \"备注\" is not declared in dataset police.people\n"
            "  Leave them out, or declare a new version of the dataset: what nobody declared is not taken in.");
  // Columns may stand in another order.
  EXPECT_EQ(error_of("姓名,编号,身份号码,性别,出生日期,电话,收入\n张三,P1,,,,,\n"), "");

  std::string rows;
  for (int i = 0; i < 30; ++i)
    rows += fmt::format("P{},,张三,男,{},13800001111,1\n", i, i % 3 == 0 ? "1990-01-01" : "三十岁");
  EXPECT_EQ(error_of(header_line + rows),
            "people.csv:3: the column \"出生日期\" is declared to hold dates, and 20 of its 30 values are none\n"
            "  Send it as it was declared, or declare a new version of the dataset with its new type.");
}

TEST(TableCheck, AWrongCharsetIsToldAtOnce) {
  std::string utf8 = header_line;
  for (int i = 0; i < 500; ++i) utf8 += fmt::format("P{},,张三丰,男,1990-01-01,13800001111,1\n", i);
  std::string gb(utf8.size() * 2, '\0');
  gb.resize(table::encode_gb18030(utf8, gb.data()));
  const std::string wrong = error_of(gb, {}, table::Encoding::kUtf8);
  EXPECT_NE(wrong.find("UTF-8"), std::string::npos) << wrong;
  EXPECT_NE(wrong.find("gb18030"), std::string::npos) << wrong;
  EXPECT_EQ(error_of(gb), "");
  EXPECT_EQ(error_of(gb, {}, table::Encoding::kGb18030), "");
}

TEST(TableCheck, ManyBadRowsFillNothing) {
  std::string text = header_line;
  for (int i = 0; i < 20'000; ++i) text += i % 5 < 2 ? "P1,too,short\n" : fmt::format("P{},x,?,?,?,?,?\n", i);
  // Types are wrong all over: that alone is a clear answer.
  EXPECT_NE(error_of(text).find("declared to hold"), std::string::npos);

  text = header_line;
  for (int i = 0; i < 20'000; ++i) text += i % 5 < 2 ? "P1,too,short\n" : fmt::format("P{},,,,2030-01-01,,\n", i);
  const auto found = checked(text, {.threads = 2});
  ASSERT_TRUE(found) << found.error().text();
  EXPECT_EQ(found->unreadable, 8000U);
  EXPECT_EQ(found->unreadable_by_kind[static_cast<size_t>(table::RejectKind::kRagged)], 8000U);
  EXPECT_EQ(found->unreadable_rows.size(), kUnreadableRows);
  EXPECT_EQ(found->unreadable_rows[1].line, 3U);
  EXPECT_EQ(found->figures.rejected_rows, 12'000U);
  EXPECT_EQ(found->figures.worst.size(), kWorstRows);
  EXPECT_EQ(found->figures.rules[0].examples.lines().size(), kExamples);
}

TEST(TableCheck, ThreadsChangeNoFigure) {
  Random random(5);
  std::string text = header_line;
  for (int i = 0; i < 5000; ++i) {
    text +=
        fmt::format("P{},{},{},{},19{:02}-01-{:02},{},{}\n", random.below(4000),
                    test_id(fmt::format("990101199001{:02}123", random.between(1, 28))),
                    random.chance(0.1) ? "" : "张三", random.chance(0.1) ? "x" : "女", random.below(100),
                    random.between(1, 40), random.chance(0.2) ? "77" : "13800001111", random.between(-100, 100'500));
  }
  const auto one = checked(text, {.threads = 1});
  const auto four = checked(text, {.threads = 4});
  ASSERT_TRUE(one && four);
  const Figures& a = one->figures;
  const Figures& b = four->figures;
  EXPECT_EQ(a.mistaken_rows, b.mistaken_rows);
  EXPECT_EQ(a.repeated, b.repeated);
  EXPECT_GT(a.repeated, 500U);
  EXPECT_EQ(one->rejected.words(), four->rejected.words());
  for (size_t f = 0; f < a.fields.size(); ++f) {
    EXPECT_EQ(a.fields[f].mistakes, b.fields[f].mistakes);
    EXPECT_EQ(a.fields[f].different.count(), b.fields[f].different.count());
    for (size_t r = 0; r < kRules; ++r) EXPECT_EQ(a.fields[f].examples[r].lines(), b.fields[f].examples[r].lines());
  }
  ASSERT_EQ(a.worst.size(), b.worst.size());
  for (size_t i = 0; i < a.worst.size(); ++i) {
    EXPECT_EQ(a.worst[i].line, b.worst[i].line);
    EXPECT_EQ(a.worst[i].flaws, b.worst[i].flaws);
  }
  ASSERT_EQ(a.sample.size(), kSampleRows);
  for (size_t i = 0; i < a.sample.size(); ++i) EXPECT_EQ(a.sample[i].values, b.sample[i].values);
}

TEST(TableCheck, ARuleThatCannotBeReadIsToldWithItsPlace) {
  catalog::Dataset dataset = test_dataset();
  dataset.rules.push_back({"odd", {}, "birth < 5", false});
  dataset.rules.push_back({"odder", {}, "nobody = 5", false});
  const auto made = Standard::create(dataset, test_catalog());
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kConfig);
  EXPECT_EQ(made.error().text(),
            "rule odd:1:7: rule odd can't be read: \"<\" does not work on a date and a number\n"
            "  docs/expressions.md tells what a rule may say.\n"
            "rule odder:1:1: rule odder can't be read: there is no field \"nobody\"\n"
            "  docs/expressions.md tells what a rule may say.");
}

/// The quick ways say what the parsers that know every spelling say.
TEST(CellChecks, AreThoseOfTheParsers) {
  Random random(9);
  const auto mutated = [&](std::string text) {
    if (random.chance(0.5)) text[random.below(text.size())] = "0123456789Xx-/ 年"[random.below(17)];
    return text;
  };
  for (int i = 0; i < 20'000; ++i) {
    const std::string id = mutated(test_id(fmt::format("990101{:04}{:02}{:02}{:03}", random.between(1790, 2210),
                                                       random.below(14), random.below(33), random.below(1000))));
    const auto parsed = text::parse_id_number(id);
    EXPECT_EQ(check_id_number(id).sound, parsed && parsed->valid()) << id;

    const int year = static_cast<int>(random.between(900, 2300));
    const uint64_t month = random.below(14);
    const uint64_t month_day = random.below(33);
    const std::string date = mutated(random.chance(0.5) ? fmt::format("{:04}-{:02}-{:02}", year, month, month_day)
                                                        : fmt::format("{:04}{:02}{:02}", year, month, month_day));
    int32_t day = 0;
    const auto known = text::parse_date(date);
    const auto number = known && known->valid ? text::day_number(known->date) : std::nullopt;
    EXPECT_EQ(check_date(date, day).sound, number.has_value()) << date;
    if (number) {
      EXPECT_EQ(day, *number) << date;
    }

    const std::string phone = mutated(fmt::format("1{:010}", random.below(10'000'000'000)));
    EXPECT_EQ(check_phone(phone).sound, !text::standardise_phone(phone).empty()) << phone;
  }
  double value = 0;
  EXPECT_TRUE(check_number("-12", value).sound);
  EXPECT_EQ(value, -12);
  EXPECT_TRUE(check_number("123456789012345678", value).sound);
  EXPECT_TRUE(check_number("0.5", value).sound);
  for (const char* bad : {"-", "1,000", "12 ", "0x10", "inf", "nan", "1e999", "一"}) {
    EXPECT_FALSE(check_number(bad, value).sound) << bad;
  }
}

TEST(KeySet, CountsExactlyAndThenASample) {
  KeySet exact;
  for (uint64_t i = 1; i <= 10'000; ++i) EXPECT_FALSE(exact.add(mix64(i)));
  for (uint64_t i = 1; i <= 10'000; ++i) EXPECT_TRUE(exact.add(mix64(i)));
  EXPECT_TRUE(exact.is_exact());
  KeySet bounded(size_t{1} << 12);
  uint64_t repeated = 0;
  for (uint64_t round = 0; round < 2; ++round) {
    for (uint64_t i = 1; i <= 100'000; ++i) repeated += bounded.add(mix64(i)) ? 1 : 0;
  }
  EXPECT_FALSE(bounded.is_exact());
  EXPECT_LE(bounded.size(), size_t{1} << 12);
  EXPECT_GT(repeated, 1000U);
  EXPECT_LT(repeated, 10'000U);
}

TEST(Sketch, IsWithinAFewPercent) {
  for (const uint64_t count : {1, 10, 500, 5000, 200'000}) {
    Sketch whole;
    Sketch parts[2];
    for (uint64_t i = 0; i < 2 * count; ++i) {
      const uint64_t hash = mix64(i % count);
      whole.add(hash);
      parts[i % 2].add(hash);
    }
    EXPECT_NEAR(static_cast<double>(whole.count()), static_cast<double>(count), 0.1 * static_cast<double>(count) + 0.5);
    parts[0].join(parts[1]);
    EXPECT_EQ(parts[0].count(), whole.count());
  }
}

}  // namespace
}  // namespace zhili::ingest
