#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/yaml.hpp"

namespace zhili::config {

/// Collects what is wrong with a configuration, so that its author can mend it in one go.
class Mistakes {
 public:
  static constexpr size_t kShown = 10;

  explicit Mistakes(std::string file) : file_(std::move(file)) {}

  void add(Mark mark, std::string message, std::string hint);
  size_t count() const { return errors_.size(); }
  bool none() const { return errors_.empty(); }
  /// One error in the order of the file: the first mistake, the others up to kShown behind it. Needs one at least.
  Error error() &&;

 private:
  std::string file_;
  std::vector<Error> errors_;
};

/// "Did you mean 'date'? Possible: a, b, c." Looks for the known word with the least edit distance.
std::string suggest(std::string_view given, std::span<const std::string_view> known);
std::string suggest(std::string_view given, std::span<const std::string> known);

/// Reads the values of a YAML tree with the types that the format asks for. What is wrong goes to `mistakes`, and the
/// result is empty. `what` names the value in messages, e.g. "threshold".
class Fields {
 public:
  explicit Fields(Mistakes& mistakes) : mistakes_(mistakes) {}

  /// True for a map whose keys are all in `known`, each once. False, after noting it, for what is no map; unknown and
  /// doubled keys are noted and passed over.
  bool map(const YamlNode& node, std::string_view what, std::span<const std::string_view> known);
  /// The same for a map whose keys are free.
  bool map(const YamlNode& node, std::string_view what);
  bool list(const YamlNode& node, std::string_view what);
  /// The value of a key that must be there; null, after noting it with the line that is missing, where it is not.
  const YamlNode* required(const YamlNode& node, std::string_view key, std::string_view what, std::string_view example);

  /// Not empty.
  std::optional<std::string> text(const YamlNode& node, std::string_view what);
  std::optional<bool> flag(const YamlNode& node, std::string_view what);
  /// In [low, high].
  std::optional<double> number(const YamlNode& node, std::string_view what, double low, double high);
  /// Above 0.
  std::optional<double> positive(const YamlNode& node, std::string_view what);
  /// In (0, 1].
  std::optional<double> share(const YamlNode& node, std::string_view what);
  std::optional<uint64_t> count(const YamlNode& node, std::string_view what, uint64_t low, uint64_t high);
  /// Place of the word in `names`.
  std::optional<size_t> choice(const YamlNode& node, std::string_view what, std::span<const std::string_view> names);

  /// Notes that a value is of the wrong kind.
  void wrong_kind(const YamlNode& node, std::string_view what, std::string_view expected, std::string_view example);

 private:
  template <class Inside>
  std::optional<double> checked_number(const YamlNode& node, std::string_view what, Inside inside,
                                       std::string_view range);

  Mistakes& mistakes_;
};

}  // namespace zhili::config
