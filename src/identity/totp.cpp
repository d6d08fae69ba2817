#include "identity/totp.hpp"

#include <algorithm>

#include "identity/digest.hpp"
#include "identity/encoding.hpp"

namespace zhili::identity {
namespace {

constexpr int64_t kStepMicroseconds = 30'000'000;

}  // namespace

int64_t totp_step(int64_t now) { return now / kStepMicroseconds; }

Result<std::string> totp_code(std::string_view secret, int64_t step) {
  std::string counter(8, '\0');
  for (size_t i = 0; i < 8; ++i) counter[i] = static_cast<char>(static_cast<uint64_t>(step) >> (56 - 8 * i));
  ZHILI_ASSIGN(const std::string digest, hmac_sha1(secret, counter));
  const auto byte = [&](size_t at) { return static_cast<uint32_t>(static_cast<unsigned char>(digest[at])); };
  const size_t offset = byte(19) & 15U;
  const uint32_t number =
      ((byte(offset) & 0x7fU) << 24) | (byte(offset + 1) << 16) | (byte(offset + 2) << 8) | byte(offset + 3);
  return fmt::format("{:06}", number % 1'000'000);
}

Result<std::optional<int64_t>> match_totp(std::string_view secret, std::string_view code, int64_t now, int64_t last) {
  std::string digits(code);
  std::erase(digits, ' ');
  std::optional<int64_t> matched;
  // All three are looked at, whichever fits.
  for (int64_t step = totp_step(now) - 1; step <= totp_step(now) + 1; ++step) {
    ZHILI_ASSIGN(const std::string right, totp_code(secret, step));
    if (same_secret(right, digits) && step > last && !matched) matched = step;
  }
  return matched;
}

std::string totp_url(std::string_view secret, std::string_view issuer, std::string_view account) {
  std::string letters = to_base32(secret);
  std::ranges::transform(letters, letters.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return fmt::format("otpauth://totp/{0}:{1}?secret={2}&issuer={0}&algorithm=SHA1&digits={3}&period=30",
                     to_percent(issuer), to_percent(account), letters, kTotpDigits);
}

}  // namespace zhili::identity
