#include "table/text_input.hpp"

#include <thread>

#include <sys/stat.h>

#include "table/test_files.hpp"

namespace zhili::table {
namespace {

using Rows = std::vector<std::vector<std::string>>;
using std::string_literals::operator""s;

std::string utf16(std::string_view ascii_or_bmp, bool big) {
  std::string out = big ? "\xFE\xFF" : "\xFF\xFE";
  for (size_t at = 0; at < ascii_or_bmp.size();) {
    const size_t length = utf8_length(ascii_or_bmp, at);
    const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(ascii_or_bmp[at + i])); };
    const uint32_t c = length == 3   ? (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F)
                       : length == 2 ? (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F)
                                     : byte(0);
    const char high = static_cast<char>(c >> 8);
    const char low = static_cast<char>(c);
    out += big ? std::string{high, low} : std::string{low, high};
    at += length;
  }
  return out;
}

TEST(TextInput, ReadsGb18030WithoutBeingTold) {
  const auto got = read_bytes("\xD0\xD5\xC3\xFB,x\n\xD5\xC5\xC8\xFD,\x95\x34\xB2\x35\n");
  ASSERT_FALSE(got.failed) << got.error.text();
  EXPECT_EQ(got.columns[0], "姓名");
  EXPECT_EQ(got.rows, (Rows{{"张三", "𠮷"}}));
  EXPECT_EQ(got.description, "delimited by comma, GB18030");
}

TEST(TextInput, DelimitersWithinGb18030CharactersCutNothing) {
  ReadOptions options;
  options.delimiter = '|';
  const auto got = read_bytes("\xD0\xD5|b\n\x81\x7C\xC8\xFD|2\n", options);
  EXPECT_EQ(got.rows, (Rows{{"亅三", "2"}})) << "0x7C is the second byte of one character";
}

TEST(TextInput, FindsGb18030BehindALongStretchOfAscii) {
  std::string text = "a,b\n";
  while (text.size() < 200'000) text += "plain,ascii\n";
  for (const size_t block : {size_t{1000}, size_t{1} << 20}) {
    ReadOptions options;
    options.block_bytes = block;
    const auto got = read_bytes(text + "\xD5\xC5\xC8\xFD,\xB1\xB1\xBE\xA9\n", options);
    ASSERT_FALSE(got.failed) << got.error.text();
    EXPECT_EQ(got.rows.back(), (std::vector<std::string>{"张三", "北京"}));
    EXPECT_TRUE(got.rejects.empty());
  }
}

TEST(TextInput, ReadsUtf16WithItsMark) {
  for (const bool big : {false, true}) {
    for (const size_t block : {1, 2, 3, 1000}) {
      ReadOptions options;
      options.block_bytes = block;
      const auto got = read_bytes(utf16("姓名\tb\r\n张三\t\"é\t\"\r\n", big), options);
      ASSERT_FALSE(got.failed) << got.error.text();
      EXPECT_EQ(got.rows, (Rows{{"张三", "é"}}));
      EXPECT_EQ(got.description, big ? "delimited by tab, UTF-16BE" : "delimited by tab, UTF-16LE");
    }
  }
}

TEST(TextInput, RejectsHalfAUtf16Pair) {
  ReadOptions options;
  options.max_reject_share = 1;
  const auto got = read_bytes(utf16("a,b\n1,", false) + "\x00\xD8"s + utf16("\n3,4\n", false).substr(2), options);
  ASSERT_EQ(got.rejects.size(), 1U);
  EXPECT_EQ(got.rejects[0].reason, "a byte that is not valid UTF-16LE");
  EXPECT_EQ(got.rows, (Rows{{"3", "4"}}));
}

TEST(TextInput, RefusesUtf16WithoutItsMark) {
  const auto got = read_bytes(utf16("name,b\nx,2\n", false).substr(2));
  EXPECT_NE(got.error.message.find("UTF-16 without a byte order mark"), std::string::npos) << got.error.text();
}

TEST(TextInput, RefusesWesternCodePages) {
  const auto got = read_bytes("id,name\n1,Mu\xF1oz\n2,Jos\xE9\n3,Gar\xE7on\n4,M\xFCller\n");
  ASSERT_TRUE(got.failed);
  EXPECT_EQ(got.error.place.line, 2U);
  EXPECT_EQ(got.error.place.column, 5U);
  EXPECT_NE(got.error.hint.find("iconv -f LATIN1"), std::string::npos);
}

TEST(TextInput, TellsOfAWrongEncodingThatWasNamed) {
  ReadOptions utf8;
  utf8.encoding = Encoding::kUtf8;
  const std::string gb = "\xD0\xD5\xC3\xFB,x\n\xD5\xC5\xC8\xFD,1\n";
  const auto header = read_bytes(gb, utf8);
  EXPECT_EQ(header.error.place.line, 1U);
  EXPECT_NE(header.error.hint.find("gb18030"), std::string::npos) << header.error.text();
  const auto rows = read_bytes("name,x\n\xD5\xC5\xC8\xFD,1\n", utf8);
  EXPECT_NE(rows.error.hint.find("gb18030"), std::string::npos) << rows.error.text();
  ReadOptions gb18030;
  gb18030.encoding = Encoding::kGb18030;
  EXPECT_NE(read_bytes("姓名,住址\n王伟,上海市浦东\n", gb18030).error.message.find("is UTF-8"), std::string::npos);
  ReadOptions wide;
  wide.encoding = Encoding::kUtf16;
  EXPECT_TRUE(read_bytes("a,b\n", wide).failed);
}

TEST(TextInput, NamesBinaryFilesAndTheWayOut) {
  const std::pair<std::string, std::string> files[] = {
      {"PK\x03\x04rest", "xlsx"},
      {"\x1F\x8B\x08rest", "gzip"},
      {"\xD0\xCF\x11\xE0rest", "xls"},
      {"SQLite format 3\0"s, "SQLite"},
      {"%PDF-1.7", "PDF"},
      {"\x28\xB5\x2F\xFDrest", "zstd"},
      {std::string(100, '\0'), "binary"},
      {"\xFD"
       "7zXZ\0"s,
       "xz"},
  };
  for (const auto& [bytes, word] : files) {
    const auto got = read_bytes(bytes);
    ASSERT_TRUE(got.failed) << word;
    EXPECT_EQ(got.error.code, ErrorCode::kInput);
    EXPECT_NE(got.error.message.find(word), std::string::npos) << got.error.text();
    EXPECT_FALSE(got.error.hint.empty());
  }
}

TEST(TextInput, NamesMissingFilesAndDirectories) {
  const TestDir dir;
  dir.write("residents.csv", "a\n");
  const auto missing = drain(Reader::open(dir.path("resident.csv")));
  EXPECT_EQ(missing.error.code, ErrorCode::kNotFound);
  EXPECT_NE(missing.error.hint.find("\"residents.csv\""), std::string::npos) << missing.error.text();
  const auto nowhere = drain(Reader::open(dir.path("no/such/dir.csv")));
  EXPECT_NE(nowhere.error.hint.find("does not exist either"), std::string::npos) << nowhere.error.text();
  std::filesystem::create_directory(dir.path("folder.csv"));
  EXPECT_NE(drain(Reader::open(dir.path("folder.csv"))).error.message.find("directory"), std::string::npos);
}

TEST(TextInput, CountsBytes) {
  const TestDir dir;
  const auto path = dir.write("t.csv", "a,b\n1,2\n");
  auto reader = Reader::open(path);
  ASSERT_TRUE(reader);
  EXPECT_EQ((*reader)->bytes_total(), 8U);
  Batch batch;
  while (*(*reader)->next(batch)) {
  }
  EXPECT_EQ((*reader)->bytes_done(), 8U);
}

TEST(TextInput, ReadsPipes) {
  const TestDir dir;
  const auto path = dir.path("pipe");
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::thread writer([&] { std::ofstream(path) << "a,b\n1,2\n"; });
  const auto got = drain(Reader::open(path));
  writer.join();
  EXPECT_EQ(got.rows, (Rows{{"1", "2"}}));
}

}  // namespace
}  // namespace zhili::table
