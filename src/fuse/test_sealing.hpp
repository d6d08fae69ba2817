#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/random.hpp"
#include "crypto/cipher.hpp"
#include "fuse/sealing.hpp"

namespace zhili::fuse {

/// AES-256-GCM under a key that tests and benches make up. Nonces are drawn by a seed that no run shares.
class TestSealing : public Sealing {
 public:
  explicit TestSealing(uint64_t nonces)
      : aead_(crypto::Aead::create(crypto::CipherKind::kAes256Gcm, std::string(32, 'k'), "").value()),
        random_(nonces) {}

  Result<std::string> seal(std::string_view context, std::string_view bytes) override {
    const std::scoped_lock lock(mutex_);
    std::string head(kNonce, '\0');
    for (auto& c : head) c = static_cast<char>(random_.next());
    return aead_.seal(std::move(head), context, bytes);
  }
  Result<std::string> open(std::string_view context, std::string_view sealed) override {
    const std::scoped_lock lock(mutex_);
    return aead_.open(kNonce, context, sealed);
  }

 private:
  static constexpr size_t kNonce = 12;
  std::mutex mutex_;
  crypto::Aead aead_;
  Random random_;
};

}  // namespace zhili::fuse
