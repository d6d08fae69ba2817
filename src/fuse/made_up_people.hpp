#pragma once

#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/random.hpp"

namespace zhili::fuse {

/// Two registers of made-up people for tests: most people are in both, some twice in one, with typing errors. The more
/// errors, the more pairs are uncertain.
struct MadeUpPeople {
  std::string police;  ///< id,name,birth,phone,updated
  std::string clinic;

  explicit MadeUpPeople(int people, double errors = 0.1, uint64_t seed = 1) {
    Random random(seed);
    const std::string header = "id,name,birth,phone,updated\n";
    std::vector<std::string> lines[2];
    for (int p = 0; p < people; ++p) {
      const auto name = person(random);
      const auto birth =
          fmt::format("{:04}-{:02}-{:02}", 1980 + random.below(9), 1 + random.below(4), 1 + random.below(9));
      const auto phone = fmt::format("13{:09}", random.below(1'000'000'000));
      for (auto& register_lines : lines) {
        const int copies = random.chance(0.85) ? (random.chance(0.1) ? 2 : 1) : 0;
        for (int c = 0; c < copies; ++c) {
          register_lines.push_back(
              fmt::format("{},{},{},20{:02}-01-01\n", slip(random, name, 2 * errors), slip(random, birth, errors),
                          random.chance(0.3) ? "" : slip(random, phone, errors), 10 + random.below(15)));
        }
      }
    }
    for (int r = 0; r < 2; ++r) {
      auto& out = r == 0 ? police : clinic;
      out = header;
      for (size_t i = lines[r].size(); i > 1; --i) std::swap(lines[r][i - 1], lines[r][random.below(i)]);
      for (size_t i = 0; i < lines[r].size(); ++i) out += fmt::format("{}{},{}", r == 0 ? "P" : "C", i, lines[r][i]);
    }
  }

  static std::string yaml() {
    return R"(version: 1
sources:
  - {id: police, file: police.csv, record_id: id, updated: updated, trust: 90}
  - {id: clinic, file: clinic.csv, record_id: id, updated: updated, trust: 50}
attributes: {name: latin_name, birth: date, phone: phone}
blocking: [phone, birth, "name.prefix(4) + birth.year", name.metaphone]
survivorship: vote
)";
  }

 private:
  static std::string person(Random& random) {
    const auto word = [&] {
      std::string out;
      for (uint64_t i = 0, n = 2 + random.below(3); i < n; ++i) {
        out += "bcdfghklmnprst"[random.below(14)];
        out += "aeiou"[random.below(5)];
      }
      return out;
    };
    return word() + " " + word();
  }
  /// With the given chance one character is replaced.
  static std::string slip(Random& random, std::string text, double chance) {
    if (!random.chance(chance)) return text;
    auto& c = text[random.below(text.size())];
    if (c >= 'a' && c <= 'z') c = static_cast<char>('a' + random.below(26));
    if (c >= '0' && c <= '9') c = static_cast<char>('0' + random.below(10));
    return text;
  }
};

}  // namespace zhili::fuse
