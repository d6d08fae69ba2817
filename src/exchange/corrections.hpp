#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "exchange/gateway.hpp"
#include "exchange/requests.hpp"
#include "vault/vault.hpp"

/// Wrong values go back to who owns them (校核纠错): asked by a department that sees them under a grant, or by the
/// person that they are about; answered by the owner within the legal term.
namespace zhili::exchange {

/// What is wrong, and what would be right.
struct Claim {
  std::string dataset;
  std::vector<std::string> key;  ///< Of the row.
  std::string field;
  std::string seen;      ///< The value that was shown: whole, not masked. Kept as a digest.
  std::string proposed;  ///< Kept sealed, with the reason.
  std::string reason;
  std::string grant;  ///< Under which a department sees it; empty for the person that the row is about.
};

struct Correction {
  std::string id;
  int64_t version = 1;
  std::string state;  ///< submitted, accepted, refused, overtaken: the value was changed before it was answered.
  std::string dataset;
  int64_t record = 0;
  std::string field;
  std::string owner;
  std::string answers;  ///< The department that answers, as in Request.
  std::string asked_by;
  std::string department;  ///< That asked; empty for a resident.
  int64_t asked_at = 0;
  int64_t due = 0;  ///< The end of the legal term.
  int64_t decided_at = 0;
  std::string decided_by;
  std::string
      way;  ///< Of an accepted one: batch (it comes with a later batch), or mark (the value is marked as wrong).
  vault::Held held = vault::Held::kSame;  ///< Of `find`: what the value is now.
};

/// May be used by many threads and servers; its functions wait for the store. All outlive it.
class Corrections {
 public:
  Corrections(const Requests& requests, const Gateway& gateway, vault::Vault& vault, vault::Door& door)
      : requests_(requests), gateway_(gateway), vault_(vault), door_(door) {}

  /// Asks, with an event "exchange.correction.submitted". Errors: kConstraint for who may not see the field, or may not
  /// ask; kNotFound for a row that is not there; kConflict where the value is not what was seen: it was changed since;
  /// kInput.
  Result<Correction> ask(const identity::Actor& actor, const Claim& claim);

  enum class Way : uint8_t { kBatch, kMark };
  /// Errors: as for steps of Requests; kConflict also where the value was changed meanwhile: then the correction is
  /// overtaken, and who asked is told by the event "exchange.correction.overtaken".
  Result<Correction> accept(const identity::Actor& actor, std::string_view id, int64_t known, Way way,
                            const std::string& answer);
  /// With a reason.
  Result<Correction> refuse(const identity::Actor& actor, std::string_view id, int64_t known,
                            const std::string& reason);

  /// To both sides. Error: kNotFound, also where it may not be seen.
  Result<Correction> find(const identity::Actor& actor, std::string_view id) const;
  struct Search {
    std::string department = {};  ///< That owns, answers or asked; empty: the actor's own.
    bool open = false;            ///< Not answered yet,
    bool overdue = false;         ///< and over its term.
    std::string before = {};
    size_t limit = 50;
  };
  /// Newest first.
  Result<std::vector<Correction>> search(const identity::Actor& actor, const Search& search) const;
  /// What was written, {"proposed", "reason"} as JSON, and the answer: told by the vault's door on a legal basis.
  Result<vault::TextTold> proposal(const identity::Actor& actor, std::string_view id, const std::string& basis) const;
  Result<vault::TextTold> answer(const identity::Actor& actor, std::string_view id, const std::string& basis) const;
  /// Fields of a row whose value is accepted as wrong, to be shown with it.
  Result<std::vector<std::string>> marked(const std::string& dataset, int64_t record) const;
  /// Tells of what is overdue, once each, by "exchange.correction.overdue". Returns how many.
  Result<size_t> sweep();

 private:
  Status require(const identity::Actor& actor, std::string_view action, const std::string& department,
                 const std::string& account) const;
  Result<Correction> decide(const identity::Actor& actor, std::string_view id, int64_t known, std::string_view state,
                            std::string_view way, const std::string& text);
  Result<Correction> read(std::string_view id) const;
  Result<vault::TextTold> told(const identity::Actor& actor, std::string_view id, const std::string& basis,
                               std::string_view part) const;
  Result<vault::Held> held(const Correction& correction) const;
  bool sees(const identity::Actor& actor, const Correction& correction) const;
  Result<std::string> asker(const identity::Actor& actor, const Claim& claim, int64_t record) const;

  const Requests& requests_;
  const Gateway& gateway_;
  vault::Vault& vault_;
  vault::Door& door_;
};

}  // namespace zhili::exchange
