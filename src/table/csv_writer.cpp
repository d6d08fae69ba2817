#include "table/csv_writer.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "table/blanks.hpp"
#include "table/encoding.hpp"

namespace zhili::table {
namespace fs = std::filesystem;
namespace {

constexpr size_t kBufferBytes = size_t{256} << 10;

std::unexpected<Error> write_error(const fs::path& path, std::string_view what, int error) {
  std::string hint;
  if (error == ENOSPC || error == EDQUOT) hint = "Free some space on this disk, or choose another directory.";
  if (error == EACCES || error == EROFS) hint = "Check the permissions, or choose another directory.";
  if (error == ENOENT) hint = "Create the directory first, or choose another one.";
  if (error == EFBIG) hint = "Raise the limit on file sizes, or choose another disk.";
  return fail(ErrorCode::kIo, {path.string(), 0, 0}, hint, "{}: {}", what, std::strerror(error));
}

// Copies without a call for the short cells that tables are made of.
void copy_cell(std::string_view cell, char* to) {
  const size_t size = cell.size();
  const char* const from = cell.data();
  if (size > 16) {
    std::memcpy(to, from, size);
  } else if (size >= 8) {
    uint64_t head = 0;
    uint64_t tail = 0;
    std::memcpy(&head, from, 8);
    std::memcpy(&tail, from + size - 8, 8);
    std::memcpy(to, &head, 8);
    std::memcpy(to + size - 8, &tail, 8);
  } else {
    for (size_t i = 0; i < size; ++i) to[i] = from[i];
  }
}

// Whether a reader needs quotes around this text to get it back. The text has 16 readable bytes behind it.
bool needs_quotes(std::string_view cell, char delimiter) {
  if (cell.empty()) return false;
  if (kBlankEdge[static_cast<uint8_t>(cell.front())] || kBlankEdge[static_cast<uint8_t>(cell.back())]) {
    if (trim_blanks(cell).size() != cell.size()) return true;
  }
#if defined(__SSE2__)
  for (size_t at = 0; at < cell.size(); at += 16) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(cell.data() + at));
    const __m128i ends = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\n')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\r')));
    const __m128i cuts =
        _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8(delimiter)));
    auto hits = static_cast<uint32_t>(_mm_movemask_epi8(_mm_or_si128(ends, cuts)));
    if (cell.size() - at < 16) hits &= (1U << (cell.size() - at)) - 1;
    if (hits != 0) return true;
  }
  return false;
#else
  return std::any_of(cell.begin(), cell.end(),
                     [&](char c) { return c == delimiter || c == '"' || c == '\n' || c == '\r'; });
#endif
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
  if (options.bom && options.encoding == Encoding::kUtf8) {
    std::memcpy(writer.buffer_.data(), "\xEF\xBB\xBF", 3);
    writer.used_ = 3;
  }
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

// Makes room in the buffer, which grows only for a row larger than itself.
Status CsvWriter::reserve(size_t bytes) {
  ZHILI_TRY(flush());
  if (buffer_.size() < bytes) buffer_.resize(bytes);
  return {};
}

// False when the cell is no UTF-8. The caller has reserved room for thrice the cell and some bytes. A plain bool, since
// a Status has 150 bytes to clear, for each cell.
bool CsvWriter::put(std::string_view cell) {
  char* out = buffer_.data() + used_;
  size_t size = cell.size();
  copy_cell(cell, out);
  const bool quoted = needs_quotes({out, size}, options_.delimiter) || (columns_ == 1 && size == 0);
  if (quoted) {
    *out++ = '"';
    ++used_;
  }
  if (options_.encoding == Encoding::kGb18030) {
    size = encode_gb18030(cell, out);
    if (size == kNotUtf8) return false;
  } else if (quoted && size > 0) {
    std::memcpy(out, cell.data(), size);
  }
  if (quoted) {
    // No second byte of GB18030 is a quote (0x22): doubling goes by bytes.
    const auto quotes = static_cast<size_t>(std::count(out, out + size, '"'));
    char* from = out + size;
    char* to = from + quotes;
    while (from != to) {
      *--to = *--from;
      if (*from == '"') *--to = '"';
    }
    size += quotes;
    out[size++] = '"';
  }
  used_ += size;
  return true;
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
  size_t most = 4 * cells.size() + 32;
  for (const auto& cell : cells) most += 3 * cell.size();
  if (buffer_.size() - used_ < most) ZHILI_TRY(reserve(most));
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) buffer_[used_++] = options_.delimiter;
    if (put(cells[i])) continue;
    failed_ = true;
    return fail(ErrorCode::kInternal, {path_.string(), rows_ + 2, 0}, "",
                "cell {} of a row to be written is not valid UTF-8", i + 1);
  }
  for (const char c : options_.newline) buffer_[used_++] = c;
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
