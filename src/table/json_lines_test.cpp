#include "table/json_lines.hpp"

#include "base/limits.hpp"
#include "base/random.hpp"
#include "table/test_files.hpp"

namespace zhili::table {
namespace {

using Rows = std::vector<std::vector<std::string>>;
using Names = std::vector<std::string>;
using std::string_literals::operator""s;

ReadResult read_json(std::string bytes, ReadOptions options = {}) {
  options.max_reject_share = 1;
  return drain(Reader::open_bytes("t.jsonl", std::move(bytes), options));
}

TEST(JsonLines, ReadsValuesAsText) {
  const auto got = read_json(
      "{\"id\": 310101199001011234567890, \"name\": \" \\u5f20\\n伟 \", \"n\": 1.50, \"ok\": true, \"x\": null}\r\n"
      "\n"
      "{\"n\":-0.5e+3,\"tags\":[\"a\", {\"b\": 1.50}] , \"name\":\"\\\"q\\\"\"}");
  ASSERT_FALSE(got.failed) << got.error.text();
  EXPECT_EQ(got.columns, (Names{"id", "name", "n", "ok", "x", "tags"}));
  EXPECT_EQ(got.rows, (Rows{{"310101199001011234567890", "张\n伟", "1.50", "true", "", ""},
                            {"", "\"q\"", "-0.5e+3", "", "", "[\"a\", {\"b\": 1.50}]"}}));
  EXPECT_EQ(got.lines, (std::vector<uint64_t>{1, 3}));
  EXPECT_EQ(got.description, "JSON lines, UTF-8");
}

TEST(JsonLines, IsFoundByContent) {
  const auto got = drain(Reader::open_bytes("export", "{\"a\": 1}\n"));
  EXPECT_EQ(got.rows, (Rows{{"1"}}));
  EXPECT_EQ(drain(Reader::open_bytes("export", "{a},b\n1,2\n")).columns, (Names{"{a}", "b"}));
}

TEST(JsonLines, RejectsBadLinesWithTheirColumn) {
  struct Case {
    std::string line;
    uint64_t column;
    std::string reason;
  };
  const Case cases[] = {
      {"{\"a\": 1,, \"b\": 2}", 9, "a comma, colon"},
      {"{\"a\": 01}", 7, "a wrong number"},
      {"{\"a\": [1, -]}", 11, "a wrong number"},
      {"{\"a\": \"unclosed}", 7, "a string is not closed"},
      {"{\"a\": \"x\ty\"}", 9, "a control character"},
      {"[1, 2]", 1, "not a JSON object"},
      {"5", 1, "not a JSON object"},
      {"{\"a\": 3} trailing", 18, "does not end with the line"},
      {"{\"a\": 3} {\"a\": 4}", 10, "text behind the object"},
      {"{\"a\": {\"b\": nul}}", 13, "only true, false and null"},
      {"{\"a\": tru}", 7, "only true, false and null"},
      {"{\"a\": \"\\ud800\"}", 7, "a wrong escape"},
      {"{\"王\": \"\\x\"}", 7, "a wrong escape"},
      {"{\"a\": \"ok\"", 11, "does not end with the line"},
      {"{\"a\": \"\xD5\xC5\"}", 8, "not valid UTF-8"},
      {"{\"a\": \"x\\u0000y\"}", 1, "a NUL character"},
      {"{\"a\": \"x\0y\"}"s, 9, "a NUL byte"},
  };
  for (const auto& one : cases) {
    const auto got = read_json("{\"a\": \"好好好好好好好好\"}\n" + one.line + "\n{\"a\": 2}\n");
    ASSERT_EQ(got.rejects.size(), 1U) << one.line;
    EXPECT_EQ(got.rejects[0].line, 2U);
    EXPECT_EQ(got.rejects[0].column, one.column) << one.line << ": " << got.rejects[0].reason;
    EXPECT_NE(got.rejects[0].reason.find(one.reason), std::string::npos) << got.rejects[0].reason;
    EXPECT_EQ(got.rows, (Rows{{"好好好好好好好好"}, {"2"}}));
  }
}

TEST(JsonLines, RejectsNestingWithoutEnd) {
  const auto got = read_json("{\"a\": 1}\n{\"a\": " + std::string(5000, '[') + std::string(5000, ']') + "}\n");
  ASSERT_EQ(got.rejects.size(), 1U);
  EXPECT_NE(got.rejects[0].reason.find("too deep"), std::string::npos) << got.rejects[0].reason;
}

TEST(JsonLines, LastValueOfADoubledKeyCounts) {
  EXPECT_EQ(read_json("{\"a\": 1, \"b\": 2, \"a\": 3}\n").rows, (Rows{{"3", "2"}}));
}

TEST(JsonLines, KeysMayBeEscaped) {
  const auto got = read_json("{\"n\\u0061me\": 1, \"q\\\"\": 2}\n{\"name\": 3, \"q\\\"\": 4}\n");
  EXPECT_EQ(got.columns, (Names{"name", "q\""}));
  EXPECT_EQ(got.rows, (Rows{{"1", "2"}, {"3", "4"}}));
}

TEST(JsonLines, CountsKeysThatComeBehindTheSample) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "{\"a\": 1}\n";
  text += "{\"a\": 1, \"late\": 2}\n{\"late\": 3, \"a\": 2}\n";
  const auto got = read_json(text);
  EXPECT_EQ(got.columns, (Names{"a"}));
  EXPECT_EQ(got.rows.size(), 10'002U);
  EXPECT_EQ(got.rows.back(), (std::vector<std::string>{"2"}));
  ASSERT_EQ(got.notes.size(), 1U);
  EXPECT_NE(got.notes[0].find("\"late\" first comes on line 10001"), std::string::npos) << got.notes[0];
  EXPECT_NE(got.notes[0].find("2 row(s)"), std::string::npos);
}

TEST(JsonLines, GivesWantedColumns) {
  ReadOptions options;
  options.columns = {"c", "a"};
  EXPECT_EQ(read_json("{\"a\": 1, \"b\": [2], \"c\": \"x\"}\n{\"a\": 2}\n", options).rows,
            (Rows{{"x", "1"}, {"", "2"}}));
  EXPECT_EQ(read_json("{\"a\": 1, \"b\": wrong, \"c\": \"x\"}\n{\"c\": 2, \"a\": 3}\n", options).rejects.size(), 1U);
  options.columns = {"cc"};
  EXPECT_NE(read_json("{\"c\": 1}\n", options).error.hint.find("Did you mean \"c\""), std::string::npos);
}

TEST(JsonLines, RefusesArraysAndFilesWithoutAnyObject) {
  const auto array = read_json("[{\"a\": 1}]");
  EXPECT_NE(array.error.hint.find("jq -c"), std::string::npos);
  EXPECT_NE(read_json(" \n ").error.message.find("empty"), std::string::npos);
  const auto text = read_json("\nhello\n");
  EXPECT_EQ(text.error.place.line, 2U);
  EXPECT_NE(text.error.message.find("hello"), std::string::npos);
}

TEST(JsonLines, RejectsLongCellsAndLines) {
  const auto cell =
      read_json("{\"a\": 1}\n{\"a\": \"" + std::string(limits::kCellBytes + 1, 'x') + "\"}\n{\"a\": 2}\n");
  ASSERT_EQ(cell.rejects.size(), 1U);
  EXPECT_NE(cell.rejects[0].reason.find("kCellBytes"), std::string::npos);
  const auto line = read_json("{\"a\": 1}\n{\"a\": \"" + std::string(limits::kRowBytes * 2, 'x') + "\"}\n{\"a\": 2}\n");
  ASSERT_EQ(line.rejects.size(), 1U);
  EXPECT_NE(line.rejects[0].reason.find("kRowBytes"), std::string::npos);
  EXPECT_EQ(line.lines, (std::vector<uint64_t>{1, 3}));
}

TEST(JsonLines, EveryBlockSizeGivesTheSame) {
  Random random(3);
  std::string text;
  for (int i = 0; i < 200; ++i) {
    text += fmt::format("{{\"id\": {}, \"name\": \"张{}\\t\\u4f1f\", \"list\": [{}, \"}}\"]}}{}", i, random.below(1000),
                        random.below(9), random.chance(0.1) ? "\n\n" : "\n");
    if (random.chance(0.1)) text += "{\"id\": }\n";
  }
  const auto whole = read_json(text);
  EXPECT_EQ(whole.rows.size(), 200U);
  for (const size_t block : {1, 2, 3, 7, 64, 100, 4096}) {
    ReadOptions options;
    options.block_bytes = block;
    const auto got = read_json(text, options);
    EXPECT_EQ(got.rows, whole.rows);
    EXPECT_EQ(got.lines, whole.lines);
    EXPECT_EQ(got.rejects.size(), whole.rejects.size());
  }
}

TEST(JsonLines, ReadsGb18030) {
  const auto got = read_json("{\"\xD0\xD5\xC3\xFB\": \"\xD5\xC5\xC8\xFD\"}\n");
  EXPECT_EQ(got.columns, (Names{"姓名"}));
  EXPECT_EQ(got.rows, (Rows{{"张三"}}));
}

}  // namespace
}  // namespace zhili::table
