#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

struct evp_md_st;
struct evp_md_ctx_st;

namespace zhili::audit {

/// The digest that a log's tree is built with. Tools of other projects read SHA-256 trees only.
enum class HashKind { kSha256, kSm3 };

std::string_view name_of(HashKind kind);  ///< "sha256" or "sm3".
std::optional<HashKind> hash_kind(std::string_view name);

/// The digest of an entry, of a node, or of a tree.
struct Hash {
  static constexpr size_t kBytes = 32;
  std::array<uint8_t, kBytes> bytes{};

  auto operator<=>(const Hash&) const = default;
  std::string_view view() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
  /// The hash in the first 32 of these bytes, of which there must be so many.
  static Hash of(std::string_view bytes);
};

std::string to_base64(const Hash& hash);
std::string to_hex(const Hash& hash);
std::optional<Hash> hash_from_base64(std::string_view text);

/// Digests of one kind, as RFC 6962 (section 2.1) puts entries and nodes apart. Belongs to one thread at a time; the
/// algorithm is fetched once, so keep the object.
class Hasher {
 public:
  /// Fails where OpenSSL does not offer the digest (SM3 in a FIPS configuration).
  static Result<Hasher> create(HashKind kind);

  Hasher(Hasher&&) noexcept = default;
  Hasher& operator=(Hasher&&) noexcept = default;

  /// Another one of the kind, for another thread. Cheap.
  Hasher another() const;

  HashKind kind() const { return kind_; }
  Hash digest(std::string_view bytes);             ///< Of the bytes alone.
  Hash leaf(std::string_view entry);               ///< Of 0x00 and the entry.
  Hash node(const Hash& left, const Hash& right);  ///< Of 0x01 and both children.
  Hash empty() { return digest({}); }              ///< The root of a tree without entries.

  /// The root of at most 2^20 leaves or perfect subtrees of one height, from left to right; of none, `empty()`.
  Hash root(std::vector<Hash> hashes);

 private:
  struct Free {
    void operator()(evp_md_st* digest) const;
    void operator()(evp_md_ctx_st* context) const;
  };
  Hasher(HashKind kind, std::unique_ptr<evp_md_st, Free> digest, std::unique_ptr<evp_md_ctx_st, Free> context)
      : kind_(kind), digest_(std::move(digest)), context_(std::move(context)) {}
  Hash run(std::string_view first, std::string_view second);

  HashKind kind_;
  std::unique_ptr<evp_md_st, Free> digest_;
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace zhili::audit
