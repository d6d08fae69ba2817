#pragma once

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "fuse/compare.hpp"

namespace zhili::fuse {

/// m- and u-probability of one level: the chance that a pair of the same entity, and of two entities, falls on it,
/// given that both values are there (Fellegi and Sunter, 1969).
struct LevelModel {
  std::string label;
  double m = 0;
  double u = 0;
};

/// Where another comparison is equal, this one is equal far more often than by chance, also in pairs of different
/// entities: people of one street share the postcode, people of one dwelling often the family name.
inline constexpr size_t kParents = 3;
struct GivenModel {
  uint32_t comparison = 0;
  std::string attribute;
  double share = 0;  ///< Of the pairs of different entities that are equal there, those that are equal here.
};

struct ComparisonModel {
  std::string attribute;
  bool term_frequency = false;
  std::vector<LevelModel> levels;  ///< levels[k] is level number k + 1. "Missing" weighs nothing and is not listed.
  std::vector<GivenModel> given;   ///< The first that is equal in a pair counts.
};

/// An attribute that is not compared, since others say the same.
struct DroppedModel {
  std::string attribute;
  std::string reason;
};

struct Model {
  double prior = 0;  ///< Chance that two records drawn at random, among those that may be paired, are one entity.
  std::vector<ComparisonModel> comparisons;
  std::vector<DroppedModel> dropped;

  /// log2(m / u), bits.
  double weight(uint32_t comparison, LevelNumber level) const;
  /// Weight of a level where `given` is equal. Equal: log2(m / share). Other levels lose as much of their weight as the
  /// dependence takes from "equal": what another comparison says already, for or against, is not said twice.
  double weight_given(uint32_t comparison, LevelNumber level, const GivenModel& given) const;
  /// Share of the information in "equal" that `given` takes away, 0 to 1.
  double taken(uint32_t comparison, const GivenModel& given) const;
  double prior_weight() const { return std::log2(prior / (1 - prior)); }

  std::string to_json() const;
  /// What the model leaves out of the comparison, so that other data are compared as those that it was learnt from.
  /// Errors: kConfig.
  static Result<Redundancy> dropped_in(std::string_view json, const std::filesystem::path& path, const Config& config);
  /// Checks that the model has the comparisons and levels of this run. Errors: kConfig.
  static Result<Model> from_json(std::string_view json, const std::filesystem::path& path, const Config& config,
                                 const std::vector<Comparison>& comparisons);
};

/// Match probability of a total weight in bits, and back.
inline double probability(double weight) { return 1 / (1 + std::exp2(-weight)); }
inline double weight_of(double probability) { return std::log2(probability / (1 - probability)); }

}  // namespace zhili::fuse
