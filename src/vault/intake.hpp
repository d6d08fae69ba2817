#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "vault/subject.hpp"
#include "vault/vault.hpp"

namespace zhili::vault {

/// What subjects are taken in for.
struct IntakeJob {
  std::string kind;
  std::string actor;    ///< The account that does it; empty for the program itself.
  std::string purpose;  ///< A word that `basis` carries.
  std::string basis;    ///< Id of a legal basis of the catalogue.
  bool whole = true;    ///< These are all subjects of the kind: those that are not put are removed at the end.
};

struct IntakeCounts {
  uint64_t added = 0;
  uint64_t changed = 0;
  uint64_t unchanged = 0;  ///< Nothing was written.
  uint64_t removed = 0;
};

/// Takes subjects of one kind in, as a job that is listed with purpose, basis, fields and count. Subjects are committed
/// in groups while they come, each group with its audit entry. A job that breaks off leaves whole groups behind; the
/// next one brings everything up to date. Belongs to one thread at a time.
class Intake {
 public:
  /// Errors: kInput for a kind, basis or purpose that the catalogue does not have; kBusy where another job is taking in
  /// the kind (for limits of an hour without a sign from it).
  static Result<std::unique_ptr<Intake>> begin(Vault& vault, IntakeJob job);
  Intake(const Intake&) = delete;
  Intake& operator=(const Intake&) = delete;
  /// Breaks off what was not finished.
  ~Intake();

  /// Errors: kInput for a field that the kind does not have, text that is not UTF-8, an id that will not do, or one
  /// that was put already; kLimit; those of earlier groups' commits. After an error the job is to be given up.
  Status put(const Subject& subject);
  /// Commits the rest, removes what is gone, ends the job.
  Result<IntakeCounts> finish();

  const std::string& job() const;

 private:
  struct State;
  explicit Intake(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace zhili::vault
