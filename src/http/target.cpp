#include "http/target.hpp"

#include <algorithm>
#include <cstdint>

#include "base/limits.hpp"

namespace zhili::http {
namespace {

std::unexpected<Problem> bad_target(const char* zh, const char* en) {
  return std::unexpected(bad_request("bad-target", {zh, en}));
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Appends what `text` decodes to; false for a bad escape.
bool decode(std::string_view text, bool plus_is_blank, std::string& out) {
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_blank) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (i + 2 >= text.size()) return false;
      const int high = digit_of(text[i + 1]);
      const int low = digit_of(text[i + 2]);
      if (high < 0 || low < 0) return false;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return true;
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::expected<void, Problem> parse_path(std::string_view path, Target& out) {
  if (path.empty() || path.front() != '/') return bad_target("请求地址应以 / 开头", "The target does not begin with /");
  path.remove_prefix(1);
  while (!path.empty()) {
    const size_t slash = path.find('/');
    std::string segment;
    if (!decode(path.substr(0, slash), false, segment)) {
      return bad_target("请求地址中有错误的 % 编码", "The target has a bad escape");
    }
    const bool last = slash == std::string_view::npos;
    if (segment == "." || segment == ".." || (segment.empty() && !last)) {
      return bad_target("请求地址中不得有 .、.. 或 //", "The path has a segment . or .., or //");
    }
    if (segment.find_first_of("/\\") != std::string::npos || has_control(segment) || !is_utf8(segment)) {
      return bad_target("请求路径中有不允许的字符", "The path has a character that it may not have");
    }
    out.segments.push_back(std::move(segment));
    if (last) break;
    path.remove_prefix(slash + 1);
    if (path.empty()) {
      out.segments.emplace_back();
      break;
    }
  }
  return {};
}

std::expected<void, Problem> parse_query(std::string_view query, Target& out) {
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    if (out.query.size() >= limits::kQueryParameters) return bad_target("查询参数过多", "Too many query parameters");
    const size_t equals = std::min(pair.find('='), pair.size());
    std::string name;
    std::string value;
    if (!decode(pair.substr(0, equals), true, name) ||
        !decode(pair.substr(std::min(equals + 1, pair.size())), true, value)) {
      return bad_target("请求地址中有错误的 % 编码", "The target has a bad escape");
    }
    if (!is_utf8(name) || !is_utf8(value) || name.contains('\0') || value.contains('\0')) {
      return bad_target("查询参数不是有效的 UTF-8 文本", "A query parameter is not valid UTF-8 text");
    }
    out.query.emplace_back(std::move(name), std::move(value));
  }
  return {};
}

}  // namespace

std::string Target::path() const {
  std::string out;
  for (const std::string& segment : segments) {
    out += '/';
    out += segment;
  }
  return out.empty() ? "/" : out;
}

bool is_utf8(std::string_view text) {
  const auto* at = reinterpret_cast<const uint8_t*>(text.data());
  const auto* const end = at + text.size();
  while (at < end) {
    const uint8_t first = *at++;
    if (first < 0x80) continue;
    const int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    if (first < 0xc2 || first > 0xf4 || end - at < more) return false;
    const uint8_t second = *at;
    // The second byte's range shuts out overlong forms, surrogates and what lies above U+10FFFF.
    const uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    const uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (second < low || second > high) return false;
    for (int i = 1; i < more; ++i) {
      if ((at[i] & 0xc0) != 0x80) return false;
    }
    at += more;
  }
  return true;
}

std::expected<Target, Problem> parse_target(std::string_view target) {
  Target out;
  if (target.size() > limits::kTargetBytes) return bad_target("请求地址过长", "The target is too long");
  const size_t question = std::min(target.find('?'), target.size());
  if (target.contains('#')) return bad_target("请求地址中不得有 #", "The target has a #");
  if (auto path = parse_path(target.substr(0, question), out); !path) return std::unexpected(std::move(path.error()));
  const std::string_view query = target.substr(std::min(question + 1, target.size()));
  if (auto read = parse_query(query, out); !read) return std::unexpected(std::move(read.error()));
  return out;
}

}  // namespace zhili::http
