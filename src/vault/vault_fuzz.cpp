// Opened documents, key files and encrypted Parquet's frame: whatever the bytes, an error or a value, and one form
// only.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

#include "vault/mask.hpp"
#include "vault/master_keys.hpp"
#include "vault/personal_lake.hpp"
#include "vault/sealer.hpp"
#include "vault/subject.hpp"

namespace {

void read_nonces(std::string_view bytes) {
  static const int file = ::memfd_create("parquet", 0);
  if (file < 0 || ::ftruncate(file, 0) != 0) std::abort();
  if (::pwrite(file, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) std::abort();
  const auto nonces = zhili::vault::parquet_nonces("/proc/self/fd/" + std::to_string(file));
  if (!nonces) return;
  // Each has its place in the file, with a length before it and a tag behind.
  if (nonces->empty() || nonces->size() * 32 > bytes.size()) std::abort();
  for (const std::string& nonce : *nonces) {
    if (nonce.size() != 12 || bytes.find(nonce) == std::string_view::npos) std::abort();
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zhili::vault;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 6) {
    case 0: {
      const auto values = decode_values(bytes);
      if (values && encode(*values) != bytes) std::abort();
      break;
    }
    case 1: {
      const auto provenance = decode_provenance(bytes);
      if (provenance && encode(*provenance) != bytes) std::abort();
      break;
    }
    case 2:
      (void)MasterKeys::parse(bytes, "key");
      break;
    case 3:
      (void)Sealer::key_of(bytes);
      break;
    case 4:
      read_nonces(bytes);
      break;
    default:
      for (int kind = 0; kind <= static_cast<int>(zhili::catalog::MaskKind::kFirst); ++kind) {
        (void)mask(static_cast<zhili::catalog::MaskKind>(kind), bytes);
      }
  }
  return 0;
}
