#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "twin/names.hpp"

namespace zhili::twin {

/// Which characters are taken for which. Immutable after construction, so threads may share it.
class Confusion {
 public:
  explicit Confusion(const Names& names);

  /// Replaces one character of `text`, picked at random among those that have a partner; false where none has.
  bool look_alike(Random& random, std::string& text) const { return replace(shapes_, random, text); }
  bool sound_alike(Random& random, std::string& text) const { return replace(sounds_, random, text); }
  /// The text in traditional characters; unchanged where it has none.
  std::string traditional(std::string_view text) const;

 private:
  using Partners = std::map<std::string, std::vector<std::string>, std::less<>>;
  static bool replace(const Partners& partners, Random& random, std::string& text);

  Partners shapes_;
  Partners sounds_;
  std::map<std::string, std::string, std::less<>> traditional_;
};

}  // namespace zhili::twin
