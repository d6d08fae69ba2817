#include "vault/sealer.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

namespace zhili::vault {
namespace {

constexpr char kVersion = 1;
constexpr size_t kNumberBytes = 4;
constexpr size_t kPlainHead = 1 + kNumberBytes;
constexpr size_t kRandomBytes = 4096;  // For nonces, drawn at once.

/// Sizes of a cipher in bytes.
struct Sizes {
  size_t key;
  size_t nonce;
  size_t tag;
};
constexpr Sizes kGcm{32, 12, 16};
constexpr Sizes kSm4{16, 16, 32};
constexpr size_t kDigestBytes = 32;

constexpr const Sizes& sizes_of(CipherKind kind) { return kind == CipherKind::kSm4 ? kSm4 : kGcm; }
const char* digest_name(CipherKind kind) { return kind == CipherKind::kSm4 ? "SM3" : "SHA256"; }

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

template <auto function>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    function(object);
  }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>>;
using MacAlgorithm = std::unique_ptr<EVP_MAC, Freed<EVP_MAC_free>>;
using Mac = std::unique_ptr<EVP_MAC_CTX, Freed<EVP_MAC_CTX_free>>;
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

Result<std::string> hkdf(const char* digest, std::string_view secret, std::string_view word, size_t bytes) {
  const KdfAlgorithm algorithm(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const Kdf kdf(algorithm ? EVP_KDF_CTX_new(algorithm.get()) : nullptr);
  if (!kdf) return openssl_error("derive keys");
  std::string name(digest);
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

Result<Mac> hmac(CipherKind kind, const std::string& key) {
  const MacAlgorithm algorithm(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  Mac mac(algorithm ? EVP_MAC_CTX_new(algorithm.get()) : nullptr);
  std::string name(digest_name(kind));
  const std::array<OSSL_PARAM, 2> params = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), name.size()), OSSL_PARAM_construct_end()};
  if (!mac || EVP_MAC_init(mac.get(), bytes_of(key), key.size(), params.data()) != 1)
    return openssl_error("make a MAC");
  return mac;
}

/// The MAC of the parts, by the key that the context was given.
bool run_mac(EVP_MAC_CTX* mac, std::initializer_list<std::string_view> parts, std::string& out) {
  if (EVP_MAC_init(mac, nullptr, 0, nullptr) != 1) return false;
  for (const std::string_view part : parts) {
    if (EVP_MAC_update(mac, bytes_of(part), part.size()) != 1) return false;
  }
  out.resize(kDigestBytes);
  size_t length = out.size();
  return EVP_MAC_final(mac, bytes_of(out), &length, out.size()) == 1 && length == kDigestBytes;
}

/// What the tag covers beside the bytes: each part is told apart from the next.
std::string context_bytes(const SealContext& context) {
  return fmt::format("{}|{}|{}:{}|{}:{}", context.area_id, static_cast<char>(context.part), context.kind.size(),
                     context.kind, context.id.size(), context.id);
}

}  // namespace

std::string_view name_of(CipherKind kind) { return kind == CipherKind::kSm4 ? "sm4-ctr-hmac-sm3" : "aes-256-gcm"; }

Result<DataKey> DataKey::derive(uint32_t number, CipherKind cipher, std::string_view secret) {
  DataKey key;
  key.number = number;
  key.cipher = cipher;
  const char* digest = digest_name(cipher);
  ZHILI_ASSIGN(key.seal, hkdf(digest, secret, "zhili vault: seal", sizes_of(cipher).key));
  ZHILI_ASSIGN(key.mac, hkdf(digest, secret, "zhili vault: mac", kDigestBytes));
  ZHILI_ASSIGN(key.index, hkdf(digest, secret, "zhili vault: index", kDigestBytes));
  ZHILI_ASSIGN(key.content, hkdf(digest, secret, "zhili vault: content", kDigestBytes));
  return key;
}

DataKeys::DataKeys(std::vector<DataKey> keys) : keys_(std::move(keys)) {
  std::ranges::sort(keys_, {}, &DataKey::number);
}

DataKeys::~DataKeys() {
  for (DataKey& key : keys_) {
    for (std::string* secret : {&key.seal, &key.mac, &key.index, &key.content}) {
      OPENSSL_cleanse(secret->data(), secret->size());
    }
  }
}

const DataKey* DataKeys::find(uint32_t number) const {
  const auto found = std::ranges::find(keys_, number, &DataKey::number);
  return found == keys_.end() ? nullptr : &*found;
}

struct Sealer::Prepared {
  std::string seal;  // The key that the contexts were given.
  Cipher encrypt;
  Cipher decrypt;
  Mac tag;  // For SM4.
  Mac index;
  Mac content;
};

Sealer::Sealer() = default;
Sealer::Sealer(Sealer&&) noexcept = default;
Sealer& Sealer::operator=(Sealer&&) noexcept = default;
Sealer::~Sealer() = default;

Result<Sealer::Prepared*> Sealer::prepare(const DataKey& key) {
  auto& place = prepared_[key.number];
  if (place && place->seal == key.seal) return place.get();
  auto made = std::make_unique<Prepared>();
  made->seal = key.seal;
  made->encrypt.reset(EVP_CIPHER_CTX_new());
  made->decrypt.reset(EVP_CIPHER_CTX_new());
  const EVP_CIPHER* cipher = key.cipher == CipherKind::kSm4 ? EVP_sm4_ctr() : EVP_aes_256_gcm();
  if (!made->encrypt || !made->decrypt ||
      EVP_EncryptInit_ex(made->encrypt.get(), cipher, nullptr, bytes_of(key.seal), nullptr) != 1 ||
      EVP_DecryptInit_ex(made->decrypt.get(), cipher, nullptr, bytes_of(key.seal), nullptr) != 1) {
    return openssl_error("encrypt");
  }
  if (key.cipher == CipherKind::kSm4) {
    ZHILI_ASSIGN(made->tag, hmac(key.cipher, key.mac));
  }
  ZHILI_ASSIGN(made->index, hmac(key.cipher, key.index));
  ZHILI_ASSIGN(made->content, hmac(key.cipher, key.content));
  place = std::move(made);
  return place.get();
}

Result<std::string_view> Sealer::nonce(size_t count) {
  if (random_.size() < random_used_ + count) {
    random_.resize(kRandomBytes);
    random_used_ = 0;
    if (RAND_bytes(bytes_of(random_), static_cast<int>(random_.size())) != 1) {
      random_.clear();
      return fail(ErrorCode::kInternal, {}, "", "the system has no randomness");
    }
  }
  random_used_ += count;
  return std::string_view(random_).substr(random_used_ - count, count);
}

Result<std::string> Sealer::seal(const DataKey& key, const SealContext& context, std::string_view bytes) {
  ZHILI_ASSIGN(Prepared * prepared, prepare(key));
  const Sizes& sizes = sizes_of(key.cipher);
  ZHILI_ASSIGN(const std::string_view fresh, nonce(sizes.nonce));
  std::string out;
  out.reserve(kPlainHead + sizes.nonce + bytes.size() + sizes.tag);
  out += kVersion;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((key.number >> shift) & 0xff);
  out += fresh;
  const size_t head = out.size();
  out.resize(head + bytes.size());
  const std::string extra = context_bytes(context);
  EVP_CIPHER_CTX* cipher = prepared->encrypt.get();
  int length = 0;
  const bool gcm = key.cipher != CipherKind::kSm4;
  bool done = EVP_EncryptInit_ex(cipher, nullptr, nullptr, nullptr, bytes_of(out) + kPlainHead) == 1;
  if (gcm) {
    done = done && EVP_EncryptUpdate(cipher, nullptr, &length, bytes_of(out), static_cast<int>(head)) == 1 &&
           EVP_EncryptUpdate(cipher, nullptr, &length, bytes_of(extra), static_cast<int>(extra.size())) == 1;
  }
  done =
      done &&
      EVP_EncryptUpdate(cipher, bytes_of(out) + head, &length, bytes_of(bytes), static_cast<int>(bytes.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher, bytes_of(out) + head + length, &length) == 1;
  std::string tag(sizes.tag, '\0');
  done = done && (gcm ? EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, static_cast<int>(sizes.tag), tag.data()) == 1
                      : run_mac(prepared->tag.get(), {out, extra}, tag));
  if (!done) return openssl_error("encrypt");
  return out + tag;
}

uint32_t Sealer::key_of(std::string_view sealed) {
  if (sealed.size() < kPlainHead || sealed[0] != kVersion) return 0;
  uint32_t number = 0;
  for (size_t i = 1; i < kPlainHead; ++i) number = (number << 8) | static_cast<unsigned char>(sealed[i]);
  return number;
}

Result<std::string> Sealer::open(const DataKeys& keys, const SealContext& context, std::string_view sealed) {
  const DataKey* key = keys.find(key_of(sealed));
  if (key == nullptr) {
    return fail(ErrorCode::kNotFound, {}, "Load the keys anew; a key that was forgotten does not come back.",
                "the key of a sealed value is not at hand");
  }
  const Sizes& sizes = sizes_of(key->cipher);
  const size_t head = kPlainHead + sizes.nonce;
  if (sealed.size() < head + sizes.tag) return cannot_open();
  ZHILI_ASSIGN(Prepared * prepared, prepare(*key));
  const std::string_view body = sealed.substr(head, sealed.size() - head - sizes.tag);
  std::string tag(sealed.substr(sealed.size() - sizes.tag));
  const std::string extra = context_bytes(context);
  const bool gcm = key->cipher != CipherKind::kSm4;
  if (!gcm) {
    std::string expected;
    if (!run_mac(prepared->tag.get(), {sealed.substr(0, sealed.size() - sizes.tag), extra}, expected) ||
        CRYPTO_memcmp(expected.data(), tag.data(), tag.size()) != 0) {
      return cannot_open();
    }
  }
  EVP_CIPHER_CTX* cipher = prepared->decrypt.get();
  std::string out(body.size(), '\0');
  int length = 0;
  bool done = EVP_DecryptInit_ex(cipher, nullptr, nullptr, nullptr, bytes_of(sealed) + kPlainHead) == 1;
  if (gcm) {
    done = done && EVP_DecryptUpdate(cipher, nullptr, &length, bytes_of(sealed), static_cast<int>(head)) == 1 &&
           EVP_DecryptUpdate(cipher, nullptr, &length, bytes_of(extra), static_cast<int>(extra.size())) == 1;
  }
  done = done &&
         EVP_DecryptUpdate(cipher, bytes_of(out), &length, bytes_of(body), static_cast<int>(body.size())) == 1 &&
         (!gcm || EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, static_cast<int>(sizes.tag), tag.data()) == 1) &&
         EVP_DecryptFinal_ex(cipher, bytes_of(out) + length, &length) == 1;
  if (!done) return cannot_open();
  return out;
}

Result<std::string> Sealer::digest(const DataKey& key, Digest use, std::string_view bytes) {
  ZHILI_ASSIGN(Prepared * prepared, prepare(key));
  std::string out;
  if (!run_mac(use == Digest::kIndex ? prepared->index.get() : prepared->content.get(), {bytes}, out)) {
    return openssl_error("make a MAC");
  }
  return out;
}

}  // namespace zhili::vault
