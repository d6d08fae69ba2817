#include "identity/password.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <argon2.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "identity/encoding.hpp"

namespace zhili::identity {
namespace {

constexpr size_t kSaltBytes = 16;
constexpr size_t kHashBytes = 32;

// The passwords of at least 8 characters that leaks show most often, in small letters, sorted. tools/gen_passwords.py.
constexpr std::string_view kCommon[] = {
#include "identity/common_passwords.inc"
};

std::unexpected<Error> refused(std::string_view problem, std::string_view hint) {
  return fail(ErrorCode::kInput, {}, std::string(hint), "The password {}", problem);
}

std::string lower_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_common(std::string_view lower) { return std::ranges::binary_search(kCommon, lower); }

/// A shorter text written again and again, the last time perhaps in part; its length, or that of the whole.
size_t period_of(std::string_view text) {
  for (size_t period = 1; period < text.size(); ++period) {
    if (text.substr(period) == text.substr(0, text.size() - period)) return period;
  }
  return text.size();
}

/// Each byte is one more, or each one less, than the one before: 12345678, with 9 to 0 as keyboards have it.
bool is_run(std::string_view text) {
  for (const int step : {1, -1}) {
    bool all = true;
    for (size_t i = 1; i < text.size() && all; ++i) {
      const int difference = text[i] - text[i - 1];
      all = difference == step || difference == -9 * step;
    }
    if (all) return true;
  }
  return false;
}

struct Turn {
  std::counting_semaphore<limits::kPasswordHashes>& turns;
  explicit Turn(std::counting_semaphore<limits::kPasswordHashes>& all) : turns(all) { turns.acquire(); }
  ~Turn() { turns.release(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
};

std::unexpected<Error> argon2_failed(int code) {
  return fail(ErrorCode::kInternal, {}, "Give the program more memory.", "Argon2: {}", argon2_error_message(code));
}

std::string cost_text(const PasswordCost& cost) {
  return fmt::format("$argon2id$v={}$m={},t={},p={}$", static_cast<int>(ARGON2_VERSION_NUMBER), cost.memory_kib,
                     cost.passes, cost.lanes);
}

}  // namespace

Result<std::string> prepare_password(std::string_view typed) {
  if (typed.size() > limits::kPasswordBytes) {
    return refused("is too long", fmt::format("The limit is {} bytes.", limits::kPasswordBytes));
  }
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* composed = icu::Normalizer2::getNFCInstance(error);
  icu::UnicodeString text = icu::UnicodeString::fromUTF8({typed.data(), static_cast<int32_t>(typed.size())});
  icu::UnicodeString spaced;
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    if (u_iscntrl(c) || c == 0xFFFD) return refused("has a control character or is not UTF-8", "Type it anew.");
    spaced.append(u_charType(c) == U_SPACE_SEPARATOR ? UChar32{' '} : c);
  }
  icu::UnicodeString normal;
  if (U_SUCCESS(error)) composed->normalize(spaced, normal, error);
  if (U_FAILURE(error)) {
    return fail(ErrorCode::kInternal, {}, "Look at the installation of ICU.", "ICU's tables can't be read");
  }
  std::string out;
  normal.toUTF8String(out);
  return out;
}

Status check_new_password(std::string_view typed, std::string_view login, const PasswordRules& rules) {
  ZHILI_ASSIGN(const std::string password, prepare_password(typed));
  const size_t shortest = std::max<size_t>(rules.shortest, 8);
  const auto characters = static_cast<size_t>(
      std::ranges::count_if(password, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
  if (characters < shortest) {
    return refused("is too short", fmt::format("Take {} characters or more: a few words will do.", shortest));
  }
  const std::string lower = lower_ascii(password);
  const std::string_view unit = std::string_view(lower).substr(0, period_of(lower));
  const std::string_view advice = "Take a few words that have nothing to do with each other.";
  if (is_common(lower) || is_common(unit)) return refused("is among the most used ones", advice);
  if (unit.size() < 8) return refused("repeats a few characters", advice);
  if (is_run(unit)) return refused("is a row of the alphabet or of digits", advice);
  const std::string name = lower_ascii(login);
  if (name.size() >= 3 && lower.find(name) != std::string::npos && lower.size() < name.size() + shortest) {
    return refused("is made of the login name", advice);
  }
  return {};
}

Result<std::unique_ptr<PasswordHasher>> PasswordHasher::create(Entropy& entropy, PasswordCost cost) {
  if (cost.lanes < 1 || cost.passes < 1 || cost.memory_kib < 8 * cost.lanes || cost.memory_kib > (1U << 22)) {
    return fail(ErrorCode::kConfig, {}, "Leave the costs out: the built-in ones are sound.",
                "Argon2 does not take {} KiB, {} passes, {} lanes", cost.memory_kib, cost.passes, cost.lanes);
  }
  std::unique_ptr<PasswordHasher> hasher(new PasswordHasher(entropy, cost));
  ZHILI_ASSIGN(const std::string unknown, entropy.bytes(kHashBytes));
  ZHILI_ASSIGN(hasher->nobodys_, hasher->hash_prepared(to_base64url(unknown)));
  return hasher;
}

Result<std::string> PasswordHasher::hash_prepared(std::string_view password) {
  ZHILI_ASSIGN(const std::string salt, entropy_.bytes(kSaltBytes));
  std::string encoded(argon2_encodedlen(cost_.passes, cost_.memory_kib, cost_.lanes, kSaltBytes, kHashBytes, Argon2_id),
                      '\0');
  const Turn turn(turns_);
  const int code = argon2id_hash_encoded(cost_.passes, cost_.memory_kib, cost_.lanes, password.data(), password.size(),
                                         salt.data(), salt.size(), kHashBytes, encoded.data(), encoded.size());
  if (code != ARGON2_OK) return argon2_failed(code);
  encoded.resize(encoded.find('\0'));
  return encoded;
}

Result<std::string> PasswordHasher::hash(std::string_view typed) {
  ZHILI_ASSIGN(const std::string password, prepare_password(typed));
  return hash_prepared(password);
}

Result<bool> PasswordHasher::check(std::string_view typed, const std::optional<std::string>& hash) {
  const auto prepared = prepare_password(typed);
  // What can't be a password is checked like a wrong one.
  const std::string password = prepared ? *prepared : std::string();
  const std::string& encoded = hash.has_value() ? *hash : nobodys_;
  const Turn turn(turns_);
  const int code = argon2id_verify(encoded.c_str(), password.data(), password.size());
  if (code != ARGON2_OK && code != ARGON2_VERIFY_MISMATCH) return argon2_failed(code);
  return code == ARGON2_OK && hash.has_value() && prepared.has_value();
}

bool PasswordHasher::is_outdated(std::string_view hash) const { return !hash.starts_with(cost_text(cost_)); }

}  // namespace zhili::identity
