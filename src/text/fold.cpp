#include "text/fold.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "text/utf8.hpp"

namespace zhili::text {
namespace {

struct FoldAstral {
  uint32_t code;
  uint16_t expansion;
};

#include "text/fold_data.inc"

constexpr uint16_t kSame = 0;
constexpr uint16_t kSpace = 1;
constexpr uint16_t kDrop = 2;
constexpr uint16_t kFirstExpansion = 0xE000;

// No character folds to more than four times its bytes (a test holds it), nor does an invalid byte.
constexpr size_t kGrowth = 4;
constexpr size_t kStackBytes = 256;

constexpr std::array<char, 128> kAscii = [] {
  std::array<char, 128> table{};
  for (int c = 0; c < 128; ++c) {
    const bool upper = c >= 'A' && c <= 'Z';
    table[static_cast<size_t>(c)] = static_cast<char>(c < 0x20 || c == 0x7F ? ' ' : upper ? c + 32 : c);
  }
  // A grave accent stands for an apostrophe, as its spacing kin do.
  table['`'] = '\'';
  return table;
}();

class Writer {
 public:
  explicit Writer(char* out) : begin_(out), out_(out) {}

  void space() { pending_ = out_ != begin_; }
  void put(char c) {
    flush();
    *out_++ = c;
  }
  void put(const char* p, size_t n) {
    flush();
    std::memcpy(out_, p, n);
    out_ += n;
  }
  void put_char(char32_t c) {
    flush();
    if (c >= 0x800) {
      *out_++ = static_cast<char>(0xE0 | (c >> 12));
      *out_++ = static_cast<char>(0x80 | ((c >> 6) & 0x3F));
      *out_++ = static_cast<char>(0x80 | (c & 0x3F));
    } else if (c >= 0x80) {
      *out_++ = static_cast<char>(0xC0 | (c >> 6));
      *out_++ = static_cast<char>(0x80 | (c & 0x3F));
    } else {
      *out_++ = static_cast<char>(c);
    }
  }
  size_t size() const { return static_cast<size_t>(out_ - begin_); }

 private:
  void flush() {
    if (pending_) {
      *out_++ = ' ';
      pending_ = false;
    }
  }

  char* begin_;
  char* out_;
  bool pending_ = false;
};

void put_expansion(Writer& writer, std::string_view text) {
  for (const char c : text) {
    if (c == ' ') {
      writer.space();
    } else {
      writer.put(c);
    }
  }
}

void fold_wide(Writer& writer, char32_t c, const char* start, const char* end) {
  if (c < 0x10000) [[likely]] {
    const uint16_t to = kFoldPages[kFoldIndex[c >> 8]][c & 0xFF];
    if (to == kSame) {
      if (c == kReplacement) {
        writer.put("\xEF\xBF\xBD", 3);  // what stood here may have been ill-formed
      } else {
        writer.put(start, static_cast<size_t>(end - start));
      }
    } else if (to == kSpace) {
      writer.space();
    } else if (to >= kFirstExpansion && to < kFirstExpansion + std::size(kFoldExpansions)) {
      put_expansion(writer, kFoldExpansions[to - kFirstExpansion]);
    } else if (to != kDrop) {
      writer.put_char(to);
    }
    return;
  }
  const auto* const found = std::ranges::lower_bound(kFoldAstral, static_cast<uint32_t>(c), {}, &FoldAstral::code);
  if (found != std::end(kFoldAstral) && found->code == c) {
    put_expansion(writer, kFoldExpansions[found->expansion]);
  } else {
    writer.put(start, static_cast<size_t>(end - start));
  }
}

/// Writes at most kGrowth * bytes.size() bytes and returns their number.
size_t fold_raw(std::string_view bytes, char* out) {
  Writer writer(out);
  const char* p = bytes.data();
  const char* const end = p + bytes.size();
  while (p < end) {
    const auto byte = static_cast<unsigned char>(*p);
    if (byte < 0x80) {
      const char c = kAscii[byte];
      if (c == ' ') {
        writer.space();
      } else {
        writer.put(c);
      }
      ++p;
    } else {
      const char* const start = p;
      const char32_t c = detail::decode_multibyte(p, end);
      fold_wide(writer, c, start, p);
    }
  }
  return writer.size();
}

}  // namespace

void fold_into(std::string_view bytes, std::string& out) {
  if (bytes.size() * kGrowth <= kStackBytes) {
    char buffer[kStackBytes];
    out.assign(buffer, fold_raw(bytes, buffer));
    return;
  }
  out.resize(bytes.size() * kGrowth);
  out.resize(fold_raw(bytes, out.data()));
}

std::string fold(std::string_view bytes) {
  std::string out;
  fold_into(bytes, out);
  return out;
}

}  // namespace zhili::text
