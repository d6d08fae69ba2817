#include "http/compress.hpp"

#include <algorithm>
#include <charconv>

#include <brotli/encode.h>
#include <zlib.h>

namespace zhili::http {
namespace {

// Answers are compressed while their client waits.
constexpr int kGzipLevel = 4;
constexpr int kBrotliQuality = 4;
constexpr int kBrotliWindow = 18;

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

bool is_refused(std::string_view parameters) {
  const size_t at = parameters.find("q=");
  if (at == std::string_view::npos) return false;
  const std::string_view text = trimmed(parameters.substr(at + 2));
  double quality = 1;
  std::from_chars(text.data(), text.data() + text.size(), quality);
  return quality <= 0;
}

std::optional<std::string> gzip(std::string_view text) {
  z_stream stream{};
  constexpr int kGzipWindow = 15 + 16;  // 16 asks for gzip's frame.
  if (::deflateInit2(&stream, kGzipLevel, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) return std::nullopt;
  std::string out(::deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));  // NOLINT: zlib reads it only.
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const bool done = ::deflate(&stream, Z_FINISH) == Z_STREAM_END;
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  return done ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<std::string> brotli(std::string_view text) {
  std::string out(::BrotliEncoderMaxCompressedSize(text.size()), '\0');
  size_t size = out.size();
  const auto done = ::BrotliEncoderCompress(kBrotliQuality, kBrotliWindow, BROTLI_MODE_TEXT, text.size(),
                                            reinterpret_cast<const uint8_t*>(text.data()), &size,
                                            reinterpret_cast<uint8_t*>(out.data()));
  if (done != BROTLI_TRUE) return std::nullopt;
  out.resize(size);
  return out;
}

}  // namespace

std::string_view name_of(Coding coding) {
  switch (coding) {
    case Coding::kGzip:
      return "gzip";
    case Coding::kBrotli:
      return "br";
    case Coding::kIdentity:
      break;
  }
  return {};
}

Coding choose_coding(std::string_view accept_encoding) {
  Coding best = Coding::kIdentity;
  while (!accept_encoding.empty()) {
    const size_t end = std::min(accept_encoding.find(','), accept_encoding.size());
    const std::string_view entry = accept_encoding.substr(0, end);
    accept_encoding.remove_prefix(std::min(end + 1, accept_encoding.size()));
    const size_t semicolon = std::min(entry.find(';'), entry.size());
    const std::string_view name = trimmed(entry.substr(0, semicolon));
    if (is_refused(entry.substr(semicolon))) continue;
    if (name == "br") return Coding::kBrotli;
    if (name == "gzip") best = Coding::kGzip;
  }
  return best;
}

bool is_compressible(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  return type.starts_with("text/") || type.ends_with("json") || type.ends_with("javascript") || type == "image/svg+xml";
}

std::optional<std::string> compress(std::string_view text, Coding coding) {
  auto out = coding == Coding::kGzip ? gzip(text) : coding == Coding::kBrotli ? brotli(text) : std::nullopt;
  if (out && out->size() >= text.size()) return std::nullopt;
  return out;
}

}  // namespace zhili::http
