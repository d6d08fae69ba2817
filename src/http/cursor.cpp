#include "http/cursor.hpp"

#include <algorithm>
#include <vector>

#include "base/limits.hpp"
#include "http/contract.hpp"
#include "identity/encoding.hpp"

namespace zhili::http {
namespace {

// What a cursor is bound to. Lengths stand before the parts, so that no two requests give the same text.
std::string context_of(const Request& request) {
  std::vector<std::pair<std::string_view, std::string_view>> parts;
  parts.reserve(request.query.size() + 3);
  for (const auto& [name, value] : request.query) {
    if (name != "cursor" && name != "limit") parts.emplace_back(name, value);
  }
  std::ranges::sort(parts);
  parts.emplace_back("path", request.path);
  if (request.operation != nullptr) parts.emplace_back("operation", request.operation->id);
  if (request.caller.known()) parts.emplace_back("caller", request.caller.actor().account);
  std::string out = "zhili http cursor";
  for (const auto& [name, value] : parts) out += fmt::format("\n{}:{}:{}{}", name.size(), value.size(), name, value);
  return out;
}

}  // namespace

Result<std::string> Cursors::next(const Request& request, std::string_view position) const {
  ZHILI_ASSIGN(const std::string sealed, seal_.seal(entropy_, position, context_of(request)));
  return identity::to_base64url(sealed);
}

std::expected<std::optional<std::string>, Problem> Cursors::position(const Request& request) const {
  const auto given = request.query_parameter("cursor");
  if (!given) return std::nullopt;
  const auto sealed = given->size() <= limits::kTargetBytes ? identity::from_base64url(*given) : std::nullopt;
  if (sealed) {
    auto opened = seal_.open(*sealed, context_of(request));
    if (opened) return std::move(*opened);
  }
  return std::unexpected(
      bad_request("bad-cursor", {"翻页标记无效：请从第一页重新开始，并保持查询条件不变",
                                 "The cursor is not of this list: begin again, with the same filters"}));
}

}  // namespace zhili::http
