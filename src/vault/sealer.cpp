#include "vault/sealer.hpp"

#include <algorithm>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/rand.h>

namespace zhili::vault {
namespace {

constexpr char kVersion = 1;
constexpr size_t kNumberBytes = 4;
constexpr size_t kPlainHead = 1 + kNumberBytes;
constexpr size_t kRandomBytes = 4096;  // For nonces, drawn at once.

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

/// What the tag covers beside the bytes: each part is told apart from the next.
std::string context_bytes(const SealContext& context) {
  return fmt::format("{}|{}|{}:{}|{}:{}", context.area_id, static_cast<char>(context.part), context.kind.size(),
                     context.kind, context.id.size(), context.id);
}

}  // namespace

Result<DataKey> DataKey::derive(uint32_t number, CipherKind cipher, std::string_view secret) {
  DataKey key;
  key.number = number;
  key.cipher = cipher;
  ZHILI_ASSIGN(key.seal, crypto::hkdf(cipher, secret, "zhili vault: seal", crypto::sizes_of(cipher).key));
  ZHILI_ASSIGN(key.mac, crypto::hkdf(cipher, secret, "zhili vault: mac", crypto::kDigestBytes));
  ZHILI_ASSIGN(key.index, crypto::hkdf(cipher, secret, "zhili vault: index", crypto::kDigestBytes));
  ZHILI_ASSIGN(key.content, crypto::hkdf(cipher, secret, "zhili vault: content", crypto::kDigestBytes));
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
  std::string seal;  // The key that it was made from.
  crypto::Aead aead;
  crypto::Mac index;
  crypto::Mac content;
};

Sealer::Sealer() = default;
Sealer::Sealer(Sealer&&) noexcept = default;
Sealer& Sealer::operator=(Sealer&&) noexcept = default;
Sealer::~Sealer() = default;

Result<Sealer::Prepared*> Sealer::prepare(const DataKey& key) {
  auto& place = prepared_[key.number];
  if (place && place->seal == key.seal) return place.get();
  ZHILI_ASSIGN(auto aead, crypto::Aead::create(key.cipher, key.seal, key.mac));
  ZHILI_ASSIGN(auto index, crypto::Mac::create(key.cipher, key.index));
  ZHILI_ASSIGN(auto content, crypto::Mac::create(key.cipher, key.content));
  place = std::make_unique<Prepared>(Prepared{key.seal, std::move(aead), std::move(index), std::move(content)});
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
  ZHILI_ASSIGN(const std::string_view fresh, nonce(crypto::sizes_of(key.cipher).nonce));
  std::string head;
  head.reserve(kPlainHead + fresh.size() + bytes.size());
  head += kVersion;
  for (int shift = 24; shift >= 0; shift -= 8) head += static_cast<char>((key.number >> shift) & 0xff);
  head += fresh;
  return prepared->aead.seal(std::move(head), context_bytes(context), bytes);
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
  ZHILI_ASSIGN(Prepared * prepared, prepare(*key));
  return prepared->aead.open(kPlainHead + crypto::sizes_of(key->cipher).nonce, context_bytes(context), sealed);
}

Result<std::string> Sealer::digest(const DataKey& key, Digest use, std::string_view bytes) {
  ZHILI_ASSIGN(Prepared * prepared, prepare(key));
  return (use == Digest::kIndex ? prepared->index : prepared->content).run({bytes});
}

}  // namespace zhili::vault
