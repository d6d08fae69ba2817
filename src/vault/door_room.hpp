#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/limits.hpp"
#include "vault/blind_index.hpp"
#include "vault/door.hpp"
#include "vault/key_ring.hpp"
#include "vault/row_room.hpp"

namespace zhili::vault {

using AnyQuestion = std::variant<Question<Ask, Answer>, Question<LedgerAsk, LedgerPage>, Question<ReasonsAsk, Reasons>,
                                 Question<RowsAsk, RowsAnswer>>;

/// Where questions are answered: reads, decides, opens, masks; then writes who saw what, and only then tells. Each
/// thread of the door has one.
class DoorRoom {
 public:
  explicit DoorRoom(Vault& vault) : vault_(vault), rows_(vault) {}

  /// Answers all by one change of the store.
  void answer(std::vector<AnyQuestion> questions);

 private:
  /// What is written before anything is told.
  struct Notes {
    std::vector<audit::EntryDraft> entries;
    std::vector<std::vector<store::Value>> lines;
  };
  /// A question that was considered: with the error, or with what is told once the notes are durable.
  struct Considered {
    std::variant<Result<Answer>, Result<LedgerPage>, Result<Reasons>> told;
    Notes notes;
  };
  /// Who asks, for what, in the words of one question.
  struct Asking {
    const Rules& rules;
    const identity::Actor& actor;
    const std::string& purpose;
    const std::string& basis;
    const catalog::EntityKind& kind;
    const std::string& how;
    std::string_view action;
    std::string_view resource;
  };
  /// A subject as it lies in the store.
  struct Stored {
    std::string id;
    std::string place;
    std::string account;  // That it is bound to.
    int64_t version = 0;
    std::string sealed;
  };
  /// Decisions on one subject by grade.
  class Decisions;

  Considered consider(AnyQuestion& any, store::Snapshot& snapshot);
  Result<Answer> disclose(const Ask& ask, const Rules& rules, store::Snapshot& snapshot, Notes& notes);
  Result<LedgerPage> ledger(const LedgerAsk& ask, const Rules& rules, store::Snapshot& snapshot, Notes& notes);
  Status read_lines(const Asking& asking, const LedgerAsk& ask, const Stored& stored, store::Snapshot& snapshot,
                    LedgerPage& page) const;
  Result<Reasons> reasons(const ReasonsAsk& ask, const Rules& rules, store::Snapshot& snapshot, Notes& notes);

  Result<Answer> read_one(const Asking& asking, const Ask& ask, const std::vector<const catalog::Field*>& wanted,
                          store::Snapshot& snapshot, Notes& notes);
  Result<Answer> look_up(const Asking& asking, const Ask& ask, const std::vector<const catalog::Field*>& wanted,
                         store::Snapshot& snapshot, Notes& notes);
  /// What the rules open to who asks, whoever is found.
  struct Reach {
    bool somewhere = false;                 // Something, somewhere.
    bool everywhere = true;                 // Something of everyone.
    std::optional<identity::Decision> why;  // The refusal that came nearest to none.
  };
  static Reach reach(const Asking& asking, const std::vector<const catalog::Field*>& wanted);
  Result<std::vector<Stored>> matches(const Asking& asking, const catalog::Field& by, const std::string& value,
                                      store::Snapshot& snapshot);
  Result<std::optional<Stored>> find(store::Snapshot& snapshot, const std::string& kind, const std::string& id,
                                     bool provenance);
  /// Shows what may be shown; nothing where no field may.
  Result<std::optional<Disclosed>> show(const Asking& asking, Decisions& decisions, const Stored& stored,
                                        const std::vector<const catalog::Field*>& wanted, const catalog::Field* by,
                                        const std::string& value, Notes& notes);
  Result<std::string> open(SealContext::Part part, const std::string& kind, const Stored& stored);
  Result<std::optional<Refusal>> refuse_basis(const Asking& asking, Notes& notes);
  Result<Refusal> refuse(const Asking& asking, const identity::Decision& decision, const Stored* stored, Notes& notes);
  Result<std::string> note_refusal(const Asking& asking, const Stored* stored, Notes& notes);
  /// Writes the line and the entry about what is shown; gives the entry's id.
  struct Shown {
    std::vector<std::string> clear;
    std::vector<std::string> masked;
  };
  Result<std::string> note_disclosure(const Asking& asking, const Stored& stored, const Shown& shown,
                                      const catalog::Field* by, const std::string& value, bool line, Notes& notes);
  Result<audit::EntryDraft> draft(const Asking& asking);

  Vault& vault_;
  Sealer sealer_;
  RowRoom rows_;
};

}  // namespace zhili::vault
