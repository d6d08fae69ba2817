#include "opendata/noise.hpp"

#include <charconv>
#include <numeric>

#include "base/random.hpp"

namespace zhili::opendata {
namespace {

constexpr int64_t kTen = 10;

std::unexpected<Error> no_epsilon(std::string_view text) {
  return fail(ErrorCode::kInput, {}, "Write it as 1, 0.5 or 1/3.", "'{}' is no privacy loss of more than 0 up to {}",
              text.substr(0, 40), Epsilon::kMost);
}

std::optional<int64_t> whole(std::string_view text) {
  int64_t out = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  constexpr int64_t kLargest = 1'000'000'000;
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return out < 0 || out > kLargest ? std::nullopt : std::optional(out);
}

}  // namespace

Result<Epsilon> Epsilon::parse(std::string_view text) {
  int64_t numerator = 0;
  int64_t denominator = 1;
  if (const size_t slash = text.find('/'); slash != std::string_view::npos) {
    const auto above = whole(text.substr(0, slash));
    const auto below = whole(text.substr(slash + 1));
    if (!above || !below || *below == 0) return no_epsilon(text);
    numerator = *above;
    denominator = *below;
  } else {
    const size_t dot = std::min(text.find('.'), text.size());
    const std::string_view digits = dot == text.size() ? std::string_view() : text.substr(dot + 1);
    const auto before = whole(text.substr(0, dot));
    if (!before || (dot < text.size() && (digits.empty() || digits.size() > 6))) return no_epsilon(text);
    for (size_t i = 0; i < digits.size(); ++i) denominator *= kTen;
    const auto behind = digits.empty() ? std::optional<int64_t>(0) : whole(digits);
    if (!behind || *before > kMost) return no_epsilon(text);
    numerator = *before * denominator + *behind;
  }
  const int64_t shared = std::gcd(numerator, denominator);
  if (numerator == 0 || shared == 0) return no_epsilon(text);
  numerator /= shared;
  denominator /= shared;
  if (numerator > kMost * denominator || kUnits % denominator != 0) return no_epsilon(text);
  return Epsilon(numerator * (kUnits / denominator));
}

std::string Epsilon::text() const {
  const int64_t shared = std::gcd(units_, kUnits);
  const int64_t numerator = shared == 0 ? 0 : units_ / shared;
  const int64_t denominator = shared == 0 ? 1 : kUnits / shared;
  constexpr int64_t kMillion = 1'000'000;
  if (kMillion % denominator != 0) return fmt::format("{}/{}", numerator, denominator);
  std::string out = fmt::format("{}.{:06}", units_ / kUnits, numerator % denominator * (kMillion / denominator));
  while (out.back() == '0') out.pop_back();
  if (out.back() == '.') out.pop_back();
  return out;
}

Result<uint64_t> Noise::below(uint64_t n) {
  // What does not fill a whole number of rounds is drawn again: no value is likelier than another.
  const uint64_t over = (UINT64_MAX % n + 1) % n;
  for (;;) {
    ZHILI_ASSIGN(const uint64_t drawn, bits_());
    if (drawn <= UINT64_MAX - over) return drawn % n;
  }
}

/// Algorithm 1 for a fraction of at most 1: the first k at which a coin of fraction / k fails is odd with this chance.
Result<bool> Noise::exp_minus_small(uint64_t numerator, uint64_t denominator) {
  uint64_t k = 1;
  for (;; ++k) {
    const Uint128 wide = static_cast<Uint128>(denominator) * k;
    if (wide > UINT64_MAX) return (k & 1U) == 1;
    ZHILI_ASSIGN(const uint64_t drawn, below(static_cast<uint64_t>(wide)));
    if (drawn >= numerator) return (k & 1U) == 1;
  }
}

Result<bool> Noise::exp_minus(uint64_t numerator, uint64_t denominator) {
  for (; numerator > denominator; numerator -= denominator) {
    ZHILI_ASSIGN(const bool one, exp_minus_small(1, 1));
    if (!one) return false;
  }
  return exp_minus_small(numerator, denominator);
}

/// Algorithm 2, with t / s the scale: 1 / epsilon.
Result<int64_t> Noise::two_sided_geometric(Epsilon epsilon) {
  const int64_t shared = std::gcd(epsilon.units(), Epsilon::kUnits);
  if (shared == 0 || epsilon.units() <= 0) return no_epsilon(epsilon.text());
  const auto s = static_cast<uint64_t>(epsilon.units() / shared);
  const auto t = static_cast<uint64_t>(Epsilon::kUnits / shared);
  for (;;) {
    ZHILI_ASSIGN(const uint64_t u, below(t));
    ZHILI_ASSIGN(const bool kept, exp_minus(u, t));
    if (!kept) continue;
    uint64_t v = 0;
    for (;; ++v) {
      ZHILI_ASSIGN(const bool more, exp_minus_small(1, 1));
      if (!more) break;
    }
    const auto size = static_cast<int64_t>((u + t * v) / s);
    ZHILI_ASSIGN(const uint64_t sign, below(2));
    if (sign == 1 && size == 0) continue;
    return sign == 1 ? -size : size;
  }
}

}  // namespace zhili::opendata
