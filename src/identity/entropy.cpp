#include "identity/entropy.hpp"

#include <openssl/rand.h>

#include "identity/encoding.hpp"

namespace zhili::identity {

Result<std::string> SystemEntropy::bytes(size_t count) {
  std::string out(count, '\0');
  if (RAND_priv_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1) {
    return fail(ErrorCode::kInternal, {}, "Look at the system's random device.", "No randomness to be had");
  }
  return out;
}

Result<std::string> new_id(Entropy& entropy) {
  ZHILI_ASSIGN(const std::string random, entropy.bytes(16));
  return to_base32(random);
}

}  // namespace zhili::identity
