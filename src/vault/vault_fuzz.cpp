// Opened documents, key files and encrypted Parquet's frame: whatever the bytes, an error or a value, and one form
// only.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "vault/mask.hpp"
#include "vault/master_keys.hpp"
#include "vault/subject.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zhili::vault;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
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
    default:
      for (int kind = 0; kind <= static_cast<int>(zhili::catalog::MaskKind::kFirst); ++kind) {
        (void)mask(static_cast<zhili::catalog::MaskKind>(kind), bytes);
      }
  }
  return 0;
}
