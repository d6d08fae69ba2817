#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "audit/hash.hpp"
#include "audit/key.hpp"
#include "base/result.hpp"

/// Signed answers: who was told what, when, under which grant, so that the receiver and any third party can show it
/// later, without this program's help.
namespace zhili::exchange {

/// What a signature vouches for.
struct Statement {
  std::string grant;
  std::string dataset;
  std::string entry;   ///< Of the audit log.
  int64_t time = 0;    ///< Microseconds since 1970 UTC.
  std::string digest;  ///< Of the answer's bytes: "sha256:" or "sm3:" and hexadecimal digits.
  uint64_t bytes = 0;  ///< How many those are.
  bool operator==(const Statement&) const = default;
};

/// The lines that are signed, and back. Each statement has one form. Errors: kInput.
std::string to_text(const Statement& statement);
Result<Statement> parse_statement(std::string_view text);

/// Signs answers by a key of the installation, Ed25519 with SHA-256 or SM2 with SM3. May be used by many threads.
class Signer {
 public:
  /// `key` signs answers alone: another one than the log's.
  static Result<Signer> create(audit::SignKey key);

  /// The statement with its signature, as a signed note (c2sp.org/signed-note): text that travels beside the answer.
  /// Sets the statement's digest and size.
  Result<std::string> sign(Statement statement, std::string_view answer) const;
  /// The same over a digest that was made while the answer was.
  Result<std::string> sign(const Statement& statement) const;
  audit::HashKind hash() const { return hash_; }
  /// What receivers need, to be published.
  Result<audit::VerifyKey> verify_key() const { return key_.verify_key(); }

 private:
  Signer(audit::SignKey key, audit::HashKind hash) : key_(std::move(key)), hash_(hash) {}
  audit::SignKey key_;
  audit::HashKind hash_;
};

/// "sha256:…" of bytes.
Result<std::string> digest_text(audit::HashKind hash, std::string_view bytes);

/// What a signed note says, if one of the keys signed it. Errors: kInput.
Result<Statement> verify_statement(std::string_view note, std::span<const audit::VerifyKey> keys);
/// The same, and that it is about these bytes.
Result<Statement> verify_answer(std::string_view note, std::string_view answer, std::span<const audit::VerifyKey> keys);

}  // namespace zhili::exchange
