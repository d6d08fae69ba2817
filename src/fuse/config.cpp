#include "fuse/config.hpp"

#include <algorithm>
#include <array>

namespace zhili::fuse {

uint32_t Config::find_attribute(std::string_view name) const {
  const auto found = std::ranges::find(attributes, name, &Attribute::name);
  return found == attributes.end() ? kNoAttribute : static_cast<uint32_t>(found - attributes.begin());
}

std::optional<uint32_t> Config::find_source(std::string_view id) const {
  const auto found = std::ranges::find(sources, id, &Source::id);
  if (found == sources.end()) return std::nullopt;
  return static_cast<uint32_t>(found - sources.begin());
}

std::string_view name_of(Survivorship rule) {
  constexpr std::array<std::string_view, 3> kNames{"trust", "newest", "vote"};
  return kNames[static_cast<size_t>(rule)];
}

std::string_view name_of(LinkMode mode) {
  constexpr std::array<std::string_view, 3> kNames{"both", "link", "dedupe"};
  return kNames[static_cast<size_t>(mode)];
}

}  // namespace zhili::fuse
