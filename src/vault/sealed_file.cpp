#include "vault/sealed_file.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vault/key_ring.hpp"

namespace zhili::vault {
namespace {

constexpr size_t kSecretBytes = 32;
constexpr std::string_view kDataset = ".files";  // No dataset of the lake begins with a dot.
constexpr mode_t kOwnerOnly = 0600;

std::unexpected<Error> io(const std::filesystem::path& path, std::string_view what) {
  return fail(errno == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo, {path.filename().string(), 0, 0}, "",
              "a file can't be {}: {}", what, std::generic_category().message(errno));
}

class Descriptor {
 public:
  explicit Descriptor(int file) : file_(file) {}
  ~Descriptor() {
    if (file_ >= 0) ::close(file_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return file_; }

 private:
  int file_;
};

/// Bytes that sealing adds.
Result<size_t> overhead(Sealer& sealer, const DataKey& key) {
  ZHILI_ASSIGN(const std::string sealed, sealer.seal(key, {}, ""));
  return sealed.size();
}

SealContext piece_context(int64_t area_id, const std::string& id, const std::string& number) {
  return {area_id, SealContext::Part::kPiece, id, number};
}

}  // namespace

struct SealedFileWriter::State {
  State(Vault& vault_in, std::filesystem::path path_in, std::string id_in, int file, DataKey key_in)
      : vault(vault_in), path(std::move(path_in)), id(std::move(id_in)), out(file), key(std::move(key_in)) {}

  Status put_piece(std::string_view piece) {
    const std::string number = std::to_string(pieces++);
    ZHILI_ASSIGN(const std::string sealed, sealer.seal(key, piece_context(vault.area_id(), id, number), piece));
    for (size_t at = 0; at < sealed.size();) {
      const ssize_t put = ::write(out.get(), sealed.data() + at, sealed.size() - at);
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return io(path, "written");
      at += static_cast<size_t>(put);
    }
    return {};
  }

  Vault& vault;
  const std::filesystem::path path;
  const std::string id;
  Descriptor out;
  const DataKey key;
  Sealer sealer;
  std::string buffer;
  uint64_t pieces = 0;
  uint64_t size = 0;
};

SealedFileWriter::SealedFileWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
SealedFileWriter::~SealedFileWriter() = default;

Result<std::unique_ptr<SealedFileWriter>> SealedFileWriter::create(Vault& vault, const std::filesystem::path& path,
                                                                   const std::string& id) {
  std::string secret(kSecretBytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(secret.data()), static_cast<int>(secret.size())) != 1) {
    return fail(ErrorCode::kInternal, {}, "", "the system has no randomness");
  }
  Sealer sealer;
  const auto keys = vault.keys().keys();
  const SealContext context{vault.area_id(), SealContext::Part::kFileKey, kDataset, id};
  ZHILI_ASSIGN(const std::string sealed, sealer.seal(keys->newest(), context, secret));
  const Status kept = vault.store().commit([&](store::Transaction& tx) -> Status {
    ZHILI_TRY(vault.keys().require_newest(tx, keys->newest().number));
    ZHILI_TRY(tx.execute("INSERT INTO vault_file_key (area_id, dataset, batch, sealed) VALUES ($1, $2, $3, $4)",
                         {vault.area_id(), kDataset, id, store::Bytes{sealed}}));
    return {};
  });
  ZHILI_TRY(kept);
  ZHILI_ASSIGN(auto key, DataKey::derive(1, keys->newest().cipher, secret));
  OPENSSL_cleanse(secret.data(), secret.size());
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kOwnerOnly);
  if (file < 0) return io(path, "made");
  auto state = std::make_unique<State>(vault, path, id, file, std::move(key));
  return std::unique_ptr<SealedFileWriter>(new SealedFileWriter(std::move(state)));
}

Status SealedFileWriter::write(std::string_view bytes) {
  State& state = *state_;
  state.size += bytes.size();
  state.buffer += bytes;
  size_t at = 0;
  for (; state.buffer.size() - at >= kPieceBytes; at += kPieceBytes) {
    ZHILI_TRY(state.put_piece(std::string_view(state.buffer).substr(at, kPieceBytes)));
  }
  state.buffer.erase(0, at);
  return {};
}

Result<uint64_t> SealedFileWriter::finish() {
  State& state = *state_;
  if (!state.buffer.empty()) ZHILI_TRY(state.put_piece(state.buffer));
  state.buffer.clear();
  if (::fsync(state.out.get()) != 0) return io(state.path, "made durable");
  const Descriptor directory(::open(state.path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() < 0 || ::fsync(directory.get()) != 0) return io(state.path, "made durable");
  return state.size;
}

struct SealedFile::State {
  State(Vault& vault_in, std::filesystem::path path_in, std::string id_in, uint64_t size_in, int file)
      : vault(vault_in), path(std::move(path_in)), id(std::move(id_in)), size(size_in), in(file) {}

  Vault& vault;
  const std::filesystem::path path;
  const std::string id;
  const uint64_t size;
  Descriptor in;
  std::unique_ptr<const DataKeys> keys;
  size_t added = 0;  // Bytes that sealing adds to a piece.
  Sealer sealer;
};

SealedFile::SealedFile(std::unique_ptr<State> state) : state_(std::move(state)) {}
SealedFile::~SealedFile() = default;

Result<std::unique_ptr<SealedFile>> SealedFile::open(Vault& vault, const std::filesystem::path& path,
                                                     const std::string& id, uint64_t size) {
  ZHILI_TRY(vault.keys().load());
  ZHILI_ASSIGN(const auto rows,
               vault.store().query("SELECT sealed FROM vault_file_key WHERE area_id = $1 AND dataset = "
                                   "$2 AND batch = $3",
                                   {vault.area_id(), kDataset, id}));
  if (rows.empty()) return fail(ErrorCode::kNotFound, {}, "Have it made again.", "the file's key is gone");
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return io(path, "opened");
  auto state = std::make_unique<State>(vault, path, id, size, file);
  const SealContext context{vault.area_id(), SealContext::Part::kFileKey, kDataset, id};
  const std::string sealed(rows[0].bytes(0));
  const auto keys = vault.keys().keys();
  const DataKey* by = keys->find(Sealer::key_of(sealed));
  ZHILI_ASSIGN(std::string secret, state->sealer.open(*keys, context, sealed));
  auto key = DataKey::derive(1, by == nullptr ? keys->newest().cipher : by->cipher, secret);
  OPENSSL_cleanse(secret.data(), secret.size());
  ZHILI_TRY(key);
  // The sealer knows keys by their number: this file's is none of the vault's.
  state->sealer = Sealer();
  ZHILI_ASSIGN(state->added, overhead(state->sealer, *key));
  std::vector<DataKey> own;
  own.push_back(std::move(*key));
  state->keys = std::make_unique<const DataKeys>(std::move(own));
  const uint64_t pieces = (size + kPieceBytes - 1) / kPieceBytes;
  struct stat about{};
  if (::fstat(file, &about) != 0) return io(path, "looked at");
  if (static_cast<uint64_t>(about.st_size) != size + pieces * state->added) {
    return fail(ErrorCode::kInput, {path.filename().string(), 0, 0}, "Have it made again.",
                "a sealed file has another size than was written");
  }
  return std::unique_ptr<SealedFile>(new SealedFile(std::move(state)));
}

uint64_t SealedFile::size() const { return state_->size; }

Result<std::string> SealedFile::read(uint64_t offset, size_t most) {
  State& state = *state_;
  if (offset >= state.size || most == 0) return std::string();
  const uint64_t piece = offset / kPieceBytes;
  const uint64_t begin = piece * kPieceBytes;
  const size_t length = std::min<uint64_t>(kPieceBytes, state.size - begin);
  std::string sealed(length + state.added, '\0');
  const uint64_t place = piece * (kPieceBytes + state.added);
  for (size_t at = 0; at < sealed.size();) {
    const ssize_t got = ::pread(state.in.get(), sealed.data() + at, sealed.size() - at, static_cast<off_t>(place + at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return io(state.path, "read");
    at += static_cast<size_t>(got);
  }
  const std::string number = std::to_string(piece);
  ZHILI_ASSIGN(const std::string clear,
               state.sealer.open(*state.keys, piece_context(state.vault.area_id(), state.id, number), sealed));
  return clear.substr(offset - begin, most);
}

Status SealedFile::forget(Vault& vault, const std::string& id) {
  return vault.store().commit([&](store::Transaction& tx) -> Status {
    ZHILI_TRY(tx.execute("DELETE FROM vault_file_key WHERE area_id = $1 AND dataset = $2 AND batch = $3",
                         {vault.area_id(), kDataset, id}));
    return {};
  });
}

}  // namespace zhili::vault
