#include <cstddef>
#include <cstdint>
#include <string_view>

#include "identity/id_token.hpp"

/// Any bytes give a key set, a token, or an error that can be told; no token holds against a key set of bytes from
/// outside unless it is signed.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {  // NOLINT(readability-identifier-naming)
  using namespace zhili::identity;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const size_t cut = bytes.find('\n');
  const std::string_view token_text = bytes.substr(0, cut);
  const std::string_view keys_text = cut == std::string_view::npos ? std::string_view() : bytes.substr(cut + 1);
  const auto keys = KeySet::parse(keys_text);
  if (!keys && keys.error().text().empty()) __builtin_trap();
  const auto token = parse_token(token_text);
  if (!token) {
    if (token.error().text().empty()) __builtin_trap();
    return 0;
  }
  if (keys) (void)is_signed(*token, *keys);
  if (is_signed(*token, KeySet())) __builtin_trap();
  const auto held = check_claims(*token, {"https://sso.example", "zhili", "n", 1'800'000'000'000'000});
  if (!held && held.error().text().empty()) __builtin_trap();
  return 0;
}
