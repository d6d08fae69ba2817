#include "table/delimited.hpp"

#include <cstdlib>

#include "base/limits.hpp"
#include "table/test_files.hpp"

namespace zhili::table {
namespace {

using Rows = std::vector<std::vector<std::string>>;

ReadOptions all_rejects() {
  ReadOptions options;
  options.max_reject_share = 1;
  return options;
}

std::string file_of(const std::string& header, size_t rows, const std::string& row) {
  std::string text = header + "\n";
  for (size_t i = 0; i < rows; ++i) text += row + "\n";
  return text;
}

TEST(Delimited, ReadsWhatRfc4180Says) {
  const auto got = read_bytes("a,b,c\r\n1,\"x, \"\"y\"\"\",\r\n,\"line 1\r\nline 2\",3\r\n");
  ASSERT_FALSE(got.failed) << got.error.text();
  EXPECT_EQ(got.columns, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(got.rows, (Rows{{"1", "x, \"y\"", ""}, {"", "line 1\r\nline 2", "3"}}));
  EXPECT_EQ(got.lines, (std::vector<uint64_t>{2, 3}));
  EXPECT_EQ(got.description, "delimited by comma, UTF-8");
}

TEST(Delimited, TrimsBlanksOfEveryKind) {
  const auto got = read_bytes("rec_id, given_name , \"sur name\"\nrec-1, \t王 伟　,\u00A0\"green \"  \n");
  EXPECT_EQ(got.columns, (std::vector<std::string>{"rec_id", "given_name", "sur name"}));
  EXPECT_EQ(got.rows, (Rows{{"rec-1", "王 伟", "green"}}));
}

TEST(Delimited, ToleratesQuotesWithinUnquotedCells) {
  const auto got = read_bytes("a,b\n5\" pipe,the \"big\" one\nO\"Neil,x\n");
  ASSERT_FALSE(got.failed) << got.error.text();
  EXPECT_EQ(got.rows, (Rows{{"5\" pipe", "the \"big\" one"}, {"O\"Neil", "x"}}));
}

TEST(Delimited, SkipsBlankLinesAndCountsThem) {
  const auto got = read_bytes("\n \na,b\n\n1,2\n\n\n3,4");
  EXPECT_EQ(got.rows, (Rows{{"1", "2"}, {"3", "4"}}));
  EXPECT_EQ(got.lines, (std::vector<uint64_t>{5, 8}));
}

TEST(Delimited, ReadsEveryNewline) {
  for (const std::string newline : {"\n", "\r\n", "\r", "\r\r\n"}) {
    const auto got = read_bytes(fmt::format("a,b{0}1,\"2\"{0}3,4{0}", newline));
    EXPECT_EQ(got.rows, (Rows{{"1", "2"}, {"3", "4"}})) << newline.size();
    EXPECT_EQ(got.lines, (std::vector<uint64_t>{2, 3}));
  }
}

TEST(Delimited, FindsTheDelimiter) {
  EXPECT_EQ(read_bytes("a;b\n1,5;2\n3,5;4\n").rows, (Rows{{"1,5", "2"}, {"3,5", "4"}}));
  EXPECT_EQ(read_bytes("a\tb c, d\n1\t2, 3\n").rows, (Rows{{"1", "2, 3"}}));
  EXPECT_EQ(read_bytes("a|b\n\"x|y, z, w\"|2\n").rows, (Rows{{"x|y, z, w", "2"}}));
  EXPECT_EQ(read_bytes("a ; b\n1 ; 2\n").columns, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(read_bytes("a\x01"
                       "b\n1\x01"
                       "2\n")
                .rows,
            (Rows{{"1", "2"}}));
  EXPECT_EQ(read_bytes("only\n1\n\"\"\n2\n").rows, (Rows{{"1"}, {""}, {"2"}}));
  ReadOptions semicolon;
  semicolon.delimiter = ';';
  EXPECT_EQ(read_bytes("a,b\n1,2\n", semicolon).columns, (std::vector<std::string>{"a,b"}));
}

TEST(Delimited, RefusesDelimitersThatCanNotBe) {
  for (const char c : {'"', '\n', '\xE4'}) {
    ReadOptions options;
    options.delimiter = c;
    EXPECT_EQ(read_bytes("a,b\n", options).error.code, ErrorCode::kUsage);
  }
}

TEST(Delimited, GivesWantedColumnsInTheirOrder) {
  ReadOptions options;
  options.columns = {"c", "a", "c"};
  const auto got = read_bytes("a,b,c\n1,2,\"3\"\"\"\n", options);
  EXPECT_EQ(got.columns, (std::vector<std::string>{"c", "a", "c"}));
  EXPECT_EQ(got.rows, (Rows{{"3\"", "1", "3\""}}));
}

TEST(Delimited, NamesTheNearestColumnsWhenOneIsMissing) {
  ReadOptions options;
  options.columns = {"surname", "birthdate"};
  const auto got = read_bytes("surname,birth_date,postcode\n", options);
  ASSERT_TRUE(got.failed);
  EXPECT_EQ(got.error.code, ErrorCode::kInput);
  EXPECT_EQ(got.error.message, "the column \"birthdate\" is missing");
  EXPECT_EQ(got.error.place.line, 1U);
  EXPECT_TRUE(got.error.hint.starts_with("Did you mean \"birth_date\"?")) << got.error.hint;
}

TEST(Delimited, RefusesDoubledAndNamelessColumns) {
  const auto doubled = read_bytes("\nid,name,id\n1,2,3\n");
  EXPECT_EQ(doubled.error.text(),
            "t.csv:2: the column \"id\" occurs 2 times: as columns 1 and 3\n  Rename one of them in the header.");
  const auto nameless = read_bytes("id,,x\n1,2,3\n");
  EXPECT_NE(nameless.error.message.find("column 2 of 3 has no name"), std::string::npos);
  ReadOptions options;
  options.columns = {"id"};
  EXPECT_EQ(read_bytes("id,,x\n1,2,3\n", options).rows, (Rows{{"1"}}));
}

TEST(Delimited, EmptyFileIsAnErrorAndHeaderAloneIsNot) {
  EXPECT_NE(read_bytes("").error.message.find("empty"), std::string::npos);
  EXPECT_NE(read_bytes("\n \r\n").error.message.find("empty"), std::string::npos);
  EXPECT_NE(read_bytes("\xEF\xBB\xBF").error.message.find("empty"), std::string::npos);
  const auto header = read_bytes(
      "\xEF\xBB\xBF"
      "a,b");
  EXPECT_FALSE(header.failed);
  EXPECT_EQ(header.columns, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(header.rows.empty());
}

TEST(Delimited, RejectsRaggedRowsWithCounts) {
  const auto got = read_bytes("a,b,c\n1,2,3\n1,2\n王,2,3,4,5\n1,\"2\n2\",3\nx\n1,2,3\n");
  ASSERT_EQ(got.rejects.size(), 3U);
  EXPECT_EQ(got.rows.size(), 3U);
  EXPECT_EQ(got.rejects[0].line, 3U);
  EXPECT_EQ(got.rejects[0].column, 4U);
  EXPECT_EQ(got.rejects[0].reason, "2 cells where the header has 3");
  EXPECT_EQ(got.rejects[1].line, 4U);
  EXPECT_EQ(got.rejects[1].column, 7U);
  EXPECT_EQ(got.rejects[1].reason, "5 cells where the header has 3");
  EXPECT_EQ(got.rejects[1].excerpt, "王,2,3,4,5");
  EXPECT_EQ(got.rejects[2].line, 7U);
  EXPECT_EQ(got.lines, (std::vector<uint64_t>{2, 5, 8}));
}

TEST(Delimited, RejectsTextBehindAClosingQuoteAndGoesOn) {
  const auto got = read_bytes("a,b\n\"x\"y,1\n2,3\n4,5\n", all_rejects());
  ASSERT_EQ(got.rejects.size(), 1U);
  EXPECT_EQ(got.rejects[0].kind, RejectKind::kQuote);
  EXPECT_EQ(got.rejects[0].line, 2U);
  EXPECT_EQ(got.rejects[0].column, 4U);
  EXPECT_EQ(got.rows, (Rows{{"2", "3"}, {"4", "5"}}));
}

TEST(Delimited, NamesTheQuoteThatIsNeverClosed) {
  for (const size_t rows : {3, 500'000}) {
    const auto got = read_bytes("a,b\n1,2\n3, \"open\n" + file_of("1,2", rows, "3,4"));
    ASSERT_TRUE(got.failed);
    EXPECT_EQ(got.error.place.line, 3U);
    EXPECT_EQ(got.error.place.column, 4U);
    EXPECT_NE(got.error.message.find("never closed"), std::string::npos);
  }
  EXPECT_EQ(read_bytes("a,\"b\n1,2\n").error.place.column, 3U);
}

TEST(Delimited, NotesRowsThatRunOverManyLines) {
  const auto got = read_bytes(file_of("a,b\n1,\"x", 300, "3,4") + "end\"\n5,6\n");
  ASSERT_FALSE(got.failed) << got.error.text();
  EXPECT_EQ(got.rows.size(), 2U);
  ASSERT_EQ(got.notes.size(), 1U);
  EXPECT_NE(got.notes[0].find("line 2, column 3"), std::string::npos) << got.notes[0];
}

TEST(Delimited, RejectsLongCellsNamingTheLimit) {
  for (const size_t size : {limits::kCellBytes + 1, size_t{10} << 20}) {
    for (const bool quoted : {false, true}) {
      const std::string cell = quoted ? "\"" + std::string(size, 'x') + "\"" : std::string(size, 'x');
      const auto got = read_bytes("a,b\n1,2\n3," + cell + "\n5,6\n");
      ASSERT_FALSE(got.failed) << got.error.text();
      ASSERT_EQ(got.rejects.size(), 1U);
      EXPECT_EQ(got.rejects[0].kind, RejectKind::kLimit);
      EXPECT_EQ(got.rejects[0].line, 3U);
      EXPECT_NE(got.rejects[0].reason.find("cell 2 (\"b\")"), std::string::npos) << got.rejects[0].reason;
      EXPECT_NE(got.rejects[0].reason.find("kCellBytes"), std::string::npos);
      EXPECT_LT(got.rejects[0].excerpt.size(), 200U);
      EXPECT_EQ(got.lines, (std::vector<uint64_t>{2, 4}));
    }
  }
}

TEST(Delimited, RejectsLongRowsAndKeepsCountingLines) {
  std::string row = "\"";
  for (int i = 0; i < 12; ++i) row += std::string(limits::kCellBytes - 100, 'y') + "\n\",\"";
  const auto got = read_bytes("a,b\n" + row + "\"\n5,6\n", all_rejects());
  ASSERT_EQ(got.rejects.size(), 1U);
  EXPECT_NE(got.rejects[0].reason.find("kRowBytes"), std::string::npos) << got.rejects[0].reason;
  EXPECT_EQ(got.rejects[0].lines, 13U);
  EXPECT_EQ(got.lines, (std::vector<uint64_t>{15}));
}

TEST(Delimited, TakesCellsUpToTheLimit) {
  const std::string cell(limits::kCellBytes, 'x');
  const auto got = read_bytes("a,b\n1," + cell + "\n");
  EXPECT_EQ(got.rows, (Rows{{"1", cell}}));
}

TEST(Delimited, RejectsNulBytes) {
  using std::string_literals::operator""s;
  const auto got = read_bytes("a,b\n1,x\0y\n3,4\n5,6\n"s);
  ASSERT_EQ(got.rejects.size(), 1U);
  EXPECT_EQ(got.rejects[0].kind, RejectKind::kNul);
  EXPECT_EQ(got.rejects[0].line, 2U);
  EXPECT_EQ(got.rejects[0].column, 4U);
  EXPECT_EQ(got.rows.size(), 2U);
}

TEST(Delimited, RejectsRowsOfMixedEncoding) {
  const auto got = read_bytes(file_of("姓名,住址", 50, "王伟,上海市") + "\xD5\xC5\xC8\xFD,2\n李四,3\n");
  ASSERT_FALSE(got.failed) << got.error.text();
  ASSERT_EQ(got.rejects.size(), 1U);
  EXPECT_EQ(got.rejects[0].kind, RejectKind::kEncoding);
  EXPECT_EQ(got.rejects[0].line, 52U);
  EXPECT_EQ(got.rejects[0].column, 1U);
  EXPECT_EQ(got.rows.size(), 51U);
}

TEST(Delimited, StopsWhenRejectsPassTheShare) {
  std::string text = "a,b\n";
  for (int i = 0; i < 3000; ++i) text += i % 20 == 7 ? "1\n" : "1,2\n";
  const auto got = read_bytes(text);
  ASSERT_TRUE(got.failed);
  EXPECT_EQ(got.error.code, ErrorCode::kInput);
  EXPECT_EQ(got.error.place.line, 9U);
  EXPECT_NE(got.error.message.find("1 cells where the header has 2"), std::string::npos) << got.error.message;
  EXPECT_NE(got.error.hint.find("comma"), std::string::npos);
  ReadOptions patient;
  patient.max_reject_share = 0.05;
  EXPECT_FALSE(read_bytes(text, patient).failed);
}

TEST(Delimited, BearsFewRejectsUpToHalfOfTheLines) {
  EXPECT_FALSE(read_bytes("a,b\n1\n1,2\n").failed);
  EXPECT_TRUE(read_bytes("a,b\n1\n1,2\n3\n").failed);
  EXPECT_TRUE(read_bytes("a,b\n1\n").failed);
}

TEST(Delimited, GivesTheSameErrorAgain) {
  auto reader = Reader::open_bytes("t.csv", "a,b\n1,\"\n");
  ASSERT_TRUE(reader);
  Batch batch;
  const auto first = (*reader)->next(batch);
  const auto second = (*reader)->next(batch);
  ASSERT_FALSE(first);
  ASSERT_FALSE(second);
  EXPECT_EQ(first.error().text(), second.error().text());
}

TEST(Delimited, RefusesTooManyColumns) {
  std::string header = "c0";
  for (size_t i = 1; i <= limits::kColumns; ++i) header += fmt::format(",c{}", i);
  EXPECT_EQ(read_bytes(header + "\n").error.code, ErrorCode::kLimit);
  EXPECT_EQ(read_bytes(header.substr(0, header.rfind(',')) + "\n").columns.size(), limits::kColumns);
}

TEST(Delimited, RefusesAnEndlessHeader) {
  const auto got = read_bytes(std::string(size_t{9} << 20, 'a'));
  EXPECT_EQ(got.error.code, ErrorCode::kLimit);
  EXPECT_NE(got.error.message.find("kRowBytes"), std::string::npos);
}

TEST(Delimited, BatchesAreIndependentOfTheReader) {
  std::vector<Batch> batches;
  {
    ReadOptions options;
    options.block_bytes = 32;
    auto reader = Reader::open_bytes("t.csv", file_of("a,b", 100, "hello,world"), options);
    ASSERT_TRUE(reader);
    for (;;) {
      Batch batch;
      const auto more = (*reader)->next(batch);
      ASSERT_TRUE(more);
      if (!*more) break;
      batches.push_back(std::move(batch));
    }
  }
  size_t rows = 0;
  for (const auto& batch : batches) {
    for (size_t r = 0; r < batch.rows(); ++r, ++rows) {
      EXPECT_EQ(batch.cell(0, r), "hello");
      EXPECT_EQ(batch.cell(1, r), "world");
      EXPECT_EQ(batch.line(r), rows + 2);
    }
  }
  EXPECT_EQ(rows, 100U);
  EXPECT_GT(batches.size(), 10U);
}

TEST(Delimited, ReadsPublicRegisters) {
  const char* named = std::getenv("ZHILI_SHARED");
  const std::filesystem::path shared =
      named != nullptr ? std::filesystem::path(named) : std::filesystem::path(ZHILI_SOURCE_DIR) / "../shared";
  const auto dir = shared / "data";
  if (!std::filesystem::exists(dir / "er/febrl4a.csv")) GTEST_SKIP() << "no data in " << dir;
  const auto febrl = drain(Reader::open(dir / "er/febrl4b.csv"));
  EXPECT_EQ(febrl.rows.size(), 5000U);
  EXPECT_EQ(febrl.columns[1], "given_name");
  EXPECT_TRUE(febrl.rejects.empty());
  const auto historical = drain(Reader::open(dir / "er/historical_50k.csv"));
  EXPECT_EQ(historical.rows.size(), 50578U);
  EXPECT_EQ(historical.rows[0][2], "thomas clifford, 1st baron clifford of chudleigh");
}

}  // namespace
}  // namespace zhili::table
