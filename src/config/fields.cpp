#include "config/fields.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "text/similar.hpp"
#include "text/utf8.hpp"

namespace zhili::config {
namespace {

/// Characters, with ASCII capitals made small.
std::u32string folded(std::string_view word) {
  std::u32string out = text::decode(word);
  for (char32_t& c : out) {
    if (c >= U'A' && c <= U'Z') c += U'a' - U'A';
  }
  return out;
}

template <class Text>
std::string suggest_from(std::string_view given, std::span<const Text> known) {
  constexpr size_t kListed = 30;
  constexpr size_t kLongest = 200;
  if (known.empty()) return {};
  std::string hint;
  if (given.size() <= kLongest) {
    const std::u32string letters = folded(given);
    std::vector<int> distances;
    for (const std::string_view word : known) {
      distances.push_back(text::damerau(letters, folded(word.substr(0, kLongest))));
    }
    const auto best = std::ranges::min_element(distances);
    const auto length = static_cast<int>(letters.size());
    // A Chinese word is short, and half of it in common says much.
    const int far = length / (text::is_ascii(given) ? 3 : 2);
    if (*best < length && *best <= std::max(1, far)) {
      hint = fmt::format("Did you mean '{}'? ", known[static_cast<size_t>(best - distances.begin())]);
    }
  }
  const auto listed = known.first(std::min(known.size(), kListed));
  return hint + fmt::format("Possible: {}{}.", fmt::join(listed, ", "), known.size() > kListed ? ", …" : "");
}

std::string_view kind_name(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return "nothing";
    case YamlNode::Kind::kScalar:
      return "a single value";
    case YamlNode::Kind::kList:
      return "a list";
    case YamlNode::Kind::kMap:
      return "a map";
  }
  return "";
}

constexpr std::string_view kWideColon = "The text has a full-width colon '：': write ':' followed by a space.";

std::string shown(std::string_view text) {
  constexpr size_t kLongest = 60;
  if (text.size() <= kLongest) return std::string(text);
  size_t end = kLongest;
  while ((static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace

void Mistakes::add(Mark mark, std::string message, std::string hint) {
  errors_.push_back(
      Error{ErrorCode::kConfig, std::move(message), {file_, mark.line, mark.column}, std::move(hint), {}});
}

Error Mistakes::error() && {
  std::ranges::stable_sort(errors_, {}, [](const Error& e) { return std::tuple(e.place.line, e.place.column); });
  Error first = std::move(errors_.front());
  const size_t shown_count = std::min(errors_.size(), kShown);
  first.others.assign(std::make_move_iterator(errors_.begin() + 1),
                      std::make_move_iterator(errors_.begin() + static_cast<ptrdiff_t>(shown_count)));
  if (errors_.size() > kShown) {
    first.others.push_back(
        Error{ErrorCode::kConfig, fmt::format("… and {} more mistakes", errors_.size() - kShown), {file_}, {}, {}});
  }
  return first;
}

std::string suggest(std::string_view given, std::span<const std::string_view> known) {
  return suggest_from(given, known);
}

std::string suggest(std::string_view given, std::span<const std::string> known) { return suggest_from(given, known); }

void Fields::wrong_kind(const YamlNode& node, std::string_view what, std::string_view expected,
                        std::string_view example) {
  std::string hint = example.empty() ? std::string() : fmt::format("Write it like this: {}", example);
  if (node.kind == YamlNode::Kind::kScalar && node.text.find("：") != std::string::npos) {
    hint = kWideColon;
  }
  mistakes_.add(node.mark, fmt::format("{} must be {}, and is {}", what, expected, kind_name(node)), std::move(hint));
}

bool Fields::map(const YamlNode& node, std::string_view what) {
  if (node.kind != YamlNode::Kind::kMap) {
    wrong_kind(node, what, "a map of 'key: value' lines", "");
    return false;
  }
  std::unordered_map<std::string_view, uint32_t> line_of;
  for (const auto& key : node.keys) {
    const auto [first, fresh] = line_of.try_emplace(key.text, key.mark.line);
    if (fresh) continue;
    mistakes_.add(key.mark, fmt::format("'{}' stands twice in {}", shown(key.text), what),
                  fmt::format("The first is in line {}: keep one of the two.", first->second));
  }
  return true;
}

bool Fields::map(const YamlNode& node, std::string_view what, std::span<const std::string_view> known) {
  if (!map(node, what)) return false;
  for (const auto& key : node.keys) {
    if (std::ranges::find(known, key.text) != known.end()) continue;
    const bool wide = key.text.find("：") != std::string::npos;
    mistakes_.add(key.mark, fmt::format("Unknown key '{}' in {}", shown(key.text), what),
                  wide ? std::string(kWideColon) : suggest(key.text, known));
  }
  return true;
}

bool Fields::list(const YamlNode& node, std::string_view what) {
  if (node.kind == YamlNode::Kind::kList) return true;
  wrong_kind(node, what, "a list", "[a, b], or one line '- …' for each");
  return false;
}

const YamlNode* Fields::required(const YamlNode& node, std::string_view key, std::string_view what,
                                 std::string_view example) {
  const YamlNode* value = node.find(key);
  if (value == nullptr) {
    mistakes_.add(node.mark, fmt::format("{} has no '{}'", what, key),
                  fmt::format("Add a line like this: {}", example));
  }
  return value;
}

std::optional<std::string> Fields::text(const YamlNode& node, std::string_view what) {
  if (node.kind != YamlNode::Kind::kScalar) {
    wrong_kind(node, what, "text", "");
    return std::nullopt;
  }
  if (node.text.empty()) {
    mistakes_.add(node.mark, fmt::format("{} is empty", what), "Write a value or leave the line out.");
    return std::nullopt;
  }
  return node.text;
}

std::optional<bool> Fields::flag(const YamlNode& node, std::string_view what) {
  if (node.kind == YamlNode::Kind::kScalar && !node.quoted) {
    if (node.text == "true") return true;
    if (node.text == "false") return false;
  }
  if (node.kind == YamlNode::Kind::kScalar) {
    mistakes_.add(node.mark, fmt::format("{} must be true or false, and is '{}'", what, shown(node.text)),
                  "Write true or false, without quotes.");
  } else {
    wrong_kind(node, what, "true or false", "");
  }
  return std::nullopt;
}

std::optional<double> Fields::number(const YamlNode& node, std::string_view what, double low, double high) {
  const auto inside = [&](double value) { return value >= low && value <= high; };
  return checked_number(node, what, inside, fmt::format("from {} to {}", low, high));
}

std::optional<double> Fields::positive(const YamlNode& node, std::string_view what) {
  const auto inside = [](double value) { return value > 0 && value <= std::numeric_limits<double>::max(); };
  return checked_number(node, what, inside, "above 0");
}

std::optional<double> Fields::share(const YamlNode& node, std::string_view what) {
  const auto inside = [](double value) { return value > 0 && value <= 1; };
  return checked_number(node, what, inside, "above 0 and up to 1");
}

template <class Inside>
std::optional<double> Fields::checked_number(const YamlNode& node, std::string_view what, Inside inside,
                                             std::string_view range) {
  if (node.kind != YamlNode::Kind::kScalar) {
    wrong_kind(node, what, "a number", "");
    return std::nullopt;
  }
  double value = 0;
  const char* end = node.text.data() + node.text.size();
  const auto [stop, error] = std::from_chars(node.text.data(), end, value);
  if (!node.quoted && error == std::errc() && stop == end && inside(value)) return value;
  mistakes_.add(
      node.mark, fmt::format("{} must be a number {}, and is '{}'", what, range, shown(node.text)),
      node.quoted ? "Write it without quotes." : "Write a plain number with '.' before decimals, for example 0.5.");
  return std::nullopt;
}

std::optional<uint64_t> Fields::count(const YamlNode& node, std::string_view what, uint64_t low, uint64_t high) {
  uint64_t value = 0;
  if (node.kind != YamlNode::Kind::kScalar) {
    wrong_kind(node, what, "a whole number", "");
    return std::nullopt;
  }
  const char* end = node.text.data() + node.text.size();
  const auto [stop, error] = std::from_chars(node.text.data(), end, value);
  if (node.quoted || error != std::errc() || stop != end || value < low || value > high) {
    mistakes_.add(
        node.mark,
        fmt::format("{} must be a whole number from {} to {}, and is '{}'", what, low, high, shown(node.text)),
        node.quoted ? "Write it without quotes." : "Write digits only.");
    return std::nullopt;
  }
  return value;
}

std::optional<size_t> Fields::choice(const YamlNode& node, std::string_view what,
                                     std::span<const std::string_view> names) {
  if (node.kind != YamlNode::Kind::kScalar) {
    wrong_kind(node, what, "one word", fmt::format("{}", names.front()));
    return std::nullopt;
  }
  const auto found = std::ranges::find(names, node.text);
  if (found != names.end()) return static_cast<size_t>(found - names.begin());
  mistakes_.add(node.mark, fmt::format("{} '{}' is unknown", what, shown(node.text)), suggest(node.text, names));
  return std::nullopt;
}

}  // namespace zhili::config
