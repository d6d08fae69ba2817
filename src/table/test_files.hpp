#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "table/reader.hpp"

namespace zhili::table {

/// A directory for one test, removed with what is in it.
class TestDir {
 public:
  TestDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "zhili-table-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TestDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TestDir(const TestDir&) = delete;
  TestDir& operator=(const TestDir&) = delete;

  std::filesystem::path path(const std::string& name) const { return path_ / name; }
  std::filesystem::path write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }

 private:
  std::filesystem::path path_;
};

/// A table read to its end, with all that was said on the way.
struct ReadResult {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
  std::vector<uint64_t> lines;
  std::vector<Reject> rejects;
  std::vector<std::string> notes;
  std::string description;
  Error error;
  bool failed = false;
};

inline ReadResult drain(Result<std::unique_ptr<Reader>> opened) {
  ReadResult result;
  const auto failed = [&](Error error) {
    result.failed = true;
    result.error = std::move(error);
    return result;
  };
  if (!opened) return failed(opened.error());
  Reader& reader = **opened;
  result.columns = reader.columns();
  result.description = reader.description();
  reader.on_reject([&](const Reject& reject) { result.rejects.push_back(reject); });
  Batch batch;
  for (;;) {
    auto more = reader.next(batch);
    if (!more) return failed(more.error());
    if (!*more) break;
    for (size_t r = 0; r < batch.rows(); ++r) {
      auto& row = result.rows.emplace_back();
      for (size_t c = 0; c < batch.columns(); ++c) row.emplace_back(batch.cell(c, r));
      result.lines.push_back(batch.line(r));
    }
  }
  result.notes = reader.notes();
  EXPECT_EQ(reader.rows_read(), result.rows.size());
  EXPECT_EQ(reader.rejected(), result.rejects.size());
  return result;
}

inline ReadResult read_bytes(std::string bytes, const ReadOptions& options = {}) {
  return drain(Reader::open_bytes("t.csv", std::move(bytes), options));
}

}  // namespace zhili::table
