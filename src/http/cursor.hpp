#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/message.hpp"
#include "http/problem.hpp"
#include "identity/entropy.hpp"
#include "identity/seal.hpp"

namespace zhili::http {

/// Where a list goes on, as text that a client gives back unread: sealed, and good for the same operation, caller and
/// query parameters only (but `limit` and `cursor`, which may change from page to page). May be used by many threads.
class Cursors {
 public:
  /// Both outlive it.
  Cursors(const identity::SealKeys& seal, identity::Entropy& entropy) : seal_(seal), entropy_(entropy) {}

  /// The cursor behind a page that ends at `position`, which may be any bytes.
  Result<std::string> next(const Request& request, std::string_view position) const;
  /// The position in the request's `cursor`; none where it has none. A problem (400) for one that this server did not
  /// give for this list to this caller.
  std::expected<std::optional<std::string>, Problem> position(const Request& request) const;

 private:
  const identity::SealKeys& seal_;
  identity::Entropy& entropy_;
};

}  // namespace zhili::http
