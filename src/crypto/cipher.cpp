#include "crypto/cipher.hpp"

#include <array>
#include <utility>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "base/freed.hpp"

namespace zhili::crypto {
namespace {

const char* digest_name(CipherKind kind) { return kind == CipherKind::kSm4 ? "SM3" : "SHA256"; }

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>>;
using MacAlgorithm = std::unique_ptr<EVP_MAC, Freed<EVP_MAC_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Freed<EVP_MAC_CTX_free>>;
using KdfAlgorithm = std::unique_ptr<EVP_KDF, Freed<EVP_KDF_free>>;
using Kdf = std::unique_ptr<EVP_KDF_CTX, Freed<EVP_KDF_CTX_free>>;

std::unexpected<Error> openssl_error(std::string_view what) {
  ERR_clear_error();
  return fail(ErrorCode::kInternal, {}, "Check the providers in OpenSSL's configuration.", "OpenSSL cannot {}", what);
}

std::unexpected<Error> cannot_open() {
  ERR_clear_error();
  return fail(ErrorCode::kInput, {}, "Bring the store back from its last backup.",
              "a sealed value is not what was sealed here");
}

}  // namespace

std::string_view name_of(CipherKind kind) { return kind == CipherKind::kSm4 ? "sm4-ctr-hmac-sm3" : "aes-256-gcm"; }

CipherSizes sizes_of(CipherKind kind) {
  return kind == CipherKind::kSm4 ? CipherSizes{16, 16, 32} : CipherSizes{32, 12, 16};
}

Result<std::string> hkdf(CipherKind kind, std::string_view secret, std::string_view word, size_t bytes) {
  const KdfAlgorithm algorithm(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const Kdf kdf(algorithm ? EVP_KDF_CTX_new(algorithm.get()) : nullptr);
  if (!kdf) return openssl_error("derive keys");
  std::string name(digest_name(kind));
  std::string key(secret);
  std::string info(word);
  const std::array<OSSL_PARAM, 4> params = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, name.data(), name.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key.data(), key.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()), OSSL_PARAM_construct_end()};
  std::string out(bytes, '\0');
  const bool done = EVP_KDF_derive(kdf.get(), bytes_of(out), out.size(), params.data()) == 1;
  OPENSSL_cleanse(key.data(), key.size());
  if (!done) return openssl_error("derive keys");
  return out;
}

Result<std::string> digest(CipherKind kind, std::string_view bytes) {
  std::string out(kDigestBytes, '\0');
  const EVP_MD* md = kind == CipherKind::kSm4 ? EVP_sm3() : EVP_sha256();
  unsigned length = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), bytes_of(out), &length, md, nullptr) != 1 || length != kDigestBytes) {
    return openssl_error("make a digest");
  }
  return out;
}

struct Mac::State {
  MacContext context;
};

Mac::Mac(std::unique_ptr<State> state) : state_(std::move(state)) {}
Mac::Mac(Mac&&) noexcept = default;
Mac& Mac::operator=(Mac&&) noexcept = default;
Mac::~Mac() = default;

Result<Mac> Mac::create(CipherKind kind, std::string_view key) {
  const MacAlgorithm algorithm(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  MacContext context(algorithm ? EVP_MAC_CTX_new(algorithm.get()) : nullptr);
  std::string name(digest_name(kind));
  const std::array<OSSL_PARAM, 2> params = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), name.size()), OSSL_PARAM_construct_end()};
  // An empty key must not be a null pointer: OpenSSL would then look for an earlier one.
  const std::string_view safe = key.data() == nullptr ? std::string_view("") : key;
  if (!context || EVP_MAC_init(context.get(), bytes_of(safe), safe.size(), params.data()) != 1) {
    return openssl_error("make a MAC");
  }
  return Mac(std::make_unique<State>(State{std::move(context)}));
}

Result<std::string> Mac::run(std::initializer_list<std::string_view> parts) {
  EVP_MAC_CTX* context = state_->context.get();
  if (EVP_MAC_init(context, nullptr, 0, nullptr) != 1) return openssl_error("make a MAC");
  for (const std::string_view part : parts) {
    if (EVP_MAC_update(context, bytes_of(part), part.size()) != 1) return openssl_error("make a MAC");
  }
  std::string out(kDigestBytes, '\0');
  size_t length = out.size();
  if (EVP_MAC_final(context, bytes_of(out), &length, out.size()) != 1 || length != kDigestBytes) {
    return openssl_error("make a MAC");
  }
  return out;
}

struct Aead::State {
  CipherSizes sizes{};
  Cipher encrypt;
  Cipher decrypt;
  std::unique_ptr<Mac> mac;  // For SM4.
};

Aead::Aead(std::unique_ptr<State> state) : state_(std::move(state)) {}
Aead::Aead(Aead&&) noexcept = default;
Aead& Aead::operator=(Aead&&) noexcept = default;
Aead::~Aead() = default;

Result<Aead> Aead::create(CipherKind kind, std::string_view key, std::string_view mac_key) {
  auto made = std::make_unique<State>();
  made->sizes = sizes_of(kind);
  if (key.size() != made->sizes.key) {
    return fail(ErrorCode::kInternal, {}, "", "a key of {} bytes for {}", key.size(), name_of(kind));
  }
  made->encrypt.reset(EVP_CIPHER_CTX_new());
  made->decrypt.reset(EVP_CIPHER_CTX_new());
  const EVP_CIPHER* cipher = kind == CipherKind::kSm4 ? EVP_sm4_ctr() : EVP_aes_256_gcm();
  if (!made->encrypt || !made->decrypt ||
      EVP_EncryptInit_ex(made->encrypt.get(), cipher, nullptr, bytes_of(key), nullptr) != 1 ||
      EVP_DecryptInit_ex(made->decrypt.get(), cipher, nullptr, bytes_of(key), nullptr) != 1) {
    return openssl_error("encrypt");
  }
  if (kind == CipherKind::kSm4) {
    ZHILI_ASSIGN(Mac mac, Mac::create(kind, mac_key));
    made->mac = std::make_unique<Mac>(std::move(mac));
  }
  return Aead(std::move(made));
}

Result<std::string> Aead::seal(std::string head, std::string_view context, std::string_view bytes) {
  const CipherSizes& sizes = state_->sizes;
  const size_t before = head.size();
  if (before < sizes.nonce) return fail(ErrorCode::kInternal, {}, "", "a head of {} bytes has no nonce", before);
  std::string out = std::move(head);
  out.reserve(before + bytes.size() + sizes.tag);
  out.resize(before + bytes.size());
  EVP_CIPHER_CTX* cipher = state_->encrypt.get();
  int length = 0;
  bool done = EVP_EncryptInit_ex(cipher, nullptr, nullptr, nullptr, bytes_of(out) + before - sizes.nonce) == 1;
  if (!state_->mac) {
    done = done && EVP_EncryptUpdate(cipher, nullptr, &length, bytes_of(out), static_cast<int>(before)) == 1 &&
           EVP_EncryptUpdate(cipher, nullptr, &length, bytes_of(context), static_cast<int>(context.size())) == 1;
  }
  done = done &&
         EVP_EncryptUpdate(cipher, bytes_of(out) + before, &length, bytes_of(bytes), static_cast<int>(bytes.size())) ==
             1 &&
         EVP_EncryptFinal_ex(cipher, bytes_of(out) + before + length, &length) == 1;
  if (!done) return openssl_error("encrypt");
  if (state_->mac) {
    ZHILI_ASSIGN(const std::string tag, state_->mac->run({out, context}));
    return out + tag;
  }
  std::string tag(sizes.tag, '\0');
  if (EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, static_cast<int>(sizes.tag), tag.data()) != 1) {
    return openssl_error("encrypt");
  }
  return out + tag;
}

Result<std::string> Aead::open(size_t head, std::string_view context, std::string_view sealed) {
  const CipherSizes& sizes = state_->sizes;
  if (head < sizes.nonce || sealed.size() < head + sizes.tag) return cannot_open();
  const std::string_view covered = sealed.substr(0, sealed.size() - sizes.tag);
  const std::string_view body = covered.substr(head);
  std::string tag(sealed.substr(covered.size()));
  if (state_->mac) {
    ZHILI_ASSIGN(const std::string expected, state_->mac->run({covered, context}));
    if (CRYPTO_memcmp(expected.data(), tag.data(), tag.size()) != 0) return cannot_open();
  }
  EVP_CIPHER_CTX* cipher = state_->decrypt.get();
  std::string out(body.size(), '\0');
  int length = 0;
  bool done = EVP_DecryptInit_ex(cipher, nullptr, nullptr, nullptr, bytes_of(sealed) + head - sizes.nonce) == 1;
  if (!state_->mac) {
    done = done && EVP_DecryptUpdate(cipher, nullptr, &length, bytes_of(sealed), static_cast<int>(head)) == 1 &&
           EVP_DecryptUpdate(cipher, nullptr, &length, bytes_of(context), static_cast<int>(context.size())) == 1;
  }
  done = done &&
         EVP_DecryptUpdate(cipher, bytes_of(out), &length, bytes_of(body), static_cast<int>(body.size())) == 1 &&
         (state_->mac != nullptr ||
          EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, static_cast<int>(sizes.tag), tag.data()) == 1) &&
         EVP_DecryptFinal_ex(cipher, bytes_of(out) + length, &length) == 1;
  if (!done) return cannot_open();
  return out;
}

}  // namespace zhili::crypto
