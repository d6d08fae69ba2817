#include "ingest/cell_checks.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <memory>
#include <span>

#include "text/credit_code.hpp"
#include "text/date.hpp"
#include "text/id_number.hpp"
#include "text/phone.hpp"
#include "text/utf8.hpp"

namespace zhili::ingest {
namespace {

constexpr size_t kIdBytes = 18;
constexpr size_t kIdDigits = 17;
constexpr int kFirstBirthYear = 1800;
constexpr int kLastBirthYear = 2199;
constexpr size_t kMobileBytes = 11;
constexpr size_t kExactDigits = 15;

bool digit(char c) { return c >= '0' && c <= '9'; }

int two(const char* at) { return (at[0] - '0') * 10 + (at[1] - '0'); }

bool is_day(int year, int month, int day) {
  return month >= 1 && month <= 12 && day >= 1 && day <= text::days_in_month(year, month);
}

/// Days since 1970 (Howard Hinnant's algorithm, chrono-compatible low-level date algorithms).
int32_t days_of(int year, int month, int day) {
  year -= month <= 2 ? 1 : 0;
  const int era = year / 400;
  const int of_era = year - era * 400;
  const int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719'468;
}

Verdict check_odd_id_number(std::string_view value) {
  const auto id = text::parse_id_number(value);
  if (!id) return breaks(Rule::kForm);
  return id->valid() ? kSound : breaks(Rule::kCheckDigit);
}

}  // namespace

Verdict check_id_number(std::string_view value) {
  if (value.size() != kIdBytes) return check_odd_id_number(value);
  static constexpr std::array<int, kIdDigits> kWeights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  bool digits = true;
  for (size_t i = 0; i < kIdDigits; ++i) {
    digits = digits && digit(value[i]);
    sum += (value[i] - '0') * kWeights[i];
  }
  if (!digits || (!digit(value[kIdDigits]) && value[kIdDigits] != 'X')) return check_odd_id_number(value);
  if (value[kIdDigits] != "10X98765432"[sum % 11]) return breaks(Rule::kCheckDigit);
  const int year = two(&value[6]) * 100 + two(&value[8]);
  const bool born = year >= kFirstBirthYear && year <= kLastBirthYear && is_day(year, two(&value[10]), two(&value[12]));
  return born ? kSound : breaks(Rule::kCheckDigit);
}

Verdict check_credit_code(std::string_view value) {
  if (value.size() == kIdBytes && text::credit_check_char(value.substr(0, kIdDigits)) == value[kIdDigits] &&
      text::organisation_check_char(value.substr(8, 8)) == value[16] &&
      std::all_of(value.begin() + 2, value.begin() + 8, digit)) {
    return kSound;
  }
  const auto code = text::parse_credit_code(value);
  if (!code) return breaks(Rule::kForm);
  return code->valid() ? kSound : breaks(Rule::kCheckDigit);
}

Verdict check_phone(std::string_view value) {
  if (value.size() == kMobileBytes && value[0] == '1' && value[1] >= '3' && std::ranges::all_of(value, digit)) {
    return kSound;
  }
  return text::standardise_phone(value).empty() ? breaks(Rule::kForm) : kSound;
}

Verdict check_person_name(std::string_view value) {
  static constexpr auto kOdd = [] {
    std::array<bool, 256> odd{};
    for (int c = 0; c < 0x20; ++c) odd[static_cast<size_t>(c)] = true;
    for (const char c : std::string_view("0123456789?*#@|\\/=+<>~")) odd[static_cast<unsigned char>(c)] = true;
    return odd;
  }();
  bool odd = false;
  for (const char c : value) odd = odd || kOdd[static_cast<unsigned char>(c)];
  return odd ? breaks(Rule::kForm) : kSound;
}

Verdict check_date(std::string_view value, int32_t& day) {
  // 2024-02-29 and 20240229.
  const bool dashed = value.size() == 10 && value[4] == '-' && value[7] == '-';
  if (dashed || value.size() == 8) {
    const std::array<char, 8> figures =
        dashed ? std::array<char, 8>{value[0], value[1], value[2], value[3], value[5], value[6], value[8], value[9]}
               : std::array<char, 8>{value[0], value[1], value[2], value[3], value[4], value[5], value[6], value[7]};
    if (std::ranges::all_of(figures, digit)) {
      const int year = two(figures.data()) * 100 + two(&figures[2]);
      const int month = two(&figures[4]);
      if (year < 1000 || year > 2199 || !is_day(year, month, two(&figures[6]))) return breaks(Rule::kRange);
      day = days_of(year, month, two(&figures[6]));
      return kSound;
    }
  }
  const auto parsed = text::parse_date(value);
  if (!parsed) return breaks(Rule::kForm);
  if (!parsed->valid) return breaks(Rule::kRange);
  const auto number = text::day_number(parsed->date);
  if (!number) return breaks(Rule::kForm);
  day = *number;
  return kSound;
}

Verdict check_number(std::string_view value, double& number) {
  const size_t sign = value.starts_with('-') ? 1 : 0;
  if (value.size() - sign <= kExactDigits) {
    uint64_t whole = 0;
    bool plain = value.size() > sign;
    for (size_t i = sign; i < value.size() && plain; ++i) {
      plain = digit(value[i]);
      whole = whole * 10 + static_cast<uint64_t>(value[i] - '0');
    }
    if (plain) {
      number = sign != 0 ? -static_cast<double>(whole) : static_cast<double>(whole);
      return kSound;
    }
  }
  const std::span<const char> bytes(value);
  const char* const end = std::to_address(bytes.end());
  const auto [behind, failed] =
      std::from_chars(std::to_address(bytes.begin()), end, number, std::chars_format::general);
  return failed == std::errc{} && behind == end && std::isfinite(number) ? kSound : breaks(Rule::kForm);
}

bool is_longer(std::string_view value, size_t characters) {
  return value.size() > characters && text::count_chars(value) > characters;
}

}  // namespace zhili::ingest
