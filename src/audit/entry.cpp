#include "audit/entry.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <openssl/rand.h>

#include "base/base64.hpp"
#include "base/clock.hpp"
#include "base/hash.hpp"

namespace zhili::audit {
namespace {

constexpr std::array<std::string_view, 15> kActions = {"create",   "change", "remove",  "grant",    "revoke",
                                                       "disclose", "export", "publish", "decide",   "merge",
                                                       "split",    "run",    "sign_in", "sign_out", "configure"};
constexpr std::array<std::string_view, 16> kKinds = {"account", "role",   "body", "system",  "device",    "person",
                                                     "entity",  "record", "case", "dataset", "catalogue", "grant",
                                                     "file",    "job",    "pack", "setting"};

constexpr size_t kMostCharacters = 64;
constexpr size_t kDigitsInId = 10;
constexpr size_t kDigitsInWord = 6;
constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

size_t longest_digits(std::string_view text) {
  size_t longest = 0;
  size_t now = 0;
  for (const char c : text) longest = std::max(longest, now = is_digit(c) ? now + 1 : 0);
  return longest;
}

/// 48 bits of milliseconds and 80 random ones in 26 letters, as ULIDs are written: they sort by time.
std::string make_id(int64_t now, const std::array<unsigned char, 10>& random) {
  std::string out(26, '0');
  auto time = static_cast<uint64_t>(std::max<int64_t>(now, 0) / 1000);
  for (size_t i = 10; i-- > 0; time >>= 5) out[i] = kCrockford[time & 31];
  uint64_t bits = 0;
  unsigned held = 0;
  size_t at = 10;
  for (const unsigned char byte : random) {
    bits = (bits << 8) | byte;
    held += 8;
    while (held >= 5) {
      held -= 5;
      out[at++] = kCrockford[(bits >> held) & 31];
    }
  }
  return out;
}

}  // namespace

std::string_view name_of(Action action) { return kActions[static_cast<size_t>(action)]; }
std::string_view name_of(Kind kind) { return kKinds[static_cast<size_t>(kind)]; }

Result<Ref> Ref::create(Kind kind, std::string_view id) {
  const bool letters = std::ranges::all_of(id, [](char c) {
    return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
  });
  if (id.empty() || id.size() > kMostCharacters || !letters || longest_digits(id) > kDigitsInId) {
    return fail(ErrorCode::kInput, {},
                "A log names things by ids that the program made, never by a number of the outside world.",
                "the id of a {} of {} characters may not stand in a log", name_of(kind), id.size());
  }
  return Ref(fmt::format("{}:{}", name_of(kind), id));
}

Ref Ref::of(Kind kind, uint64_t number) { return Ref(fmt::format("{}:#{:x}", name_of(kind), number)); }

Ref Ref::by_id(Kind kind, std::string_view id) {
  auto ref = create(kind, id);
  return ref ? *std::move(ref) : of(kind, hash_bytes(id));
}

Ref Ref::of_actor(std::string_view id) {
  if (id.empty()) return of(Kind::kSystem, 0);
  return by_id(id.starts_with("key_") ? Kind::kSystem : Kind::kAccount, id);
}

Result<Word> Word::create(std::string_view text) {
  const bool letters = std::ranges::all_of(
      text, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || c == '_' || c == '.' || c == '-'; });
  if (text.empty() || text.size() > kMostCharacters || !letters || text[0] < 'a' ||
      longest_digits(text) > kDigitsInWord) {
    return fail(ErrorCode::kInput, {}, "Name a purpose, a basis or a field from its list.",
                "a word of {} characters may not stand in a log", text.size());
  }
  return Word(std::string(text));
}

Result<Area> Area::create(std::string_view code) {
  constexpr std::array<size_t, 5> kLengths = {2, 4, 6, 9, 12};
  if (!std::ranges::all_of(code, is_digit) || std::ranges::find(kLengths, code.size()) == kLengths.end()) {
    return fail(ErrorCode::kInput, {}, "Codes of divisions have 2, 4, 6, 9 or 12 digits.",
                "a text of {} characters is no code of a division", code.size());
  }
  return Area(std::string(code));
}

std::string salted_digest(Hasher& hasher, const Salt& salt, std::string_view field, std::string_view value) {
  std::string bytes = salt.bytes;
  bytes.append(field).append(1, '\0').append(value);
  return fmt::format("{}:{}", name_of(hasher.kind()), to_base64(hasher.digest(bytes)));
}

Result<EntryDraft> EntryDraft::begin(Hasher hasher, Action action, const Ref& actor, int64_t now) {
  std::array<unsigned char, 10> unique{};
  Salt salt{std::string(Salt::kBytes, '\0')};
  if (RAND_bytes(unique.data(), unique.size()) != 1 ||
      RAND_priv_bytes(reinterpret_cast<unsigned char*>(salt.bytes.data()), Salt::kBytes) != 1) {
    return fail(ErrorCode::kInternal, {}, "", "the system has no randomness");
  }
  EntryDraft draft(std::move(hasher), make_id(now, unique), std::move(salt));
  draft.fields_["action"] = name_of(action);
  draft.fields_["actor"] = actor.text();
  draft.fields_["id"] = draft.id_;
  draft.fields_["time"] = time_text(now);
  return draft;
}

EntryDraft& EntryDraft::object(const Ref& ref) {
  fields_["object"] = ref.text();
  return *this;
}

EntryDraft& EntryDraft::area(const Area& area) {
  fields_["area"] = area.text();
  return *this;
}

EntryDraft& EntryDraft::purpose(const Word& purpose) {
  fields_["purpose"] = purpose.text();
  return *this;
}

EntryDraft& EntryDraft::basis(const Word& legal_basis) {
  fields_["basis"] = legal_basis.text();
  return *this;
}

EntryDraft& EntryDraft::count(const Word& what, uint64_t number) {
  counts_[what.text()] = number;
  return *this;
}

EntryDraft& EntryDraft::personal(const Word& field, std::string_view value) {
  personal_[field.text()] = salted_digest(hasher_, salt_, field.text(), value);
  return *this;
}

EntryDraft& EntryDraft::change(std::string_view canonical) {
  fields_["change"] = salted_digest(hasher_, salt_, "change", canonical);
  return *this;
}

std::string EntryDraft::json() const {
  // No value holds a character that JSON escapes: the types above let none in.
  constexpr size_t kUsual = 640;
  std::string out;
  out.reserve(kUsual);
  const auto name = [&](std::string_view key) {
    out += out.empty() || out.back() == '{' ? "\"" : ",\"";
    out.append(key).append("\":");
  };
  const auto quoted = [&](std::string_view key, std::string_view value) {
    name(key);
    out.append(1, '"').append(value).append(1, '"');
  };
  out += '{';
  // Keys are sorted, and so are `fields_`: what is no text comes before the first that is behind it.
  bool counts = counts_.empty();
  bool personal = personal_.empty();
  const auto groups = [&](std::string_view before) {
    if (!counts && before > "counts") {
      counts = true;
      name("counts");
      out += '{';
      for (const auto& [what, number] : counts_) {
        name(what);
        out += std::to_string(number);
      }
      out += '}';
    }
    if (!personal && before > "personal") {
      personal = true;
      name("personal");
      out += '{';
      for (const auto& [field, digest] : personal_) quoted(field, digest);
      out += '}';
    }
  };
  for (const auto& [key, value] : fields_) {
    groups(key);
    quoted(key, value);
  }
  groups("v");
  name("v");
  return out + "1}";
}

}  // namespace zhili::audit
