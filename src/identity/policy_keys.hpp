#pragma once

#include <array>
#include <string_view>

/// The keys and words of a policy, as schemas/policy.schema.json lists them too.
namespace zhili::identity::keys {

inline constexpr std::array<std::string_view, 6> kTop{"version", "roles", "actions", "resources", "purposes", "rules"};
inline constexpr std::array<std::string_view, 2> kTerm{"zh", "en"};
inline constexpr std::array<std::string_view, 12> kRule{"id",
                                                        "effect",
                                                        "roles",
                                                        "actions",
                                                        "resources",
                                                        "scope",
                                                        "purposes",
                                                        "up_to_grade",
                                                        "from_grade",
                                                        "second_factor",
                                                        "unless_second_factor",
                                                        "note"};
inline constexpr std::array<std::string_view, 2> kEffect{"allow", "deny"};
inline constexpr std::array<std::string_view, 4> kScope{"everything", "area", "department", "own"};

}  // namespace zhili::identity::keys
