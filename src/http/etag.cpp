#include "http/etag.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace zhili::http {
namespace {

// Whether a list of tags holds one. `weak` ones count where that is enough.
bool names(std::string_view list, std::string_view etag, bool weak) {
  while (!list.empty()) {
    const size_t end = std::min(list.find(','), list.size());
    std::string_view tag = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    while (tag.starts_with(' ') || tag.starts_with('\t')) tag.remove_prefix(1);
    while (tag.ends_with(' ') || tag.ends_with('\t')) tag.remove_suffix(1);
    if (weak && tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag == etag || tag == "*") return true;
  }
  return false;
}

}  // namespace

std::string etag_of(int64_t version) { return fmt::format("\"{}\"", version); }

std::optional<Problem> require_match(const Request& request, std::string_view etag) {
  const auto given = request.headers.find("if-match");
  if (!given) {
    return Problem{428,
                   "if-match-required",
                   {"缺少 If-Match", "If-Match is missing"},
                   {"请先读取，再以其 ETag 作为 If-Match 提交", "Read it first, and send its ETag as If-Match"}};
  }
  if (names(*given, etag, false)) return std::nullopt;
  return Problem{412,
                 "changed-meanwhile",
                 {"内容已被他人更改", "It was changed meanwhile"},
                 {"请重新读取后再提交", "Read it again, and repeat the change"}};
}

bool is_known(const Headers& headers, std::string_view etag) {
  const auto given = headers.find("if-none-match");
  return given && names(*given, etag, true);
}

Response not_modified(std::string_view etag) {
  Response out;
  out.status = 304;
  out.headers.emplace_back("ETag", std::string(etag));
  return out;
}

}  // namespace zhili::http
