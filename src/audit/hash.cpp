#include "audit/hash.hpp"

#include <cstdlib>
#include <cstring>

#include <openssl/evp.h>

#include "base/base64.hpp"

namespace zhili::audit {
namespace {

constexpr std::string_view kLeafMark("\0", 1);
constexpr char kNodeMark = 1;

}  // namespace

std::string_view name_of(HashKind kind) { return kind == HashKind::kSha256 ? "sha256" : "sm3"; }

std::optional<HashKind> hash_kind(std::string_view name) {
  for (const HashKind kind : {HashKind::kSha256, HashKind::kSm3}) {
    if (name == name_of(kind)) return kind;
  }
  return std::nullopt;
}

Hash Hash::of(std::string_view bytes) {
  Hash out;
  std::memcpy(out.bytes.data(), bytes.data(), kBytes);
  return out;
}

std::string to_base64(const Hash& hash) { return zhili::to_base64(hash.view()); }

std::string to_hex(const Hash& hash) {
  std::string out;
  for (const uint8_t byte : hash.bytes) out += fmt::format("{:02x}", byte);
  return out;
}

std::optional<Hash> hash_from_base64(std::string_view text) {
  const auto bytes = from_base64(text);
  if (!bytes || bytes->size() != Hash::kBytes) return std::nullopt;
  return Hash::of(*bytes);
}

void Hasher::Free::operator()(evp_md_st* digest) const { EVP_MD_free(digest); }
void Hasher::Free::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

Result<Hasher> Hasher::create(HashKind kind) {
  std::unique_ptr<evp_md_st, Free> digest(EVP_MD_fetch(nullptr, kind == HashKind::kSm3 ? "SM3" : "SHA256", nullptr));
  std::unique_ptr<evp_md_ctx_st, Free> context(EVP_MD_CTX_new());
  if (!digest || !context || EVP_DigestInit_ex2(context.get(), digest.get(), nullptr) != 1) {
    return fail(ErrorCode::kConfig, {},
                "Check the providers in OpenSSL's configuration (openssl list -digest-algorithms).",
                "OpenSSL does not offer the digest {}", name_of(kind));
  }
  return Hasher(kind, std::move(digest), std::move(context));
}

Hasher Hasher::another() const {
  EVP_MD_up_ref(digest_.get());
  std::unique_ptr<evp_md_st, Free> digest(digest_.get());
  std::unique_ptr<evp_md_ctx_st, Free> context(EVP_MD_CTX_new());
  if (!context || EVP_DigestInit_ex2(context.get(), digest.get(), nullptr) != 1) std::abort();  // Out of memory.
  return {kind_, std::move(digest), std::move(context)};
}

Hash Hasher::run(std::string_view first, std::string_view second) {
  Hash out;
  // A digest that was once fetched fails at nothing but a broken process: no tree may be built on its result.
  if (EVP_DigestInit_ex2(context_.get(), nullptr, nullptr) != 1 ||
      EVP_DigestUpdate(context_.get(), first.data(), first.size()) != 1 ||
      EVP_DigestUpdate(context_.get(), second.data(), second.size()) != 1 ||
      EVP_DigestFinal_ex(context_.get(), out.bytes.data(), nullptr) != 1) {
    std::abort();
  }
  return out;
}

Hash Hasher::digest(std::string_view bytes) { return run({}, bytes); }

Hash Hasher::leaf(std::string_view entry) { return run(kLeafMark, entry); }

Hash Hasher::node(const Hash& left, const Hash& right) {
  std::array<char, 1 + 2 * Hash::kBytes> bytes{};
  bytes[0] = kNodeMark;
  std::memcpy(bytes.data() + 1, left.bytes.data(), Hash::kBytes);
  std::memcpy(bytes.data() + 1 + Hash::kBytes, right.bytes.data(), Hash::kBytes);
  return run({bytes.data(), bytes.size()}, {});
}

Hash Hasher::root(std::vector<Hash> hashes) {
  if (hashes.empty()) return empty();
  // A last hash without a partner moves up as it is: this is the same tree as the RFC's, split at powers of two.
  for (size_t count = hashes.size(); count > 1; count = (count + 1) / 2) {
    for (size_t i = 0; i + 1 < count; i += 2) hashes[i / 2] = node(hashes[i], hashes[i + 1]);
    if (count % 2 == 1) hashes[count / 2] = hashes[count - 1];
  }
  return hashes[0];
}

}  // namespace zhili::audit
