#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/audit_log.hpp"
#include "base/result.hpp"
#include "catalog/registry.hpp"
#include "exchange/terms.hpp"
#include "identity/decision.hpp"
#include "store/store.hpp"
#include "vault/door.hpp"

/// Requests of departments for data that others hold, from the first draft to the end of the grant.
namespace zhili::exchange {

inline constexpr size_t kRequestFields = 200;         ///< Of one request.
inline constexpr size_t kRequestConditions = 20;      ///< Of one request.
inline constexpr size_t kReasonBytes = 4000;          ///< Of what people write.
inline constexpr int64_t kMostCalls = 1'000'000'000;  ///< A day, or a minute.
inline constexpr size_t kRequestPage = 200;
inline constexpr size_t kSweepAtOnce = 200;  ///< Requests that one sweep moves.

enum class State : uint8_t { kDraft, kSubmitted, kApproved, kRefused, kWithdrawn, kExpired, kRevoked };
std::string_view name_of(State state);
std::optional<State> state_of(std::string_view name);

enum class Step : uint8_t { kSubmit, kApprove, kRefuse, kWithdraw, kExpire, kRevoke };
std::string_view name_of(Step step);

/// Where a step leads; nothing where the state does not allow it. This is all there is: draft → submitted → approved or
/// refused; approved → expired or revoked; the requester may withdraw what is not over.
std::optional<State> next(State state, Step step);

/// What a department asks for.
struct Wanted {
  std::string department;  ///< That asks.
  std::string dataset;
  std::vector<std::string> fields;
  std::string purpose;
  std::string basis;                      ///< Legal basis, of the catalogue.
  std::string reason;                     ///< What for, in words.
  std::vector<vault::RowCondition> rows;  ///< Which rows are needed; none: all.
  int64_t until = 0;                      ///< Microseconds since 1970: how long it is needed.
  int64_t per_minute = 60;                ///< Calls, at most.
  int64_t per_day = 10'000;
  bool operator==(const Wanted&) const = default;
};

/// What the owner opens: never more than was asked for.
struct Conditions {
  std::vector<vault::GrantedField> fields;
  std::vector<vault::RowCondition> rows;
  int64_t until = 0;
  int64_t per_minute = 0;
  int64_t per_day = 0;
  bool operator==(const Conditions&) const = default;
};

/// The JSON forms, and back. Errors of the latter: kInput.
std::string to_json(const Wanted& wanted);
std::string to_json(const Conditions& conditions);
Result<Wanted> wanted_from_json(std::string_view json);
Result<Conditions> conditions_from_json(std::string_view json);

/// A request, which is a grant while it is approved.
struct Request {
  std::string id;
  int64_t version = 1;  ///< Rises with each step.
  State state = State::kDraft;
  Wanted wanted;
  std::string owner;         ///< The department that holds the dataset.
  std::string requested_by;  ///< Account.
  int64_t created_at = 0;
  int64_t submitted_at = 0;
  int64_t answer_due = 0;    ///< The end of the legal term; 0 where none runs.
  int64_t deliver_due = 0;   ///< From the approval on.
  int64_t delivered_at = 0;  ///< When rows were told first.
  int64_t decided_at = 0;
  std::string decided_by;  ///< Empty: by the program.
  std::string answers;     ///< The department that answers: the owner, or who stands in for it; empty: nobody does.
  std::string reason;      ///< Of the refusal, the revocation, or the condition.
  Conditions conditions;   ///< Once approved.
  std::string entry;       ///< Of the last step, in the audit log.
};

/// What `Requests` stands on. All outlive it.
struct Ground {
  store::Store& store;
  const audit::AuditLog& log;
  const catalog::Catalog& catalog;
  int64_t area_id = 0;
};

/// May be used by many threads and servers; its functions wait for the store.
class Requests {
 public:
  static std::vector<store::Migration> migrations();

  Requests(Ground ground, std::shared_ptr<const Terms> terms, std::shared_ptr<const vault::Rules> rules);

  /// From the next call on.
  void use(std::shared_ptr<const Terms> terms, std::shared_ptr<const vault::Rules> rules);

  // Each step is decided by the policy on the resource `grant` of the department that acts: create and update of who
  // asks, decide of who answers; it is an entry of the audit log and an event "exchange.request.STEP". `known` is the
  // version that the caller has seen. Errors: kConstraint where the policy forbids it; kNotFound; kConflict where the
  // request is at another version by now, or in a state that does not allow the step; kInput.

  /// Error: kInput with all that is wrong with what is asked for; each says where, "PATH: WORDS", its hint in Chinese.
  Result<Request> create(const identity::Actor& actor, const Wanted& wanted);
  /// Changes a draft.
  Result<Request> change(const identity::Actor& actor, std::string_view id, int64_t known, const Wanted& wanted);
  /// What is shared without condition is granted at once; what is not shared is refused, with the law that says so;
  /// the rest waits for the owner.
  Result<Request> submit(const identity::Actor& actor, std::string_view id, int64_t known);
  Result<Request> withdraw(const identity::Actor& actor, std::string_view id, int64_t known);
  /// Error: kInput where the conditions open more than was asked for.
  Result<Request> approve(const identity::Actor& actor, std::string_view id, int64_t known,
                          const Conditions& conditions, const std::string& reason = "");
  /// With a reason.
  Result<Request> refuse(const identity::Actor& actor, std::string_view id, int64_t known, const std::string& reason);
  Result<Request> revoke(const identity::Actor& actor, std::string_view id, int64_t known, const std::string& reason);

  /// Shown to both sides, and to who may read grants everywhere. Error: kNotFound, also where it may not be seen.
  Result<Request> find(const identity::Actor& actor, std::string_view id, std::string_view purpose = "") const;

  struct Search {
    std::string department = {};  ///< That asks, owns, or answers.
    std::string dataset = {};
    std::optional<State> state = {};
    enum class Side : uint8_t { kAny, kAsks, kAnswers } side = Side::kAny;  ///< On which the department stands.
    bool overdue = false;                                                   ///< The term of the next step is over.
    bool orphaned = false;                                                  ///< Nobody answers.
    std::string before = {};                                                ///< Id of the last one that is known.
    size_t limit = 50;
  };
  /// Newest first, without those that the actor may not see.
  Result<std::vector<Request>> search(const identity::Actor& actor, const Search& search,
                                      std::string_view purpose = "") const;

  /// What time does by itself: grants expire; what is overdue is told by one event "exchange.request.overdue" each;
  /// requests whose officer left go to who stands in, or are told as orphaned. Returns how many it moved or told; call
  /// it again where that is kSweepAtOnce.
  Result<size_t> sweep();

  /// Who answers for a department: itself while it has an officer; else the department of the nearest area above that
  /// has one; else nobody.
  Result<std::string> answers_for(const std::string& department) const;

  /// Within a state of the data or a change: a request by its id. Error: kNotFound.
  Result<Request> read(store::Snapshot& snapshot, std::string_view id) const;
  Result<Request> read(store::Transaction& tx, std::string_view id) const;

  const Ground& ground() const { return ground_; }
  std::shared_ptr<const Terms> terms() const;
  std::shared_ptr<const vault::Rules> rules() const;
  /// Whether the policy lets an actor do something to the grants of a department.
  identity::Decision decide(const identity::Actor& actor, std::string_view action, const std::string& department,
                            const std::string& subject, std::string_view purpose = "") const;

 private:
  using Make = std::function<Status(Request&)>;
  Status require(const identity::Actor& actor, std::string_view action, const std::string& department,
                 const std::string& subject) const;
  Result<Request> step(const identity::Actor& actor, std::string_view id, int64_t known, Step step, const Make& make);
  Status write(store::Transaction& tx, Request& request, std::string_view step, const std::string& by) const;
  Status check(const Wanted& wanted, const catalog::Dataset& dataset) const;
  Result<catalog::Dataset> dataset_of(const std::string& id) const;
  Status open_at_once(Request& request, const catalog::Dataset& dataset) const;
  using Answering = std::map<std::string, std::string, std::less<>>;  ///< By department, as far as it was asked for.
  Status move_on(Request& request, int64_t now, Answering& answering, std::string& topic) const;
  bool sees(const identity::Actor& actor, const Request& request, std::string_view purpose) const;

  const Ground ground_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Terms> terms_;
  std::shared_ptr<const vault::Rules> rules_;
};

}  // namespace zhili::exchange
