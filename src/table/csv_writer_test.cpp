#include "table/csv_writer.hpp"

#include <csignal>
#include <iterator>

#include <sys/resource.h>

#include "table/test_files.hpp"

namespace zhili::table {
namespace {

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

size_t files_in(const TestDir& dir) {
  return static_cast<size_t>(std::distance(std::filesystem::directory_iterator(dir.path("")), {}));
}

TEST(CsvWriter, QuotesOnlyWhatNeedsIt) {
  const TestDir dir;
  auto writer = CsvWriter::create(dir.path("t.csv"), {"a", "b, c"});
  ASSERT_TRUE(writer) << writer.error().text();
  ASSERT_TRUE(writer->append({"plain", "a,b"}));
  ASSERT_TRUE(writer->append({"", "say \"x\""}));
  ASSERT_TRUE(writer->append({" padded", "two\nlines"}));
  ASSERT_TRUE(
      writer->append({"a cell of over sixteen bytes", "a cell of over sixteen bytes, with a comma at the end,"}));
  EXPECT_EQ(writer->rows(), 4U);
  ASSERT_TRUE(writer->finish());
  EXPECT_EQ(bytes_of(dir.path("t.csv")),
            "a,\"b, c\"\nplain,\"a,b\"\n,\"say \"\"x\"\"\"\n\" padded\",\"two\nlines\"\n"
            "a cell of over sixteen bytes,\"a cell of over sixteen bytes, with a comma at the end,\"\n");
}

TEST(CsvWriter, WritesMarkNewlineDelimiterAndEncoding) {
  const TestDir dir;
  auto utf8 = CsvWriter::create(dir.path("u.csv"), {"姓名", "b"}, {Encoding::kUtf8, ';', true, "\r\n"});
  ASSERT_TRUE(utf8);
  ASSERT_TRUE(utf8->append({"张三", "1,5"}));
  ASSERT_TRUE(utf8->finish());
  EXPECT_EQ(bytes_of(dir.path("u.csv")), "\xEF\xBB\xBF姓名;b\r\n张三;1,5\r\n");
  auto gb = CsvWriter::create(dir.path("g.csv"), {"姓名", "b"}, {Encoding::kGb18030, '\t', true, "\n"});
  ASSERT_TRUE(gb);
  ASSERT_TRUE(gb->append({"张三", "\"𠮷\""}));
  ASSERT_TRUE(gb->finish());
  EXPECT_EQ(bytes_of(dir.path("g.csv")), "\xD0\xD5\xC3\xFB\tb\n\xD5\xC5\xC8\xFD\t\"\"\"\x95\x34\xB2\x35\"\"\"\n");
}

TEST(CsvWriter, WritesCellsLargerThanItsBuffer) {
  const TestDir dir;
  const std::string large(3 << 20, '"');
  auto writer = CsvWriter::create(dir.path("t.csv"), {"a", "b"});
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->append({"1", large}));
  ASSERT_TRUE(writer->append({"2", "x"}));
  EXPECT_EQ(writer->bytes(), bytes_of(dir.path("t.csv")).size() + writer->bytes()) << "nothing is there yet";
  ASSERT_TRUE(writer->finish());
  EXPECT_EQ(bytes_of(dir.path("t.csv")), "a,b\n1,\"" + std::string(6 << 20, '"') + "\"\n2,x\n");
}

TEST(CsvWriter, AnUnfinishedFileDoesNotAppear) {
  const TestDir dir;
  dir.write("t.csv", "earlier");
  {
    auto writer = CsvWriter::create(dir.path("t.csv"), {"a"});
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->append({"1"}));
    EXPECT_EQ(files_in(dir), 2U);
  }
  EXPECT_EQ(bytes_of(dir.path("t.csv")), "earlier");
  EXPECT_EQ(files_in(dir), 1U);
}

TEST(CsvWriter, TellsOfAFullDisk) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full";
  auto writer = CsvWriter::create("/dev/full", {"a"});
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->append({"1"}));
  const auto finished = writer->finish();
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code, ErrorCode::kIo);
  EXPECT_NE(finished.error().hint.find("Free some space"), std::string::npos);
}

TEST(CsvWriter, TellsOfAFileSizeLimitOnTheWay) {
  const TestDir dir;
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1 << 20, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  auto writer = CsvWriter::create(dir.path("t.csv"), {"a"});
  const std::string cell(10'000, 'x');
  Status status;
  for (int i = 0; i < 1000 && status; ++i) status = writer->append({cell});
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kIo);
  EXPECT_FALSE(writer->append({cell})) << "errors stay";
  EXPECT_FALSE(writer->finish());
}

TEST(CsvWriter, RefusesWhatCanNotBeWritten) {
  const TestDir dir;
  EXPECT_EQ(CsvWriter::create(dir.path("no/t.csv"), {"a"}).error().code, ErrorCode::kIo);
  EXPECT_EQ(CsvWriter::create(dir.path("t.csv"), {}).error().code, ErrorCode::kUsage);
  EXPECT_FALSE(CsvWriter::create(dir.path("t.csv"), {"a"}, {.delimiter = '"'}));
  EXPECT_FALSE(CsvWriter::create(dir.path("t.csv"), {"a"}, {.newline = "x"}));
  EXPECT_FALSE(CsvWriter::create(dir.path("t.csv"), {"a"}, {.encoding = Encoding::kUtf16}));
  auto writer = CsvWriter::create(dir.path("t.csv"), {"a", "b"}, {.encoding = Encoding::kGb18030});
  ASSERT_TRUE(writer);
  EXPECT_FALSE(writer->append({"one cell"}));
  EXPECT_FALSE(writer->finish()) << "an error stays";
  auto bad = CsvWriter::create(dir.path("t.csv"), {"a"}, {.encoding = Encoding::kGb18030});
  EXPECT_FALSE(bad->append({"\xC3("}));
}

}  // namespace
}  // namespace zhili::table
