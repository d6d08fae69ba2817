#include <cstdint>
#include <cstdlib>

#include "store/backup_format.hpp"

// A backup lies on disks and goes through hands: its manifest and rows are outside bytes.
// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zhili::store;  // NOLINT(google-build-using-namespace)
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto manifest = BackupManifest::parse(text)) {
    const auto again = BackupManifest::parse(manifest->text());
    if (!again || again->text() != manifest->text()) std::abort();
  }
  RowLines lines({{"a", Type::kInt64}, {"b", Type::kText}, {"c", Type::kDouble}, {"d", Type::kBytes}});
  if (const auto values = lines.read(text); values && (*values)->size() != 4) std::abort();
  return 0;
}
