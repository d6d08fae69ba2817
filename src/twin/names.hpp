#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "twin/weighted.hpp"

namespace zhili::twin {

enum class Sex : uint8_t { kFemale, kMale };

/// A person's name. Where the people has no surnames, `surname` is empty and `given` holds the whole name with its dot.
struct Name {
  std::string surname;
  std::string given;
  std::string full() const { return surname + given; }
  bool operator==(const Name&) const = default;
};

/// Draws names as they occur: a few surnames cover most people, and each generation has its fashion. Surnames and the
/// bulk of characters come from name_data.inc (see tools/twin_names.py), the fashions from the lists in names.cpp.
/// Immutable after construction, so threads may share it.
class Names {
 public:
  Names();

  std::string surname(Random& random) const;
  /// `generation`, where not empty, is the first character, which brothers and sisters share. It makes the name two
  /// characters long.
  std::string given(Random& random, int birth_year, Sex sex, std::string_view generation = {}) const;
  /// A Uyghur name in Chinese characters, with the father's name after the dot.
  Name dotted(Random& random, Sex sex, std::string_view father) const;

  /// The characters that names are made of, surnames' first.
  std::vector<std::string_view> characters() const;
  /// One of the characters that older systems lack.
  static bool is_rare(std::string_view character);

  static constexpr int kEras = 8;  ///< Before 1950, then by decade of birth to the 2010s and after.
  static int era(int birth_year);

 private:
  struct Fashion {
    Weighted first;
    Weighted last;
  };

  Weighted surnames_;
  std::vector<std::string_view> characters_;
  std::array<std::array<Fashion, 2>, kEras> fashions_;
};

/// Characters (not bytes) of valid UTF-8, as views into `text`.
std::vector<std::string_view> characters_of(std::string_view text);

}  // namespace zhili::twin
