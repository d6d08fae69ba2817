#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "identity/decision.hpp"
#include "store/store.hpp"

/// Rows of datasets, as the door tells them under a grant.
namespace zhili::vault {

inline constexpr size_t kRowsAsked = 100;         ///< Rows that one question names by key.
inline constexpr size_t kRowsTold = 100;          ///< Rows that one question by a value is told.
inline constexpr size_t kTextBytes = 16'000;      ///< Of a text that is kept.
inline constexpr size_t kConditionValues = 1000;  ///< Of one condition.

/// Why something is not shown. `rule` and words are of the policy.
struct Refusal {
  std::string code;  ///< Of identity::code_of, or: unknown_basis, basis_other_purpose, not_found, no_mask, not_granted;
                     ///< under a grant also what `Opening` and `Admit` say.
  std::string rule;  ///< Empty where no rule is behind it.
  std::string zh;
  std::string en;
  std::string entry;  ///< Id of the audit entry that tells of the refusal; empty for a single field.
};

struct RefusedField {
  std::string field;
  Refusal why;
};

/// What must hold for a row to be told.
struct RowCondition {
  enum class Kind : uint8_t {
    kOneOf,   ///< The field's value is one of these.
    kWithin,  ///< The field's value is one of these areas, or lies below one.
  };
  std::string field;
  Kind kind = Kind::kOneOf;
  std::vector<std::string> values;
  bool operator==(const RowCondition&) const = default;
};

struct GrantedField {
  std::string field;
  bool masked = false;  ///< In its masked form, whoever asks.
  bool operator==(const GrantedField&) const = default;
};

/// What a grant opens, as who keeps grants says. The door trusts it, and shows no more than the policy lets the actor
/// see of fields of these grades as well: action read, look_up or export on the resource `record`.
struct Opening {
  std::string grant;
  std::string department;  ///< The body that the rows are told to: it stands in the ledgers.
  std::string dataset;
  std::vector<GrantedField> fields;
  std::vector<RowCondition> rows;  ///< All must hold.
  std::string purpose;
  std::string basis;
  std::optional<Refusal> refusal = {};  ///< It opens nothing, and this is why.
};
/// Called on a thread of the door, with the state of the data that it answers by.
using OpenGrant = std::function<Result<Opening>(store::Snapshot&)>;

struct ShownCell {
  std::string field;
  bool masked = false;
  bool known = false;  ///< False: the row has no value of this field.
  std::string value = {};
};

struct ShownRow {
  int64_t record = 0;  ///< A number that stays with the row.
  int64_t version = 0;
  std::string batch = {};
  int64_t changed_at = 0;
  std::vector<ShownCell> cells = {};
};

struct RowsAnswer {
  std::string grant;
  std::string dataset;
  std::vector<ShownRow> rows;         ///< Keys that are not there, or that the grant's conditions leave out, have none.
  std::vector<RefusedField> refused;  ///< Fields that were asked for and are not shown in any row.
  bool more = false;                  ///< By value: there are more rows than kRowsTold.
  std::optional<Refusal> refusal;
  std::string entry;          ///< Of the audit log, and of the lines in the ledgers.
  std::string refusal_entry;  ///< The entry's id should it be refused: for `Admit`.
  int64_t time = 0;           ///< Microseconds since 1970 UTC.
};

/// Whether what was found may be told: called within the change that makes lines and entry durable, so that what it
/// reads and counts is true over all servers. A refusal takes the rows' place. It is called for refused questions too,
/// which it may count. May be called several times, as changes are; runs on the writer's thread.
using Admit = std::function<Result<std::optional<Refusal>>(store::Transaction&, const RowsAnswer&)>;

/// Rows by their keys, or by a value of a field that may be looked up and that the grant opens.
struct RowsAsk {
  identity::Actor actor;
  OpenGrant open;
  std::vector<std::vector<std::string>> keys;  ///< Each: its values in the order of the dataset's key fields.
  std::string by;
  std::string value;
  std::vector<std::string> fields;  ///< Wanted; empty for all that the grant opens.
  std::string how;
  Admit admit;  ///< May be empty.
};

/// All rows that the grant's conditions admit.
struct ReleaseAsk {
  identity::Actor actor;
  OpenGrant open;
  std::vector<std::string> fields;
  std::string how;
  Admit admit;  ///< For each group of rows, its answer without their cells.
};

struct Released {
  std::string job;  ///< Empty where it was refused before it began.
  uint64_t rows = 0;
  std::vector<GrantedField> fields;  ///< Of each row's cells, in their order.
  std::vector<RefusedField> refused;
  std::optional<Refusal> refusal;  ///< Why it began not, or ended before its end.
};

/// All rows of a dataset for a result that tells of nobody: counts, or rows that passed a check. None leaves as it is,
/// so it is a job with purpose, basis, fields and count, and no line in anybody's ledger.
struct SurveyAsk {
  identity::Actor actor;
  std::string dataset;
  std::vector<std::string> fields;  ///< Whole, in this order.
  std::string purpose;
  std::string basis;
  std::string action;    ///< That the policy decides, on
  std::string resource;  ///< this, of the dataset's provider, by the highest grade of the fields.
};

struct Surveyed {
  std::string job;  ///< Empty where it was refused.
  uint64_t rows = 0;
  std::optional<Refusal> refusal;
};

/// What became of a value that somebody saw.
enum class Held : uint8_t { kSame, kOther, kGone };

/// A value as it was seen, which it does not tell: see audit::salted_digest.
struct SeenValue {
  std::string dataset;
  int64_t record = 0;
  std::string field;
  std::string salt;
  std::string digest;
};

/// A text about a row or a subject that people wrote and the vault keeps sealed (sealed_text.hpp).
struct TextAsk {
  identity::Actor actor;
  std::string purpose;
  std::string basis;
  std::string id;
  std::string department;  ///< That it is meant for, or whose data it is about.
  std::string account;     ///< Whose own it is; empty for nobody's.
  std::string resource;    ///< That the policy knows it as.
  int grade = 3;
  std::string how;
};
struct TextTold {
  std::string text;
  std::optional<Refusal> refusal;
  std::string entry;
};

}  // namespace zhili::vault
