#include <fstream>
#include <iterator>

#include "base/random.hpp"
#include "table/csv_writer.hpp"
#include "table/test_files.hpp"

namespace zhili::table {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::string random_cell(Random& random) {
  static const std::vector<std::string> pieces = {",",  "\t", ";",    "|",  "\"", "\"\"", "\n",  "\r", "\r\n",
                                                  " ",  "a",  "b",    "张", "伟", "㐀",   "𠮷",  "é",  "0",
                                                  "\\", "'",  "\x01", "　", "€",  "王",   "x\"y"};
  std::string cell;
  const uint64_t length = random.chance(0.3) ? 0 : random.below(random.chance(0.05) ? 300 : 6);
  for (uint64_t i = 0; i < length; ++i) cell += random.pick(pieces);
  return cell;
}

std::string trimmed(std::string text) {
  const std::vector<std::string> blanks = {" ", "\t", "\r", "\n", "　", "\u00A0"};
  for (bool again = true; again;) {
    again = false;
    for (const auto& blank : blanks) {
      if (text.starts_with(blank)) text.erase(0, blank.size()), again = true;
      if (text.ends_with(blank)) text.erase(text.size() - blank.size()), again = true;
    }
  }
  return text;
}

struct Shape {
  WriteOptions write;
  size_t block_bytes;
};

void check_round_trip(const TestDir& dir, const Shape& shape, size_t columns, uint64_t seed) {
  Random random(seed);
  std::vector<std::string> names;
  names.reserve(columns);
  for (size_t c = 0; c < columns; ++c) names.push_back(fmt::format("列{}", c));
  auto writer = CsvWriter::create(dir.path("t.csv"), names, shape.write);
  ASSERT_TRUE(writer) << writer.error().text();
  Rows expected;
  for (size_t r = 0; r < 20; ++r) {
    std::vector<std::string> row;
    row.reserve(columns);
    for (size_t c = 0; c < columns; ++c) row.push_back(random_cell(random));
    const std::vector<std::string_view> views(row.begin(), row.end());
    ASSERT_TRUE(writer->append(views));
    for (auto& cell : row) cell = trimmed(cell);
    expected.push_back(row);
  }
  ASSERT_TRUE(writer->finish());
  ReadOptions options;
  options.delimiter = shape.write.delimiter;
  options.encoding = shape.write.encoding;
  options.block_bytes = shape.block_bytes;
  const auto got = drain(Reader::open(dir.path("t.csv"), options));
  ASSERT_FALSE(got.failed) << got.error.text();
  EXPECT_EQ(got.columns, names);
  EXPECT_EQ(got.rows, expected) << "seed " << seed << " block " << shape.block_bytes;
  EXPECT_TRUE(got.rejects.empty());
}

TEST(RoundTrip, EveryDelimiterEncodingNewlineAndBlockSize) {
  const TestDir dir;
  uint64_t seed = 1;
  for (const char delimiter : {',', '\t', ';', '|', '\x01'}) {
    for (const Encoding encoding : {Encoding::kUtf8, Encoding::kGb18030}) {
      for (const char* newline : {"\n", "\r\n", "\r"}) {
        for (const size_t block : {1, 2, 3, 5, 7, 16, 63, 64, 65, 1000, 1 << 18}) {
          for (const size_t columns : {1, 2, 3, 7}) {
            const Shape shape{{encoding, delimiter, encoding == Encoding::kUtf8 && block % 2 == 1, newline}, block};
            check_round_trip(dir, shape, columns, seed++);
            if (HasFailure()) return;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace zhili::table
