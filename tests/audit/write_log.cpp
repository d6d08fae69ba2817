// write_log DIR OLD: writes a log of 70,000 entries for other programs to verify, and a checkpoint of its first 300 to
// the file OLD. Prints the verifier key.
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "audit/disk.hpp"
#include "audit/log.hpp"
#include "base/output_dir.hpp"
#include "base/random.hpp"

namespace zhili::audit {
namespace {

constexpr const char* kOrigin = "district.example/audit";

Status write_log(const std::filesystem::path& directory, const std::filesystem::path& old_checkpoint) {
  std::vector<SignKey> keys;
  ZHILI_ASSIGN(SignKey key, SignKey::generate(kOrigin, KeyKind::kEd25519));
  ZHILI_ASSIGN(const VerifyKey verifier, key.verify_key());
  keys.push_back(std::move(key));
  ZHILI_ASSIGN(PosixDisk disk, PosixDisk::open(directory, PosixDisk::Access::kWrite));
  ZHILI_ASSIGN(Log log, Log::open(disk, kOrigin, HashKind::kSha256, keys));
  Random random(1);
  for (const uint64_t size : {1U, 300U, 512U, 66000U, 70000U}) {
    std::vector<std::string> entries;
    for (uint64_t i = log.head().size; i < size; ++i) {
      entries.push_back(fmt::format("entry {} {}", i, std::string(random.below(60), 'x')));
    }
    ZHILI_TRY(log.append(std::vector<std::string_view>(entries.begin(), entries.end())));
    ZHILI_TRY(log.publish());
    if (size == 300) ZHILI_TRY(write_file_atomically(old_checkpoint, to_text(log.note())));
  }
  std::puts(verifier.text().c_str());
  return {};
}

}  // namespace
}  // namespace zhili::audit

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto status = zhili::audit::write_log(argv[1], argv[2]);
  if (status) return 0;
  std::fprintf(stderr, "%s\n", status.error().text().c_str());
  return 1;
}
