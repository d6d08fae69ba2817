#include "store/digest.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include <openssl/evp.h>

namespace zhili::store {

// OpenSSL's own copies of the digest's state would be found anew for each use; one look-up serves all.
struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  EVP_DigestInit_ex(state_->context, sha256, nullptr);
}

Sha256::~Sha256() { EVP_MD_CTX_free(state_->context); }

void Sha256::add(std::string_view bytes) { EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()); }

std::string Sha256::hex() {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_DigestFinal_ex(state_->context, digest, &size);
  std::string out;
  for (unsigned i = 0; i < size; ++i) out += fmt::format("{:02x}", digest[i]);
  return out;
}

std::string sha256_hex(std::string_view bytes) {
  Sha256 digest;
  digest.add(bytes);
  return digest.hex();
}

Result<FileDigest> digest_file(const std::filesystem::path& path) {
  const auto failed = [&](int error) {
    return fail(error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo, {path.string(), 0, 0}, "Check the path.",
                "cannot read: {}", std::strerror(error));
  };
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), std::fclose);
  if (file == nullptr) return failed(errno);
  Sha256 digest;
  FileDigest out;
  std::vector<char> piece(size_t{1} << 20);
  while (std::feof(file.get()) == 0) {
    const size_t got = std::fread(piece.data(), 1, piece.size(), file.get());
    if (std::ferror(file.get()) != 0) return failed(errno);
    digest.add({piece.data(), got});
    out.bytes += got;
  }
  out.sha256 = digest.hex();
  return out;
}

}  // namespace zhili::store
