#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/checkpoint.hpp"
#include "audit/disk.hpp"
#include "audit/key.hpp"
#include "base/cancel.hpp"
#include "base/progress.hpp"
#include "base/result.hpp"

namespace zhili::audit {

struct VerifyOptions {
  std::span<const VerifyKey> log_keys = {};   ///< One of them must have signed.
  std::span<const VerifyKey> witnesses = {};  ///< All of them must have cosigned.
  std::optional<std::string> since = {};      ///< An older checkpoint that the log must still begin with, as a note.
  unsigned threads = 1;
  Progress::Mode progress = Progress::Mode::kOff;
};

/// A log that was found in order.
struct VerifyReport {
  struct Signature {
    std::string name;
    std::optional<int64_t> time;  ///< Of a witness: seconds since 1970.
  };

  Checkpoint checkpoint;
  std::vector<Signature> signatures;  ///< Those that were verified.
  uint64_t files = 0;                 ///< Files that were read and hold what the entries give.
  std::optional<uint64_t> since;      ///< The size of the older tree.
  std::vector<std::string> notes;     ///< What is in the directory and was not verified.
};

/// Reads every file of a copied log: the checkpoint's signatures, every entry into the root, every tile, also partial
/// ones that full ones have replaced, against the entries. Errors: kInput with the first file that is wrong, and the
/// entry where one can be named; kNotFound where there is no log.
Result<VerifyReport> verify_log(const Disk& disk, const VerifyOptions& options, const Cancel& cancel);

}  // namespace zhili::audit
