#include "vault/master_keys.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.hpp"
#include "base/limits.hpp"
#include "base/output_dir.hpp"
#include "vault/sealer.hpp"

namespace zhili::vault {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kMark = "zhili-vault-key-1 ";
constexpr mode_t kOwnerOnly = 0600;
constexpr mode_t kOthers = 0077;

std::unexpected<Error> wrong_file(const std::string& file, uint64_t line, std::string_view what) {
  return fail(ErrorCode::kConfig, {file, line, 0}, "Make a key file with 'zhili vault key'.", "not a master key: {}",
              what);
}

/// Its id and what it wraps with are derived; the key itself is not kept.
Result<MasterKeys::Key> derive(std::string_view secret) {
  ZHILI_ASSIGN(DataKey derived, DataKey::derive(0, CipherKind::kAes256Gcm, secret));
  return MasterKeys::Key{derived.index.substr(0, MasterKeys::kIdBytes), std::move(derived.content)};
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace

Result<MasterKeys> MasterKeys::parse(std::string_view text, const std::string& file) {
  if (text.size() > limits::kKeyFileBytes) return wrong_file(file, 0, "it is too long");
  std::vector<Key> keys;
  uint64_t number = 0;
  while (!text.empty()) {
    ++number;
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    if (!line.starts_with(kMark)) return wrong_file(file, number, "a line does not begin with 'zhili-vault-key-1 '");
    auto secret = from_base64(trimmed(line.substr(kMark.size())));
    if (!secret || secret->size() != kKeyBytes) return wrong_file(file, number, "32 bytes in Base 64 should follow");
    ZHILI_ASSIGN(Key key, derive(*secret));
    OPENSSL_cleanse(secret->data(), secret->size());
    if (std::ranges::find(keys, key.id, &Key::id) != keys.end()) return wrong_file(file, number, "it is there twice");
    if (keys.size() == limits::kMasterKeys) return wrong_file(file, number, "there are too many keys");
    keys.push_back(std::move(key));
  }
  if (keys.empty()) return wrong_file(file, 0, "there is none");
  return MasterKeys(std::move(keys));
}

Result<MasterKeys> MasterKeys::load(const fs::path& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) && (info.st_mode & kOthers) != 0) {
    return fail(ErrorCode::kConfig, {path.string(), 0, 0}, fmt::format("Run 'chmod 600 {}'.", path.string()),
                "others than its owner may read or write this master key");
  }
  ZHILI_ASSIGN(std::string text, read_file(path, limits::kKeyFileBytes));
  auto keys = parse(text, path.string());
  OPENSSL_cleanse(text.data(), text.size());
  return keys;
}

Result<MasterKeys> MasterKeys::from_environment(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr || *text == '\0') {
    return fail(ErrorCode::kNotFound, {}, "Name a key file, or set the variable to a key.",
                "the environment variable {} is not set", variable);
  }
  const std::string_view value = trimmed(text);
  const bool bare = value.find_first_of(" \n#") == std::string_view::npos;
  return parse(bare ? fmt::format("{}{}", kMark, value) : std::string(value), std::string("$") + variable);
}

Result<std::string> MasterKeys::generate() {
  std::string secret(kKeyBytes, '\0');
  if (RAND_priv_bytes(reinterpret_cast<unsigned char*>(secret.data()), kKeyBytes) != 1) {
    return fail(ErrorCode::kInternal, {}, "", "the system has no randomness");
  }
  std::string text = fmt::format(
      "# A master key of Zhili's vault. Without it nothing in the vault can be read; with it, everything.\n{}{}\n",
      kMark, to_base64(secret));
  OPENSSL_cleanse(secret.data(), secret.size());
  return text;
}

Result<MasterKeys> MasterKeys::write_new(const fs::path& path) {
  ZHILI_ASSIGN(std::string text, generate());
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly);
  if (fd < 0) {
    const bool there = errno == EEXIST;
    return fail(there ? ErrorCode::kConflict : ErrorCode::kIo, {path.string(), 0, 0},
                there ? "Choose another name: a key is never overwritten." : "Check the directory and its permissions.",
                "cannot create: {}", std::strerror(errno));
  }
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  const int error = errno;
  ::close(fd);
  if (!written) {
    ::unlink(path.c_str());
    return fail(ErrorCode::kIo, {path.string(), 0, 0}, "Check the disk.", "cannot write: {}", std::strerror(error));
  }
  auto keys = parse(text, path.string());
  OPENSSL_cleanse(text.data(), text.size());
  ZHILI_TRY(sync_path(fs::absolute(path).parent_path()));
  return keys;
}

const MasterKeys::Key* MasterKeys::find(std::string_view id) const {
  const auto found = std::ranges::find(keys_, id, &Key::id);
  return found == keys_.end() ? nullptr : &*found;
}

}  // namespace zhili::vault
