#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "audit/hash.hpp"
#include "base/result.hpp"

/// What is written into a log about one deed. Entries are kept for ever and shown to many, so nothing personal may
/// stand in them: every field is a word of the program, an id that the program made, or a salted digest. The salt lies
/// in the SQL store; once it is deleted nobody can tell what was digested.
namespace zhili::audit {

enum class Action {
  kCreate,
  kChange,
  kRemove,
  kGrant,
  kRevoke,
  kDisclose,  ///< Personal data was shown or given out.
  kExport,
  kPublish,
  kDecide,
  kMerge,
  kSplit,
  kRun,  ///< A bulk job under a recorded purpose.
  kSignIn,
  kSignOut,
  kConfigure,
};
std::string_view name_of(Action action);

/// What an id stands for.
enum class Kind {
  kAccount,
  kRole,
  kBody,  ///< A department or another body.
  kSystem,
  kDevice,
  kPerson,
  kEntity,
  kRecord,
  kCase,
  kDataset,
  kCatalogue,
  kGrant,
  kFile,
  kJob,
  kPack,
  kSetting,
};
std::string_view name_of(Kind kind);

/// A thing by an id that the program made: "case:01J9ZC". Never by a number of the outside world.
class Ref {
 public:
  /// `id`: 1 to 64 of A-Z a-z 0-9 _ - and no more than ten digits in a row, so that no ID number, telephone or card
  /// slips in. Errors: kInput, without the text, which may be what should not be told.
  static Result<Ref> create(Kind kind, std::string_view id);
  /// By a number that the program counts, told in hexadecimal digits: "case:#1f".
  static Ref of(Kind kind, uint64_t number);
  /// By an id that the program made. One that can't be told, as a random id now and then reads like a number of the
  /// outside world, is told by its digest.
  static Ref by_id(Kind kind, std::string_view id);
  /// Who acts: an account by its id, a system by its key's ("key_…"), or, by an empty one, the program itself.
  static Ref of_actor(std::string_view id);

  const std::string& text() const { return text_; }

 private:
  explicit Ref(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// A word from a list that the program or a pack has: a purpose, a legal basis, a field's name.
class Word {
 public:
  /// 1 to 64 of a-z 0-9 _ . - beginning with a letter, with no more than six digits in a row. Errors: kInput.
  static Result<Word> create(std::string_view text);

  const std::string& text() const { return text_; }
  auto operator<=>(const Word&) const = default;

 private:
  explicit Word(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

/// A division by its code of GB/T 2260 and on: 2, 4, 6, 9 or 12 digits.
class Area {
 public:
  static Result<Area> create(std::string_view code);
  const std::string& text() const { return code_; }

 private:
  explicit Area(std::string code) : code_(std::move(code)) {}
  std::string code_;
};

/// 32 random bytes from the system, one for each entry.
struct Salt {
  static constexpr size_t kBytes = 32;
  std::string bytes;
};

/// The digest that stands in an entry for a value: over the salt, the field's name, a zero byte, and the value. With
/// the salt from the store, whoever knows a value can check that it is the one.
std::string salted_digest(Hasher& hasher, const Salt& salt, std::string_view field, std::string_view value);

/// An entry while it is put together. Its id sorts by time; id and salt are made when it is begun.
class EntryDraft {
 public:
  /// `now`: microseconds since 1970. Errors: kInternal where the system has no randomness.
  static Result<EntryDraft> begin(Hasher hasher, Action action, const Ref& actor, int64_t now);

  EntryDraft& object(const Ref& ref);
  EntryDraft& area(const Area& area);
  EntryDraft& purpose(const Word& purpose);
  EntryDraft& basis(const Word& legal_basis);
  EntryDraft& count(const Word& what, uint64_t number);  ///< E.g. how many records a job read.
  /// A personal value: its digest goes in, the value itself is not kept.
  EntryDraft& personal(const Word& field, std::string_view value);
  /// All that was changed, in a form that can be made again: its digest goes in.
  EntryDraft& change(std::string_view canonical);

  const std::string& id() const { return id_; }
  const Salt& salt() const { return salt_; }
  /// The entry's bytes: JSON in one line, keys sorted, nothing but printable ASCII. {"action", "actor", "area",
  /// "basis", "change", "counts": {…}, "id", "object", "personal": {…}, "purpose", "time", "v": 1}, without what was
  /// not given.
  std::string json() const;

 private:
  EntryDraft(Hasher hasher, std::string id, Salt salt)
      : hasher_(std::move(hasher)), id_(std::move(id)), salt_(std::move(salt)) {}

  Hasher hasher_;
  std::string id_;
  Salt salt_;
  std::map<std::string, std::string> fields_;  ///< Values that are quoted.
  std::map<std::string, uint64_t> counts_;
  std::map<std::string, std::string> personal_;
};

}  // namespace zhili::audit
