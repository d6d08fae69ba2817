#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "identity/encoding.hpp"
#include "identity/jwk.hpp"

/// Signs ID tokens, for tests.
namespace zhili::identity {

class TestSigner {
 public:
  TestSigner(SignatureKind kind, std::string id, unsigned rsa_bits = 2048) : kind_(kind), id_(std::move(id)) {
    EVP_PKEY* key = kind == SignatureKind::kRs256   ? EVP_RSA_gen(rsa_bits)
                    : kind == SignatureKind::kEs256 ? EVP_EC_gen("P-256")
                                                    : EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    key_.reset(key, EVP_PKEY_free);
  }

  std::string algorithm() const {
    return kind_ == SignatureKind::kRs256 ? "RS256" : kind_ == SignatureKind::kEs256 ? "ES256" : "EdDSA";
  }

  /// The public key as a provider publishes it.
  boost::json::object jwk() const {
    boost::json::object out{{"kid", id_}, {"use", "sig"}, {"alg", algorithm()}};
    if (kind_ == SignatureKind::kRs256) {
      out["kty"] = "RSA";
      out["n"] = number(OSSL_PKEY_PARAM_RSA_N, 0);
      out["e"] = number(OSSL_PKEY_PARAM_RSA_E, 0);
    } else if (kind_ == SignatureKind::kEs256) {
      out["kty"] = "EC";
      out["crv"] = "P-256";
      out["x"] = number(OSSL_PKEY_PARAM_EC_PUB_X, 32);
      out["y"] = number(OSSL_PKEY_PARAM_EC_PUB_Y, 32);
    } else {
      size_t size = 32;
      std::string raw(size, '\0');
      EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(raw.data()), &size);
      out["kty"] = "OKP";
      out["crv"] = "Ed25519";
      out["x"] = to_base64url(raw);
    }
    return out;
  }
  std::string key_set() const { return key_set_of({jwk()}); }
  static std::string key_set_of(const std::vector<boost::json::object>& jwks) {
    boost::json::array keys;
    for (const boost::json::object& jwk : jwks) keys.emplace_back(jwk);
    boost::json::object set;
    set["keys"] = std::move(keys);
    return boost::json::serialize(set);
  }

  std::string token(const std::string& claims) const {
    const boost::json::object header{{"alg", algorithm()}, {"kid", id_}, {"typ", "JWT"}};
    return token_with(boost::json::serialize(header), claims);
  }
  std::string token_with(const std::string& header, const std::string& claims) const {
    const std::string text = to_base64url(header) + "." + to_base64url(claims);
    return text + "." + to_base64url(sign(text));
  }

 private:
  std::string number(const char* name, int width) const {
    BIGNUM* value = nullptr;
    EVP_PKEY_get_bn_param(key_.get(), name, &value);
    std::string bytes(static_cast<size_t>(width == 0 ? BN_num_bytes(value) : width), '\0');
    BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    BN_free(value);
    return to_base64url(bytes);
  }

  std::string sign(const std::string& text) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    const EVP_MD* digest = kind_ == SignatureKind::kEdDsa ? nullptr : EVP_sha256();
    EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get());
    size_t size = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size());
    std::string signature(size, '\0');
    auto* out = reinterpret_cast<unsigned char*>(signature.data());
    EVP_DigestSign(context.get(), out, &size, bytes, text.size());
    signature.resize(size);
    if (kind_ != SignatureKind::kEs256) return signature;
    const auto* der = reinterpret_cast<const unsigned char*>(signature.data());
    ECDSA_SIG* both = d2i_ECDSA_SIG(nullptr, &der, static_cast<long>(signature.size()));
    std::string raw(64, '\0');
    BN_bn2binpad(ECDSA_SIG_get0_r(both), reinterpret_cast<unsigned char*>(raw.data()), 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(both), reinterpret_cast<unsigned char*>(raw.data()) + 32, 32);
    ECDSA_SIG_free(both);
    return raw;
  }

  SignatureKind kind_;
  std::string id_;
  std::shared_ptr<EVP_PKEY> key_;
};

}  // namespace zhili::identity
