#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/entry.hpp"
#include "base/cancel.hpp"
#include "base/limits.hpp"
#include "catalog/dataset.hpp"
#include "vault/door.hpp"
#include "vault/sealer.hpp"

namespace zhili::vault {

/// One question with who waits for its answer.
template <class Asked, class Told>
struct Question {
  Asked ask;
  Answered<Told> done;
  std::shared_ptr<const Rules> rules;
};

/// Where questions about rows of datasets are answered: opens, decides, masks; writes who saw what; tells. Each thread
/// of the door has one.
class RowRoom {
 public:
  explicit RowRoom(Vault& vault) : vault_(vault) {}

  /// Answers by a change of its own, as its admission may fail alone.
  void answer(Question<RowsAsk, RowsAnswer> question, store::Snapshot& snapshot);
  Result<Released> release(const ReleaseAsk& ask, const Rules& rules, const Cancel& cancel, const Door::TakeRows& take);
  Result<Surveyed> survey(const SurveyAsk& ask, const Rules& rules, const Cancel& cancel, const Door::TakeCells& take);
  Result<Held> holds(const SeenValue& seen);
  Result<TextTold> text(const TextAsk& ask, const Rules& rules);

 private:
  /// A field that is shown, and how.
  struct Wanted {
    const catalog::DatasetField* field = nullptr;
    bool masked = false;
  };
  /// A question under an opened grant.
  struct Asking {
    const Rules& rules;
    const identity::Actor& actor;
    const std::string& how;
    std::string_view action;
    Opening opening;
    catalog::Dataset dataset;
    std::vector<Wanted> wanted;
    std::vector<RefusedField> refused;
    std::optional<Refusal> refusal;
  };
  /// A row as it lies in the store.
  struct Stored {
    int64_t record = 0;
    int64_t version = 0;
    std::string batch;
    int64_t changed_at = 0;
    std::string sealed;
  };
  /// What one change writes: the answer with its lines, or, where it is not admitted, the refusal.
  struct Considered;

  Result<Asking> begin(const identity::Actor& actor, const std::vector<std::string>& fields, const std::string& how,
                       std::string_view action, const OpenGrant& open, const Rules& rules, store::Snapshot& snapshot);
  void decide_fields(Asking& asking, const std::vector<std::string>& fields) const;
  Result<std::shared_ptr<Considered>> consider(const RowsAsk& ask, const Rules& rules, store::Snapshot& snapshot);
  Result<std::vector<Stored>> find(const Asking& asking, const std::vector<std::string>& digests, size_t limit,
                                   store::Snapshot& snapshot);
  Status find_keys(const Asking& asking, const RowsAsk& ask, store::Snapshot& snapshot, RowsAnswer& answer);
  Status look_up(const Asking& asking, const RowsAsk& ask, store::Snapshot& snapshot, RowsAnswer& answer);
  Status refresh_keys(store::Snapshot& snapshot);
  Result<std::vector<Cell>> open(const std::string& dataset, const Stored& stored);
  static bool admits(const Asking& asking, const std::vector<Cell>& row);
  static ShownRow show(const Asking& asking, const Stored& stored, const std::vector<Cell>& row);
  /// Prepares entries and lines about what is to be told.
  Status note(const Asking& asking, const RowsAsk* ask, const std::string& job, Considered& made);
  std::optional<Refusal> refuse_survey(const SurveyAsk& ask, const catalog::Dataset& dataset, const Rules& rules) const;
  Status survey_rows(const SurveyAsk& ask, const Cancel& cancel, const Door::TakeCells& take, Surveyed& out);
  struct Releasing;
  Status release_group(Releasing& releasing);

  Vault& vault_;
  Sealer sealer_;
};

}  // namespace zhili::vault
