#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "exchange/requests.hpp"
#include "vault/vault.hpp"

/// What a resident asks a body, or objects to, about a line of the own ledger; answered within its term, and shown
/// beside the line.
namespace zhili::exchange {

struct Question {
  std::string id;
  std::string state;  ///< asked, answered.
  std::string kind;   ///< Of the subject,
  std::string subject;
  std::string line;        ///< and the entry of the ledger's line.
  std::string department;  ///< The body that the line names.
  std::string answers;     ///< The department that answers, as in Request.
  std::string asked_by;
  int64_t asked_at = 0;
  int64_t due = 0;
  int64_t answered_at = 0;
  std::string answered_by;
};

/// May be used by many threads and servers; its functions wait for the store. All outlive it.
class Questions {
 public:
  Questions(const Requests& requests, vault::Vault& vault, vault::Door& door)
      : requests_(requests), vault_(vault), door_(door) {}

  /// About a line of the ledger of whom the actor's account stands for. Errors: kNotFound for a line that is not there,
  /// or withheld; kConstraint for another's ledger; kInput for an empty text, or a line that names no body.
  Result<Question> ask(const identity::Actor& actor, const std::string& kind, const std::string& subject,
                       const std::string& line, const std::string& basis, const std::string& text);
  /// By the body. Errors: kConflict where it was answered; as for steps of Requests.
  Result<Question> answer(const identity::Actor& actor, std::string_view id, const std::string& text);

  /// Within a change: a subject turned out to be another one; what was asked goes with its ledger.
  Status follow(store::Transaction& tx, const std::string& kind, const std::string& from, const std::string& to) const;

  /// Those about a subject's ledger, newest first, to the resident. Error: kConstraint for another's.
  Result<std::vector<Question>> of_subject(const identity::Actor& actor, const std::string& kind,
                                           const std::string& subject) const;
  /// Those that a department is to answer, the oldest first.
  Result<std::vector<Question>> waiting(const identity::Actor& actor, const std::string& department) const;
  /// What was asked, and what was answered; told by the vault's door on a legal basis.
  Result<vault::TextTold> text(const identity::Actor& actor, std::string_view id, const std::string& basis,
                               bool answer) const;
  /// Tells of what is overdue, once each, by "exchange.question.overdue". Returns how many.
  Result<size_t> sweep();

 private:
  Status require_own(const identity::Actor& actor, const std::string& kind, const std::string& subject) const;
  Status require(const identity::Actor& actor, std::string_view action, const std::string& department,
                 const std::string& account, std::string_view purpose) const;
  Result<Question> read(std::string_view id) const;

  const Requests& requests_;
  vault::Vault& vault_;
  vault::Door& door_;
};

}  // namespace zhili::exchange
