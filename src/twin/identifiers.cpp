#include "twin/identifiers.hpp"

#include <string_view>

#include <fmt/format.h>

#include "text/credit_code.hpp"
#include "text/id_number.hpp"

namespace zhili::twin {
namespace {

constexpr std::string_view kMobileSegments[] = {"154", "164", "194"};
constexpr std::string_view kCodeAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";

}  // namespace

std::string id_number(uint32_t county, Day birth, uint32_t serial) {
  std::string id;
  append_padded(id, county, 6);
  id += compact(birth);
  append_padded(id, serial, 3);
  id += text::id_check_digit(id);
  return id;
}

std::string fifteen_digits(const std::string& id) { return id.substr(0, 6) + id.substr(8, 9); }

std::string credit_code(uint32_t county, bool shop, uint64_t number) {
  std::string code = shop ? "92" : "91";
  append_padded(code, county, 6);
  std::string organisation = "M";
  // An odd multiplier permutes the 32-bit numbers, so that neighbours' codes look unlike.
  uint64_t rest = number * 2654435761U & 0xffffffff;
  for (int i = 0; i < 7; ++i) {
    organisation += kCodeAlphabet[rest % kCodeAlphabet.size()];
    rest /= kCodeAlphabet.size();
  }
  code += organisation;
  code += text::organisation_check_char(organisation);
  code += text::credit_check_char(code);
  return code;
}

std::string mobile_number(Random& random) {
  std::string number(kMobileSegments[random.below(std::size(kMobileSegments))]);
  append_padded(number, random.below(100'000'000), 8);
  return number;
}

uint64_t scramble(uint64_t number, uint64_t key) {
  // Four rounds of a Feistel network on two halves of 20 bits.
  constexpr uint64_t kHalf = (1 << 20) - 1;
  uint64_t left = number >> 20 & kHalf;
  uint64_t right = number & kHalf;
  for (uint64_t round = 0; round < 4; ++round) {
    const uint64_t next = left ^ (mix64(right + (round << 32) + mix64(key)) & kHalf);
    left = right;
    right = next;
  }
  return left << 20 | right;
}

}  // namespace zhili::twin
