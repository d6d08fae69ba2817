#include "table/csv_writer.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "table/blanks.hpp"
#include "table/encoding.hpp"

namespace zhili::table {
namespace fs = std::filesystem;
namespace {

constexpr size_t kBufferBytes = size_t{1} << 20;

std::unexpected<Error> write_error(const fs::path& path, std::string_view what, int error) {
  std::string hint;
  if (error == ENOSPC || error == EDQUOT) hint = "Free some space on this disk, or choose another directory.";
  if (error == EACCES || error == EROFS) hint = "Check the permissions, or choose another directory.";
  if (error == ENOENT) hint = "Create the directory first, or choose another one.";
  if (error == EFBIG) hint = "Raise the limit on file sizes, or choose another disk.";
  return fail(ErrorCode::kIo, {path.string(), 0, 0}, hint, "{}: {}", what, std::strerror(error));
}

// Whether a reader would get this text back without quotes.
bool needs_quotes(std::string_view cell, char delimiter) {
  if (cell.empty()) return false;
  if (trim_blanks(cell).size() != cell.size()) return true;
  return std::any_of(cell.begin(), cell.end(),
                     [&](char c) { return c == delimiter || c == '"' || c == '\n' || c == '\r'; });
}

}  // namespace

Result<CsvWriter> CsvWriter::create(const fs::path& path, const std::vector<std::string>& columns,
                                    const WriteOptions& options) {
  const Place place{path.string(), 0, 0};
  if (columns.empty()) return fail(ErrorCode::kUsage, place, "Name at least one column.", "a table needs columns");
  if (options.encoding != Encoding::kUtf8 && options.encoding != Encoding::kGb18030) {
    return fail(ErrorCode::kUsage, place, "Take UTF-8 or GB18030.", "tables are written in UTF-8 or GB18030");
  }
  const auto code = static_cast<unsigned char>(options.delimiter);
  if (code == 0 || code >= 0x80 || options.delimiter == '"' || options.delimiter == '\n' || options.delimiter == '\r') {
    return fail(ErrorCode::kUsage, place, "Take one ASCII character, such as a comma.", "the delimiter will not do");
  }
  if (options.newline != "\n" && options.newline != "\r\n" && options.newline != "\r") {
    return fail(ErrorCode::kUsage, place, "Take LF, CRLF or CR.", "the line end will not do");
  }
  // A device or pipe can't be replaced by rename: it is written directly.
  struct stat info{};
  const bool direct = ::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode);
  static std::atomic<unsigned> serial{0};
  fs::path temporary;
  if (!direct) {
    temporary =
        path.parent_path() / fmt::format(".{}.tmp-{}-{}", path.filename().string(), ::getpid(), serial.fetch_add(1));
  }
  const int fd = ::open(direct ? path.c_str() : temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return write_error(path, "cannot create", errno);
  CsvWriter writer(path, std::move(temporary), fd, columns.size(), options);
  if (options.bom && options.encoding == Encoding::kUtf8) ZHILI_TRY(writer.put_raw("\xEF\xBB\xBF"));
  const std::vector<std::string_view> header(columns.begin(), columns.end());
  ZHILI_TRY(writer.append(header));
  writer.rows_ = 0;
  return writer;
}

CsvWriter::CsvWriter(fs::path path, fs::path temporary, int fd, size_t columns, WriteOptions options)
    : path_(std::move(path)),
      temporary_(std::move(temporary)),
      fd_(fd),
      columns_(columns),
      options_(std::move(options)),
      buffer_(kBufferBytes) {}

CsvWriter::CsvWriter(CsvWriter&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      fd_(std::exchange(other.fd_, -1)),
      columns_(other.columns_),
      options_(std::move(other.options_)),
      buffer_(std::move(other.buffer_)),
      used_(other.used_),
      encoded_(std::move(other.encoded_)),
      rows_(other.rows_),
      bytes_(other.bytes_),
      failed_(other.failed_) {}

CsvWriter::~CsvWriter() { discard(); }

void CsvWriter::discard() {
  if (fd_ < 0) return;
  ::close(std::exchange(fd_, -1));
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Status CsvWriter::flush() {
  const char* from = buffer_.data();
  size_t left = used_;
  while (left > 0) {
    const ssize_t written = ::write(fd_, from, left);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      failed_ = true;
      return write_error(path_, "cannot write", written < 0 ? errno : ENOSPC);
    }
    from += written;
    left -= static_cast<size_t>(written);
    bytes_ += static_cast<uint64_t>(written);
  }
  used_ = 0;
  return {};
}

Status CsvWriter::put_raw(std::string_view bytes) {
  while (!bytes.empty()) {
    if (used_ == buffer_.size()) ZHILI_TRY(flush());
    const size_t part = std::min(bytes.size(), buffer_.size() - used_);
    std::memcpy(buffer_.data() + used_, bytes.data(), part);
    used_ += part;
    bytes.remove_prefix(part);
  }
  return {};
}

Status CsvWriter::put(std::string_view cell, bool alone) {
  const bool quoted = needs_quotes(cell, options_.delimiter) || (alone && cell.empty());
  if (options_.encoding == Encoding::kGb18030) {
    encoded_.clear();
    if (!append_gb18030(cell, encoded_)) {
      failed_ = true;
      return fail(ErrorCode::kInternal, {path_.string(), rows_ + 1, 0}, "", "a cell to be written is not valid UTF-8");
    }
    cell = encoded_;
  }
  if (!quoted) return put_raw(cell);
  ZHILI_TRY(put_raw("\""));
  // Doubling goes by bytes: no trail byte of GB18030 is a quote (0x22).
  while (!cell.empty()) {
    const size_t quote = cell.find('"');
    const size_t part = quote == std::string_view::npos ? cell.size() : quote + 1;
    ZHILI_TRY(put_raw(cell.substr(0, part)));
    if (quote != std::string_view::npos) ZHILI_TRY(put_raw("\""));
    cell.remove_prefix(part);
  }
  return put_raw("\"");
}

Status CsvWriter::append(std::span<const std::string_view> cells) {
  if (failed_ || fd_ < 0) {
    return fail(ErrorCode::kIo, {path_.string(), 0, 0}, "", "writing failed before, or was finished");
  }
  if (cells.size() != columns_) {
    failed_ = true;
    return fail(ErrorCode::kInternal, {path_.string(), 0, 0}, "", "a row of {} cells for {} columns", cells.size(),
                columns_);
  }
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) ZHILI_TRY(put_raw({&options_.delimiter, 1}));
    ZHILI_TRY(put(cells[i], columns_ == 1));
  }
  ZHILI_TRY(put_raw(options_.newline));
  ++rows_;
  return {};
}

Status CsvWriter::finish() {
  if (failed_ || fd_ < 0) {
    return fail(ErrorCode::kIo, {path_.string(), 0, 0}, "", "writing failed before, or was finished");
  }
  ZHILI_TRY(flush());
  const int closed = ::close(std::exchange(fd_, -1));
  const int error = errno;
  if (closed != 0) {
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
    return write_error(path_, "cannot write", error);
  }
  if (!temporary_.empty() && ::rename(temporary_.c_str(), path_.c_str()) != 0) {
    const int rename_error = errno;
    ::unlink(temporary_.c_str());
    return write_error(path_, "cannot put the file in place", rename_error);
  }
  return {};
}

}  // namespace zhili::table
