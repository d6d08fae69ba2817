#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace zhili::fuse {

/// How records that are kept on disk are sealed: this room knows no keys. May be called by several threads at a time.
class Sealing {
 public:
  Sealing() = default;
  Sealing(const Sealing&) = delete;
  Sealing& operator=(const Sealing&) = delete;
  virtual ~Sealing() = default;

  /// Encrypted and authenticated, so that `open` gives the bytes back with the same context alone.
  virtual Result<std::string> seal(std::string_view context, std::string_view bytes) = 0;
  /// Error: kInput for what was not sealed so.
  virtual Result<std::string> open(std::string_view context, std::string_view sealed) = 0;
};

}  // namespace zhili::fuse
