#include "table/nearest.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

namespace zhili::table {
namespace {

// Names longer than this are cut: the work grows with the product of the lengths.
constexpr size_t kMostCharacters = 200;

std::vector<std::string> characters(std::string_view text) {
  std::vector<std::string> out;
  for (const char c : text) {
    const bool more = (static_cast<unsigned char>(c) & 0xC0) == 0x80;
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (more && !out.empty()) {
      out.back().push_back(c);
    } else if (out.size() < kMostCharacters) {
      out.emplace_back(1, lower);
    } else {
      break;
    }
  }
  return out;
}

size_t distance(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row.back();
}

bool within(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
  return !part.empty() && std::search(whole.begin(), whole.end(), part.begin(), part.end()) != whole.end();
}

}  // namespace

std::vector<std::string> nearest_names(std::string_view wanted, std::span<const std::string> candidates, size_t most) {
  struct Scored {
    double score;
    size_t index;
  };
  const auto target = characters(wanted);
  std::vector<Scored> scored;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const auto candidate = characters(candidates[i]);
    const size_t longer = std::max({target.size(), candidate.size(), size_t{1}});
    double score = 1 - static_cast<double>(distance(target, candidate)) / static_cast<double>(longer);
    if (within(target, candidate) || within(candidate, target)) score = std::max(score, 0.6);
    if (score >= 0.5) scored.push_back({score, i});
  }
  std::sort(scored.begin(), scored.end(), [](const Scored& a, const Scored& b) {
    return a.score != b.score ? a.score > b.score : a.index < b.index;
  });
  std::vector<std::string> out;
  for (const auto& one : scored) {
    if (out.size() == most) break;
    out.push_back(candidates[one.index]);
  }
  return out;
}

std::string quoted_list(std::span<const std::string> names, size_t most) {
  std::string out;
  for (size_t i = 0; i < std::min(names.size(), most); ++i)
    out += fmt::format("{}\"{}\"", i == 0 ? "" : ", ", names[i]);
  if (names.size() > most) out += fmt::format(" and {} more", names.size() - most);
  return out;
}

}  // namespace zhili::table
