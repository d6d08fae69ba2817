#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.hpp"
#include "base/result.hpp"
#include "identity/decision.hpp"
#include "vault/rows.hpp"
#include "vault/subject.hpp"
#include "vault/vault.hpp"

/// The one door by which personal values leave the vault.
namespace zhili::vault {

/// What decisions stand on. Immutable; a new one replaces it.
struct Rules {
  identity::Policy policy;
  identity::AreaTree areas;
  /// By a legal basis: how long, in microseconds, the law has a disclosure on it withheld from the subject.
  std::map<std::string, int64_t, std::less<>> withheld = {};
};

/// What someone asks for: values of one subject by its id (action read), or of those that a value fits (look_up).
struct Ask {
  identity::Actor actor;
  std::string purpose;
  std::string basis;  ///< Id of a legal basis of the catalogue; it must carry the purpose.
  std::string kind;
  std::string subject;              ///< Id of a subject; or
  std::string by;                   ///< a field that the catalogue lets look up by,
  std::string value;                ///< and its value, in any spelling.
  std::vector<std::string> fields;  ///< Wanted; empty for all.
  std::string how;                  ///< By which way it was asked for: a word such as "web", or empty.
};

/// A field that is shown.
struct ShownField {
  std::string field;
  bool masked = false;
  bool known = false;  ///< False: the subject has no value of this field.
  std::string value = {};
  std::string source = {};
  std::string record = {};  ///< Empty where masked.
  std::string time = {};
  uint32_t differs = 0;
};

/// One subject as it may be seen.
struct Disclosed {
  std::string subject;
  std::string place;
  int64_t version = 0;
  std::vector<ShownField> fields;
  std::vector<RefusedField> refused;
  std::string entry;  ///< Id of the audit entry, and of the line in the subject's ledger.
  int64_t time = 0;   ///< Microseconds since 1970 UTC.
};

struct Answer {
  std::vector<Disclosed> subjects;  ///< By id: one. By value: up to limits::kMatches.
  bool bounded = false;             ///< By value: there may be matches of which the rules show this actor nothing. Told
                                    ///< by the rules alone: nothing here says whether there are any.
  bool more = false;                ///< There are more matches than are shown; or more than limits::kMatchesSeen have
                                    ///< the value, and not all were looked at.
  std::optional<Refusal> refusal;   ///< Nothing is shown, and this is why. An unknown id is answered like one outside
                                    ///< the actor's area, where the actor is bound to areas; a look-up by value is
                                    ///< refused by what holds for every subject.
};

/// One line of a subject's ledger.
struct LedgerLine {
  std::string entry;
  int64_t time = 0;
  std::string actor;
  std::string purpose;
  std::string basis;
  std::string action;               ///< read, look_up, export, reasons or ledger.
  std::vector<std::string> clear;   ///< Fields shown whole,
  std::vector<std::string> masked;  ///< and masked.
  std::string how;
  std::string department;  ///< The body that saw it; empty where who asked acts for none.
  std::string dataset;     ///< Of rows: which were told, and under which grant. Empty for the subject's own values.
  std::string grant;
  uint64_t rows = 0;      ///< How many rows about the subject.
  bool withheld = false;  ///< From the subject, for now.
};

struct LedgerAsk {
  identity::Actor actor;
  std::string purpose;
  std::string basis;
  std::string kind;
  std::string subject;
  std::string before;  ///< Cursor: `next` of the page before; empty for the newest.
  size_t limit = 50;   ///< 1 to limits::kLedgerPage.
  std::string how;
};

struct LedgerPage {
  std::vector<LedgerLine> lines;  ///< Newest first. Those that the law withholds are there only for who may `read` the
                                  ///< resource `withheld_disclosure`.
  uint64_t withheld = 0;          ///< How many lines are not shown yet,
  int64_t withheld_until = 0;     ///< and from when on all of them will be.
  std::string next;               ///< Empty at the end.
  std::optional<Refusal> refusal;
  std::string entry;
};

struct ReasonsAsk {
  identity::Actor actor;
  std::string purpose;
  std::string basis;
  std::string kind;
  std::string subject;
  std::string how;
};

struct Reasons {
  Provenance provenance;
  std::optional<Refusal> refusal;
  std::string entry;
};

template <class T>
using Answered = std::move_only_function<void(Result<T>)>;

struct DoorOptions {
  unsigned threads = 1;  ///< That read, decide and open.
};

/// Decides each field by the policy, masks, and writes the disclosure into the subject's ledger and the audit log in
/// one change; only when that is durable is `done` called with values. If it can't be committed, `done` gets the error
/// and no value. All functions may be called from any thread and do not wait; each `done` is called once, on a thread
/// of the door or of the store: it is quick, and waits for nothing. Questions that can't be asked (a kind or a field
/// that is not there, a field that nobody may be looked for by) are errors of kInput; too many at once are kBusy.
class Door {
 public:
  static Result<std::unique_ptr<Door>> open(Vault& vault, std::shared_ptr<const Rules> rules, DoorOptions options = {});
  Door(const Door&) = delete;
  Door& operator=(const Door&) = delete;
  /// Answers what was asked before it ends.
  ~Door();

  /// From the next question on.
  void use(std::shared_ptr<const Rules> rules);

  void disclose(Ask ask, Answered<Answer> done);
  /// Who has seen the subject's values: decided as action read on the resource `disclosure`.
  void ledger(LedgerAsk ask, Answered<LedgerPage> done);
  /// The records and links that the subject was made from: decided as its values are, by the kind's reasons_grade; a
  /// disclosure as well.
  void reasons(ReasonsAsk ask, Answered<Reasons> done);
  /// Rows of a dataset under a grant. Each row that is told is a line in the ledger of the subject that it is about;
  /// where that is not known yet, the line is found once it is.
  void rows(RowsAsk ask, Answered<RowsAnswer> done);

  /// Waits for the answer. Not to be called where `done` may not wait.
  Result<Answer> disclose_now(Ask ask);
  Result<LedgerPage> ledger_now(LedgerAsk ask);
  Result<Reasons> reasons_now(ReasonsAsk ask);
  Result<RowsAnswer> rows_now(RowsAsk ask);

  /// All rows that a grant admits, as one job, on the caller's thread: `take` is given group by group what is told,
  /// once the lines of all its subjects are durable. A grant that ends meanwhile ends it, with what was told.
  using TakeRows = std::function<Status(const std::vector<ShownRow>&)>;
  Result<Released> release(const ReleaseAsk& ask, const Cancel& cancel, const TakeRows& take);

  /// All rows of a dataset as one job, on the caller's thread, for a result that tells of nobody: `take` keeps none of
  /// them. Cells are in the order of the fields, empty where the row has none. Errors: kInput for a field that the
  /// dataset does not have; kNotFound for the dataset; kBusy where it is surveyed already; those of `take`.
  using TakeCells = std::function<Status(const std::vector<std::string_view>&)>;
  Result<Surveyed> survey(const SurveyAsk& ask, const Cancel& cancel, const TakeCells& take);

  /// Whether a value is still what somebody saw: it tells nothing else. On the caller's thread.
  Result<Held> holds(const SeenValue& seen);
  /// A text that is kept sealed, to who may `read` its resource; told once the entry is durable. On the caller's
  /// thread. Error: kNotFound.
  Result<TextTold> text(const TextAsk& ask);

 private:
  struct Queue;
  explicit Door(std::unique_ptr<Queue> queue);
  std::unique_ptr<Queue> queue_;
};

}  // namespace zhili::vault
