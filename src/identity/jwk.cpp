#include "identity/jwk.hpp"

#include <array>
#include <optional>
#include <utility>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "base/freed.hpp"
#include "base/limits.hpp"
#include "identity/encoding.hpp"
#include "identity/json_text.hpp"

namespace zhili::identity {
namespace {

using Json = boost::json::object;

constexpr int kLeastRsaBits = 2048;
constexpr int kMostRsaBits = 8192;  // Checking takes the longer, and the provider chooses.
constexpr size_t kCoordinateBytes = 32;

using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;
using Key = std::shared_ptr<EVP_PKEY>;

const unsigned char* unsigned_of(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

Number number_of(std::string_view bytes) {
  return Number(BN_bin2bn(unsigned_of(bytes), static_cast<int>(bytes.size()), nullptr));
}

Key key_from(const char* algorithm, const Parameters& parameters) {
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, algorithm, nullptr));
  EVP_PKEY* key = nullptr;
  if (parameters == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return {key, EVP_PKEY_free};
}

/// The bytes of a member in Base 64 for URLs, or nothing.
std::optional<std::string> bytes_member(const Json& jwk, std::string_view name) {
  const auto text = text_member(jwk, name);
  if (!text) return std::nullopt;
  return from_base64url(*text);
}

Key rsa_key(const Json& jwk) {
  const auto modulus = bytes_member(jwk, "n");
  const auto exponent = bytes_member(jwk, "e");
  if (!modulus || !exponent || modulus->size() > kMostRsaBits / 8 || exponent->size() > 8) return nullptr;
  const Number n = number_of(*modulus);
  const Number e = number_of(*exponent);
  const Builder builder(OSSL_PARAM_BLD_new());
  if (n == nullptr || e == nullptr || builder == nullptr || BN_num_bits(n.get()) < kLeastRsaBits ||
      !BN_is_odd(n.get()) || !BN_is_odd(e.get()) || BN_num_bits(e.get()) < 2 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return nullptr;
  }
  return key_from("RSA", Parameters(OSSL_PARAM_BLD_to_param(builder.get())));
}

Key p256_key(const Json& jwk) {
  const auto x = bytes_member(jwk, "x");
  const auto y = bytes_member(jwk, "y");
  if (!x || !y || x->size() != kCoordinateBytes || y->size() != kCoordinateBytes) return nullptr;
  const std::string point = fmt::format("\x04{}{}", *x, *y);
  const Builder builder(OSSL_PARAM_BLD_new());
  if (builder == nullptr ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1) {
    return nullptr;
  }
  Key key = key_from("EC", Parameters(OSSL_PARAM_BLD_to_param(builder.get())));
  if (key == nullptr) return nullptr;
  // A point beside the curve would make signatures mean nothing.
  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
  return context != nullptr && EVP_PKEY_public_check(context.get()) == 1 ? key : nullptr;
}

Key ed25519_key(const Json& jwk) {
  const auto x = bytes_member(jwk, "x");
  if (!x || x->size() != kCoordinateBytes) return nullptr;
  return {EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, unsigned_of(*x), x->size()), EVP_PKEY_free};
}

/// The kind of key, or nothing for a key that is none of ours.
std::optional<SignatureKind> kind_of(const Json& jwk) {
  const auto use = text_member(jwk, "use");
  if (use && *use != "sig") return std::nullopt;
  const std::string type = text_member(jwk, "kty").value_or("");
  const std::string curve = text_member(jwk, "crv").value_or("");
  const auto algorithm = text_member(jwk, "alg");
  const auto is = [&](std::string_view name) { return !algorithm || *algorithm == name; };
  if (type == "RSA" && is("RS256")) return SignatureKind::kRs256;
  if (type == "EC" && curve == "P-256" && is("ES256")) return SignatureKind::kEs256;
  if (type == "OKP" && curve == "Ed25519" && (is("EdDSA") || is("Ed25519"))) return SignatureKind::kEdDsa;
  return std::nullopt;
}

/// JWS writes r and s side by side, OpenSSL wants them in DER.
std::string der_of(std::string_view signature) {
  if (signature.size() != 2 * kCoordinateBytes) return {};
  const Signature both(ECDSA_SIG_new());
  Number r = number_of(signature.substr(0, kCoordinateBytes));
  Number s = number_of(signature.substr(kCoordinateBytes));
  if (both == nullptr || r == nullptr || s == nullptr) return {};
  // They belong to the signature now; it refuses none but nulls.
  if (ECDSA_SIG_set0(both.get(), r.release(), s.release()) != 1) return {};
  unsigned char* der = nullptr;
  const int length = i2d_ECDSA_SIG(both.get(), &der);
  if (length <= 0) return {};
  std::string out(reinterpret_cast<const char*>(der), static_cast<size_t>(length));
  OPENSSL_free(der);
  return out;
}

}  // namespace

bool PublicKey::verify(std::string_view text, std::string_view signature) const {
  std::string der;
  if (kind_ == SignatureKind::kEs256) {
    der = der_of(signature);
    if (der.empty()) return false;
    signature = der;
  }
  const DigestContext context(EVP_MD_CTX_new());
  const EVP_MD* digest = kind_ == SignatureKind::kEdDsa ? nullptr : EVP_sha256();
  return context != nullptr && EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), unsigned_of(signature), signature.size(), unsigned_of(text), text.size()) == 1;
}

Result<KeySet> KeySet::parse(std::string_view json) {
  ZHILI_ASSIGN(const Json object, parse_object(json, limits::kProviderBytes, "The provider's key set"));
  const auto* list = object.if_contains("keys");
  if (list == nullptr || !list->is_array()) {
    return fail(ErrorCode::kInput, {}, "Look at the provider.", "The provider's key set has no list of keys");
  }
  if (list->get_array().size() > limits::kProviderKeys) {
    return fail(ErrorCode::kLimit, {}, "Look at the provider.", "The provider's key set has more than {} keys",
                limits::kProviderKeys);
  }
  KeySet set;
  for (const auto& item : list->get_array()) {
    if (!item.is_object()) {
      return fail(ErrorCode::kInput, {}, "Look at the provider.", "The provider's key set has a key that is no object");
    }
    const Json& jwk = item.get_object();
    const auto kind = kind_of(jwk);
    if (!kind) continue;
    Key key = *kind == SignatureKind::kRs256   ? rsa_key(jwk)
              : *kind == SignatureKind::kEs256 ? p256_key(jwk)
                                               : ed25519_key(jwk);
    if (key == nullptr) {
      return fail(ErrorCode::kInput, {}, "RSA keys need 2048 bits at least.", "The provider's key set has a bad key");
    }
    set.keys_.push_back(PublicKey(text_member(jwk, "kid").value_or(""), *kind, std::move(key)));
  }
  return set;
}

std::vector<const PublicKey*> KeySet::candidates(std::string_view id, SignatureKind kind) const {
  std::vector<const PublicKey*> out;
  for (const PublicKey& key : keys_) {
    if (key.kind() == kind && (id.empty() || key.id() == id)) out.push_back(&key);
  }
  return out;
}

}  // namespace zhili::identity
