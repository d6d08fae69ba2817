#include "table/text_input.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "table/nearest.hpp"

namespace zhili::table {
namespace fs = std::filesystem;
namespace {

constexpr size_t kManyNuls = 32;
constexpr size_t kMostNeighbours = 10'000;  // Files looked at for a hint.

std::string neighbour_hint(const fs::path& path) {
  std::error_code ec;
  const fs::path dir = path.has_parent_path() ? path.parent_path() : fs::path(".");
  if (!fs::is_directory(dir, ec)) return fmt::format("The directory {} does not exist either.", dir.string());
  std::vector<std::string> names;
  for (fs::directory_iterator it(dir, ec), end; !ec && it != end && names.size() < kMostNeighbours; it.increment(ec)) {
    names.push_back(it->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  const auto nearest = nearest_names(path.filename().string(), names);
  if (nearest.empty()) return "Check the path.";
  return fmt::format("Did you mean {} in {}?", quoted_list(nearest), dir.string());
}

std::unexpected<Error> open_error(const fs::path& path, int error) {
  const Place place{path.string(), 0, 0};
  if (error == ENOENT || error == ENOTDIR) {
    return fail(ErrorCode::kNotFound, place, neighbour_hint(path), "no such file");
  }
  return fail(ErrorCode::kIo, place, error == EACCES ? "Check the file's permissions." : "", "cannot open: {}",
              std::strerror(error));
}

// A text file without a byte order mark that holds many NUL bytes, one in two, is UTF-16.
bool looks_like_bare_utf16(std::string_view sample) {
  size_t even = 0;
  size_t odd = 0;
  for (size_t i = 0; i < sample.size(); ++i) {
    if (sample[i] == '\0') ++(i % 2 == 0 ? even : odd);
  }
  return sample.size() >= 4 && std::max(even, odd) * 4 > sample.size() && std::min(even, odd) * 8 < std::max(even, odd);
}

// `head` is the file's beginning, or empty where the place is not known.
std::unexpected<Error> other_charset(const std::string& name, std::string_view head) {
  Place place{name, 0, 0};
  const auto high = std::find_if(head.begin(), head.end(), [](char c) { return static_cast<uint8_t>(c) >= 0x80; });
  if (high != head.end()) {
    const std::string_view before = head.substr(0, static_cast<size_t>(high - head.begin()));
    const size_t newline = before.rfind('\n');
    place.line = 1 + static_cast<uint64_t>(std::count(before.begin(), before.end(), '\n'));
    place.column = newline == std::string_view::npos ? before.size() + 1 : before.size() - newline;
  }
  return fail(
      ErrorCode::kInput, place,
      "Convert it, e.g.: iconv -f LATIN1 -t UTF-8 FILE > NEW. If single bytes only are broken, name the encoding: "
      "rows with such bytes are then rejected.",
      "is neither UTF-8 nor GB18030 text; the first byte over 0x7F stands here");
}

Status check_text(std::string_view head, const std::string& name) {
  const auto binary = binary_kind(head);
  if (!binary.kind.empty()) {
    return fail(ErrorCode::kInput, {name, 0, 0}, std::string(binary.way_out), "is {}, not a text table", binary.kind);
  }
  if (looks_like_bare_utf16(head)) {
    return fail(ErrorCode::kInput, {name, 0, 0}, "Convert it: iconv -f UTF-16LE -t UTF-8 FILE > NEW.",
                "looks like UTF-16 without a byte order mark");
  }
  const auto nuls = static_cast<size_t>(std::count(head.begin(), head.end(), '\0'));
  if (nuls >= kManyNuls && nuls * 10 > head.size()) {
    return fail(ErrorCode::kInput, {name, 0, 0}, "Export the table as CSV in UTF-8, and name that file.",
                "is a binary file, not a text table ({} of the first {} bytes are NUL)", nuls, head.size());
  }
  return {};
}

}  // namespace

BinaryKind binary_kind(std::string_view head) {
  struct Magic {
    std::string_view bytes;
    BinaryKind kind;
  };
  using std::string_view_literals::operator""sv;
  static constexpr std::string_view kSheet = "Open it in a spreadsheet program and save it as \"CSV UTF-8\".";
  static constexpr Magic kMagics[] = {
      {"PK\x03\x04"sv,
       {"a ZIP archive or an Excel workbook (xlsx)",
        "Open it in a spreadsheet program and save it as \"CSV UTF-8\"; if it is a ZIP archive, unpack it first."}},
      {"\x1F\x8B"sv, {"compressed by gzip", "Unpack it first: gzip -dk FILE."}},
      {"\xFD"
       "7zXZ"sv,
       {"compressed by xz", "Unpack it first: xz -dk FILE."}},
      {"\x28\xB5\x2F\xFD"sv, {"compressed by zstd", "Unpack it first: zstd -d FILE."}},
      {"BZh"sv, {"compressed by bzip2", "Unpack it first: bzip2 -dk FILE."}},
      {"7z\xBC\xAF\x27\x1C"sv, {"a 7z archive", "Unpack it first."}},
      {"Rar!"sv, {"a RAR archive", "Unpack it first."}},
      {"\xD0\xCF\x11\xE0"sv, {"an old Excel workbook (xls)", kSheet}},
      {"PAR1"sv, {"a Parquet file", "Name its format parquet, or let its name end in .parquet."}},
      {"SQLite format 3"sv, {"an SQLite database", "Export the table as CSV."}},
      {"%PDF"sv, {"a PDF document", "Ask for the table as CSV or as a spreadsheet."}},
      {"\x7F"
       "ELF"sv,
       {"a program", "Check the path."}},
  };
  for (const auto& magic : kMagics) {
    if (head.starts_with(magic.bytes)) return magic.kind;
  }
  return {};
}

// ---- ByteInput

Result<ByteInput> ByteInput::open(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return open_error(path, errno);
  ByteInput input(path.string());
  input.fd_ = fd;
  struct stat info{};
  if (::fstat(fd, &info) != 0) return open_error(path, errno);
  if (S_ISDIR(info.st_mode)) {
    return fail(ErrorCode::kInput, {path.string(), 0, 0}, "Name the files in it one by one.",
                "is a directory, not a file");
  }
  if (S_ISREG(info.st_mode)) input.total_ = static_cast<uint64_t>(info.st_size);
  (void)::posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  return input;
}

ByteInput ByteInput::from_bytes(std::string name, std::string bytes) {
  ByteInput input(std::move(name));
  input.total_ = bytes.size();
  input.ahead_ = std::move(bytes);
  return input;
}

ByteInput ByteInput::from_source(std::string name, uint64_t total, ByteSource source) {
  ByteInput input(std::move(name));
  input.total_ = total;
  input.source_ = std::move(source);
  return input;
}

ByteInput::ByteInput(ByteInput&& other) noexcept
    : name_(std::move(other.name_)),
      fd_(std::exchange(other.fd_, -1)),
      source_(std::move(other.source_)),
      ahead_(std::move(other.ahead_)),
      taken_(other.taken_),
      total_(other.total_),
      done_(other.done_) {}

ByteInput::~ByteInput() {
  if (fd_ >= 0) ::close(fd_);
}

Result<size_t> ByteInput::read_file(char* to, size_t size) {
  if (source_) return source_(to, size);
  if (fd_ < 0) return size_t{0};
  for (;;) {
    const ssize_t got = ::read(fd_, to, size);
    if (got >= 0) return static_cast<size_t>(got);
    if (errno != EINTR) {
      return fail(ErrorCode::kIo, {name_, 0, 0}, "Check the disk or the network share.",
                  "cannot read on after {} bytes: {}", done_, std::strerror(errno));
    }
  }
}

Result<std::string_view> ByteInput::peek(size_t size) {
  ahead_.erase(0, taken_);
  taken_ = 0;
  while (ahead_.size() < size && (fd_ >= 0 || source_)) {
    const size_t before = ahead_.size();
    ahead_.resize(size);
    auto got = read_file(ahead_.data() + before, size - before);
    ahead_.resize(before + (got ? *got : 0));
    ZHILI_TRY(got);
    if (*got == 0) break;
  }
  return std::string_view(ahead_).substr(0, size);
}

Result<size_t> ByteInput::read(char* to, size_t size) {
  size_t got = std::min(size, ahead_.size() - taken_);
  if (got > 0) {
    std::memcpy(to, ahead_.data() + taken_, got);
    taken_ += got;
  } else {
    ZHILI_ASSIGN(got, read_file(to, size));
  }
  done_ += got;
  return got;
}

// ---- TextInput

Result<TextInput> TextInput::create(ByteInput input, Encoding encoding) {
  ZHILI_ASSIGN(const std::string_view head, input.peek(kSampleBytes));
  const bool has_utf8_mark = head.starts_with("\xEF\xBB\xBF");
  const bool has_le_mark = head.starts_with("\xFF\xFE");
  const bool has_be_mark = head.starts_with("\xFE\xFF");
  const bool has_gb_mark = head.starts_with("\x84\x31\x95\x33");
  const bool marked = has_utf8_mark || has_le_mark || has_be_mark || has_gb_mark;
  const auto take = [&](size_t bytes) {
    char mark[4];
    return input.read(mark, bytes);
  };
  if ((has_le_mark || has_be_mark) && (encoding == Encoding::kAuto || encoding == Encoding::kUtf16)) {
    ZHILI_TRY(take(2));
    return TextInput(std::move(input), has_le_mark ? Charset::kUtf16Le : Charset::kUtf16Be, true);
  }
  if (encoding == Encoding::kUtf16) {
    return fail(ErrorCode::kInput, {input.name(), 0, 0}, "Convert it to UTF-8: iconv -f UTF-16LE -t UTF-8 FILE > NEW.",
                "is not UTF-16 with a byte order mark");
  }
  ZHILI_TRY(check_text(head, input.name()));
  const bool gb = encoding == Encoding::kGb18030 || (encoding == Encoding::kAuto && has_gb_mark);
  if (encoding == Encoding::kGb18030 && is_surely_utf8(head)) {
    return fail(ErrorCode::kInput, {input.name(), 1, 0}, "Name its encoding utf-8, or name none.",
                "was to be read as GB18030, but is UTF-8");
  }
  TextInput text(std::move(input), gb ? Charset::kGb18030 : Charset::kUtf8, encoding != Encoding::kAuto || marked);
  if (!text.settled_) {
    ZHILI_ASSIGN(const std::string_view again, text.input_.peek(kSampleBytes));  // `head` did not survive the move.
    ZHILI_TRY(text.settle(again, true));
  }
  char mark[4];
  if (has_utf8_mark) ZHILI_TRY(text.input_.read(mark, 3));
  if (has_gb_mark && gb) ZHILI_TRY(text.input_.read(mark, 4));
  return text;
}

Status TextInput::settle(std::string_view block, bool head) {
  switch (guess_charset(block)) {
    case Guess::kAscii:
      return {};
    case Guess::kUtf8:
      break;
    case Guess::kGb18030:
      charset_ = Charset::kGb18030;
      break;
    case Guess::kOther:
      return other_charset(input_.name(), head ? block : std::string_view());
  }
  settled_ = true;
  return {};
}

Result<size_t> TextInput::read(TextBuffer& buffer, size_t size, size_t want) {
  want = std::max<size_t>(want, 1);
  if (charset_ == Charset::kUtf8) {
    buffer.reserve(size + want);
    ZHILI_ASSIGN(const size_t got, input_.read(buffer.data() + size, want));
    const std::string_view block(buffer.data() + size, got);
    if (settled_ || is_ascii(block)) return got;
    ZHILI_ASSIGN(const std::string_view ahead, input_.peek(kSampleBytes));
    ZHILI_TRY(settle(std::string(block).append(ahead), false));
    if (charset_ == Charset::kUtf8) return got;
    raw_.assign(block);  // The block turned out to be GB18030: decode it after all.
  }
  for (;;) {
    const size_t before = raw_.size();
    raw_.resize(before + want);
    auto got = input_.read(raw_.data() + before, want);
    raw_.resize(before + (got ? *got : 0));
    ZHILI_TRY(got);
    const bool at_end = *got == 0;
    buffer.reserve(size + decoded_bound(raw_.size()));
    size_t used = 0;
    const size_t written = decode(charset_, raw_, at_end, buffer.data() + size, used);
    raw_.erase(0, used);
    if (written > 0 || at_end) return written;
  }
}

Result<std::string> TextInput::sample(size_t bytes, bool& whole) {
  ZHILI_ASSIGN(const std::string_view head, input_.peek(bytes));
  whole = head.size() < bytes;
  std::string text(decoded_bound(head.size()), '\0');
  size_t used = 0;
  text.resize(decode(charset_, head, whole, text.data(), used));
  return text;
}

}  // namespace zhili::table
