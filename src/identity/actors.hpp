#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "identity/ground.hpp"

namespace zhili::identity {

/// Someone or something that acts: an account, or a key by which a system does.
struct NamedActor {
  std::string id;
  std::string name;
  std::vector<std::string> departments;  ///< Of its posts, also those that have ended.
  bool operator==(const NamedActor&) const = default;
};

/// Those whose name, or an account's login name, holds this text, great and small letters alike; by name, at most
/// `limit`. Those that are closed or revoked are among them: what they did stays done.
Result<std::vector<NamedActor>> find_actors(const Ground& ground, std::string_view text, size_t limit);

/// Ids of all that hold a post of the department, or held one that was not taken away.
Result<std::set<std::string, std::less<>>> actors_of(const Ground& ground, std::string_view department);

}  // namespace zhili::identity
