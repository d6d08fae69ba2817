#pragma once

#include <cstddef>
#include <string>

#include "base/result.hpp"

namespace zhili::identity {

/// Where secrets come from: tokens, salts, nonces, ids that nobody may guess. An interface, so that a test can replay.
class Entropy {
 public:
  Entropy() = default;
  Entropy(const Entropy&) = delete;
  Entropy& operator=(const Entropy&) = delete;
  virtual ~Entropy() = default;

  /// So many random bytes. Error: kInternal where the system has none to give.
  virtual Result<std::string> bytes(size_t count) = 0;
};

/// OpenSSL's generator for private values. Any number of threads may draw.
class SystemEntropy : public Entropy {
 public:
  Result<std::string> bytes(size_t count) override;
};

/// An id that sorts nowhere and says nothing: 26 letters and digits, 128 bits.
Result<std::string> new_id(Entropy& entropy);

}  // namespace zhili::identity
