#include "exchange/signing.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "audit/note.hpp"

namespace zhili::exchange {
namespace {

constexpr std::string_view kFirst = "zhili-exchange/v1";
constexpr std::array<std::string_view, 6> kLines = {"grant", "dataset", "entry", "time", "digest", "bytes"};
constexpr size_t kMostText = 200;
constexpr size_t kHexDigits = 64;

std::unexpected<Error> no_statement(std::string_view what) {
  return fail(ErrorCode::kInput, {}, "Ask who gave the answer for it again.", "this is no signed statement: {}", what);
}

bool is_token(std::string_view text) {
  return !text.empty() && text.size() <= kMostText &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

bool is_digest(std::string_view text) {
  for (const std::string_view kind : {"sha256:", "sm3:"}) {
    if (!text.starts_with(kind)) continue;
    const std::string_view hex = text.substr(kind.size());
    return hex.size() == kHexDigits &&
           std::ranges::all_of(hex, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
  }
  return false;
}

template <class Number>
bool number_of(std::string_view text, Number& out) {
  const auto [at, wrong] = std::from_chars(text.data(), text.data() + text.size(), out);
  // One form only: no zero in front.
  return wrong == std::errc() && at == text.data() + text.size() && (text.size() == 1 || text[0] != '0') &&
         text[0] != '-';
}

}  // namespace

std::string to_text(const Statement& statement) {
  return fmt::format("{}\ngrant {}\ndataset {}\nentry {}\ntime {}\ndigest {}\nbytes {}\n", kFirst, statement.grant,
                     statement.dataset, statement.entry, statement.time, statement.digest, statement.bytes);
}

Result<Statement> parse_statement(std::string_view text) {
  std::array<std::string_view, kLines.size()> values;
  size_t at = text.find('\n');
  if (at == std::string_view::npos || text.substr(0, at) != kFirst) return no_statement("its first line is another");
  for (size_t i = 0; i < kLines.size(); ++i) {
    const size_t begin = at + 1;
    at = text.find('\n', begin);
    if (at == std::string_view::npos) return no_statement("a line is missing");
    const std::string_view line = text.substr(begin, at - begin);
    const std::string_view name = kLines.at(i);
    if (!line.starts_with(name) || line.size() < name.size() + 2 || line[name.size()] != ' ') {
      return no_statement("a line is out of place");
    }
    values.at(i) = line.substr(name.size() + 1);
    if (!is_token(values.at(i))) return no_statement("a value will not do");
  }
  if (at + 1 != text.size()) return no_statement("there is more than it should say");
  Statement out{std::string(values[0]), std::string(values[1]), std::string(values[2]), 0, std::string(values[4]), 0};
  if (!number_of(values[3], out.time) || !number_of(values[5], out.bytes) || !is_digest(out.digest)) {
    return no_statement("a number or the digest will not do");
  }
  return out;
}

Result<std::string> digest_text(audit::HashKind hash, std::string_view bytes) {
  ZHILI_ASSIGN(auto hasher, audit::Hasher::create(hash));
  return fmt::format("{}:{}", audit::name_of(hash), audit::to_hex(hasher.digest(bytes)));
}

Result<Signer> Signer::create(audit::SignKey key) {
  const auto hash = key.kind() == audit::KeyKind::kSm2 ? audit::HashKind::kSm3 : audit::HashKind::kSha256;
  return Signer(std::move(key), hash);
}

Result<std::string> Signer::sign(const Statement& statement) const {
  audit::Note note{to_text(statement), {}};
  ZHILI_TRY(parse_statement(note.text));
  ZHILI_ASSIGN(auto signature, key_.sign(note.text));
  note.signatures.push_back(std::move(signature));
  return audit::to_text(note);
}

Result<std::string> Signer::sign(Statement statement, std::string_view answer) const {
  ZHILI_ASSIGN(statement.digest, digest_text(hash_, answer));
  statement.bytes = answer.size();
  return sign(statement);
}

Result<Statement> verify_statement(std::string_view note, std::span<const audit::VerifyKey> keys) {
  ZHILI_ASSIGN(const auto parsed, audit::parse_note(note));
  ZHILI_ASSIGN(const auto found, audit::verify_note(parsed, keys));
  if (std::ranges::none_of(found, [](const auto& one) { return one.has_value(); })) {
    return no_statement("none of the keys signed it");
  }
  return parse_statement(parsed.text);
}

Result<Statement> verify_answer(std::string_view note, std::string_view answer,
                                std::span<const audit::VerifyKey> keys) {
  ZHILI_ASSIGN(auto statement, verify_statement(note, keys));
  const auto hash = audit::hash_kind(std::string_view(statement.digest).substr(0, statement.digest.find(':')));
  if (!hash) return no_statement("it names an unknown digest");
  ZHILI_ASSIGN(const std::string digest, digest_text(*hash, answer));
  if (digest != statement.digest || statement.bytes != answer.size()) return no_statement("it is about other bytes");
  return statement;
}

}  // namespace zhili::exchange
