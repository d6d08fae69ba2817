#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "table/reader.hpp"

namespace zhili::table {

struct WriteOptions {
  Encoding encoding = Encoding::kUtf8;  ///< kUtf8 or kGb18030.
  char delimiter = ',';
  bool bom = false;            ///< Spreadsheet programs need it to see that a file is UTF-8. Only with kUtf8.
  std::string newline = "\n";  ///< "\n", "\r\n" or "\r".
};

/// Writes a delimited text table. The bytes go to a temporary sibling of the path, which finish() puts in place; a
/// writer destroyed before that removes it and leaves an earlier file as it was. Does not force the disk to flush:
/// OutputDir does so for a whole result. Not thread-safe.
class CsvWriter {
 public:
  /// Fails when the file can't be made, or the options contradict each other.
  static Result<CsvWriter> create(const std::filesystem::path& path, const std::vector<std::string>& columns,
                                  const WriteOptions& options = {});
  CsvWriter(CsvWriter&& other) noexcept;
  CsvWriter& operator=(CsvWriter&&) = delete;
  CsvWriter(const CsvWriter&) = delete;
  CsvWriter& operator=(const CsvWriter&) = delete;
  ~CsvWriter();

  /// Writes one row of as many UTF-8 cells as there are columns. A cell is quoted where its reader would not get the
  /// same text back. After an error every call gives an error.
  Status append(std::span<const std::string_view> cells);
  Status append(std::initializer_list<std::string_view> cells) {
    return append(std::span<const std::string_view>(cells.begin(), cells.size()));
  }
  /// Writes what is left and puts the file in place. Only after it succeeds does the file exist.
  Status finish();

  uint64_t rows() const { return rows_; }
  uint64_t bytes() const { return bytes_ + used_; }

 private:
  CsvWriter(std::filesystem::path path, std::filesystem::path temporary, int fd, size_t columns, WriteOptions options);
  Status flush();
  Status reserve(size_t bytes);
  bool put(std::string_view cell);
  void discard();

  std::filesystem::path path_;
  std::filesystem::path temporary_;  // Empty when the target is no regular file and is written directly.
  int fd_ = -1;
  size_t columns_ = 0;
  WriteOptions options_;
  std::vector<char> buffer_;
  size_t used_ = 0;  // Of buffer_.
  uint64_t rows_ = 0;
  uint64_t bytes_ = 0;
  bool failed_ = false;
};

}  // namespace zhili::table
