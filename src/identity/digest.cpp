#include "identity/digest.hpp"

#include <array>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace zhili::identity {
namespace {

using Block = std::array<unsigned char, EVP_MAX_MD_SIZE>;

std::unexpected<Error> no_digest() {
  return fail(ErrorCode::kInternal, {}, "Look at OpenSSL's configuration.", "OpenSSL refuses to make a digest");
}

const unsigned char* unsigned_of(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

Result<std::string> hmac(const EVP_MD* digest, std::string_view key, std::string_view bytes) {
  Block block{};
  unsigned length = 0;
  // An empty key must not be a null pointer: OpenSSL would then reuse an earlier one.
  const std::string_view safe_key = key.data() == nullptr ? std::string_view("") : key;
  if (HMAC(digest, safe_key.data(), static_cast<int>(safe_key.size()), unsigned_of(bytes), bytes.size(), block.data(),
           &length) == nullptr) {
    return no_digest();
  }
  return std::string(reinterpret_cast<const char*>(block.data()), length);
}

}  // namespace

Result<std::string> sha256(std::string_view bytes) {
  Block block{};
  unsigned length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), block.data(), &length, EVP_sha256(), nullptr) != 1) return no_digest();
  return std::string(reinterpret_cast<const char*>(block.data()), length);
}

Result<std::string> hmac_sha256(std::string_view key, std::string_view bytes) { return hmac(EVP_sha256(), key, bytes); }

Result<std::string> hmac_sha1(std::string_view key, std::string_view bytes) { return hmac(EVP_sha1(), key, bytes); }

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char byte : bytes) {
    out += kDigits[static_cast<unsigned char>(byte) >> 4U];
    out += kDigits[static_cast<unsigned char>(byte) & 15U];
  }
  return out;
}

}  // namespace zhili::identity
