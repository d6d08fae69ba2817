#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

/// Noise for differentially private counts, drawn exactly: no floating point, whose rounding tells about what was
/// counted (Mironov 2012). After Canonne, Kamath and Steinke, "The Discrete Gaussian for Differential Privacy" (2020),
/// algorithms 1 and 2.
namespace zhili::opendata {

/// A loss of privacy as a rational number, kept in whole units so that sums are exact.
class Epsilon {
 public:
  /// Units of one: every denominator up to 10, and 12, 16, 20, 25, 50, 100, 1000, divides it.
  static constexpr int64_t kUnits = 5'040'000'000;
  static constexpr int64_t kMost = 20;  ///< Above this a count is as good as told.

  /// "1", "0.5", "1/3". Errors: kInput for what is no number, is not above 0, is above kMost, or is no whole number of
  /// units.
  static Result<Epsilon> parse(std::string_view text);
  /// Units of 0 to kMost.
  static Epsilon of_units(int64_t units) { return Epsilon(units); }
  Epsilon() = default;

  int64_t units() const { return units_; }
  /// "0.5", or "1/3" where no decimal number says it.
  std::string text() const;
  bool operator==(const Epsilon&) const = default;

 private:
  explicit Epsilon(int64_t units) : units_(units) {}
  int64_t units_ = 0;
};

/// 64 random bits.
using Bits = std::function<Result<uint64_t>()>;

/// Draws whole numbers. Belongs to one thread at a time.
class Noise {
 public:
  explicit Noise(Bits bits) : bits_(std::move(bits)) {}

  /// A number z with probability proportional to exp(-epsilon |z|): what hides one row of a count. Errors: those of the
  /// bits.
  Result<int64_t> two_sided_geometric(Epsilon epsilon);
  /// Uniform in [0, n); n > 0.
  Result<uint64_t> below(uint64_t n);
  /// True with probability exp(-numerator / denominator); the fraction is 0 or above.
  Result<bool> exp_minus(uint64_t numerator, uint64_t denominator);

 private:
  Result<bool> exp_minus_small(uint64_t numerator, uint64_t denominator);
  Bits bits_;
};

}  // namespace zhili::opendata
