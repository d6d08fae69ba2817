#include "vault/personal_lake.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "base/base64.hpp"
#include "vault/jobs.hpp"
#include "vault/key_ring.hpp"
#include "vault/words.hpp"

namespace zhili::vault {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;
constexpr size_t kLengthBytes = 4;
constexpr std::string_view kMagic = "PARE";
constexpr uint64_t kMostFooter = uint64_t{64} << 20;

/// The name by which a file asks for its key. One session may read several files.
std::string key_name(const std::string& dataset, const std::string& batch) {
  std::string name = "file_";
  for (const unsigned char c : fmt::format("{}/{}", dataset, batch)) {
    name += fmt::format("{:02x}", c);
  }
  return name;
}

table::ParquetKey parquet_key(const std::string& dataset, const std::string& batch, std::string_view secret) {
  return {key_name(dataset, batch), to_base64(secret)};
}

std::unexpected<Error> not_encrypted(const std::filesystem::path& path) {
  return fail(ErrorCode::kInput, {path.string(), 0, 0}, "", "this is no encrypted Parquet file");
}

uint32_t little(std::string_view bytes) {
  uint32_t out = 0;
  for (size_t i = kLengthBytes; i-- > 0;) out = (out << 8) | static_cast<unsigned char>(bytes[i]);
  return out;
}

/// A file that is read in pieces.
class Pieces {
 public:
  explicit Pieces(const std::filesystem::path& path) : file_(path, std::ios::binary) {
    file_.seekg(0, std::ios::end);
    size_ = file_ ? static_cast<uint64_t>(file_.tellg()) : 0;
  }
  uint64_t size() const { return size_; }
  /// Empty where there is not so much.
  std::string at(uint64_t offset, size_t count) {
    if (offset > size_ || count > size_ - offset) return {};
    std::string out(count, '\0');
    file_.seekg(static_cast<std::streamoff>(offset));
    file_.read(out.data(), static_cast<std::streamsize>(count));
    return file_ ? out : std::string();
  }

 private:
  std::ifstream file_;
  uint64_t size_ = 0;
};

}  // namespace

Result<std::vector<std::string>> parquet_nonces(const std::filesystem::path& path) {
  Pieces file(path);
  const uint64_t ends = kMagic.size() + kLengthBytes;
  if (file.size() < kMagic.size() + ends || file.at(0, kMagic.size()) != kMagic ||
      file.at(file.size() - kMagic.size(), kMagic.size()) != kMagic) {
    return not_encrypted(path);
  }
  const uint64_t footer = little(file.at(file.size() - ends, kLengthBytes));
  if (footer > kMostFooter || footer + ends + kMagic.size() > file.size()) return not_encrypted(path);
  const uint64_t footer_at = file.size() - ends - footer;
  std::vector<std::string> nonces;
  // Pages and their heads follow each other: a length, then nonce, bytes and tag.
  for (uint64_t at = kMagic.size(); at < footer_at;) {
    if (footer_at - at < kLengthBytes + kNonceBytes + kTagBytes) return not_encrypted(path);
    const std::string head = file.at(at, kLengthBytes + kNonceBytes);
    if (head.empty()) return not_encrypted(path);
    const uint64_t length = little(head);
    if (length < kNonceBytes + kTagBytes || length > footer_at - at - kLengthBytes) return not_encrypted(path);
    nonces.push_back(head.substr(kLengthBytes));
    at += kLengthBytes + length;
  }
  // The footer ends with a module of its own, behind a description of the cipher.
  const std::string whole = file.at(footer_at, footer);
  for (size_t at = 0; at + kLengthBytes + kNonceBytes + kTagBytes <= whole.size(); ++at) {
    if (little(std::string_view(whole).substr(at, kLengthBytes)) != whole.size() - at - kLengthBytes) continue;
    nonces.push_back(whole.substr(at + kLengthBytes, kNonceBytes));
    return nonces;
  }
  return not_encrypted(path);
}

Result<table::ParquetKey> PersonalLake::make_key(const std::string& dataset, const std::string& batch) {
  std::string secret(kKeyBytes, '\0');
  if (RAND_priv_bytes(reinterpret_cast<unsigned char*>(secret.data()), kKeyBytes) != 1) {
    return fail(ErrorCode::kInternal, {}, "", "the system has no randomness");
  }
  Sealer sealer;
  const auto keys = vault_.keys().keys();
  const SealContext context{vault_.area_id(), SealContext::Part::kFileKey, dataset, batch};
  ZHILI_ASSIGN(const std::string sealed, sealer.seal(keys->newest(), context, secret));
  // Before the file: a key without a file harms nobody. One that is there belongs to a file, or to an attempt that
  // broke off: the lake tells.
  const Status made = vault_.store().commit([&](store::Transaction& tx) -> Status {
    ZHILI_TRY(vault_.keys().require_newest(tx, keys->newest().number));
    ZHILI_TRY(
        tx.execute("INSERT INTO vault_file_key (area_id, dataset, batch, sealed) VALUES ($1, $2, $3, $4) "
                   "ON CONFLICT (area_id, dataset, batch) DO UPDATE SET sealed = excluded.sealed",
                   {vault_.area_id(), dataset, batch, store::Bytes{sealed}}));
    return {};
  });
  ZHILI_TRY(made);
  table::ParquetKey key = parquet_key(dataset, batch, secret);
  OPENSSL_cleanse(secret.data(), secret.size());
  return key;
}

Result<store::LakeBatch> PersonalLake::land(const std::string& dataset, const std::string& batch,
                                            const std::vector<table::ParquetColumn>& columns,
                                            const std::function<Result<size_t>(table::ChunkWriter&)>& fill) {
  const auto write = [&](const std::filesystem::path& path) -> Result<int64_t> {
    ZHILI_ASSIGN(const table::ParquetKey key, make_key(dataset, batch));
    int64_t rows = 0;
    const auto counted = [&](table::ChunkWriter& chunk) -> Result<size_t> {
      auto filled = fill(chunk);
      if (filled) rows += static_cast<int64_t>(*filled);
      return filled;
    };
    ZHILI_TRY(table::write_parquet(path, columns, counted, key));
    ZHILI_ASSIGN(auto nonces, parquet_nonces(path));
    std::ranges::sort(nonces);
    if (std::ranges::adjacent_find(nonces) == nonces.end()) return rows;
    return fail(ErrorCode::kInternal, {}, "Land the batch again: it then gets another key.",
                "a nonce came twice in an encrypted file, which was thrown away");
  };
  return lake_.land_file({vault_.area_id(), dataset, batch}, columns, write);
}

Result<table::ParquetKey> PersonalLake::key_of(const store::LakeBatch& batch) {
  const std::string& dataset = batch.key.dataset;
  ZHILI_ASSIGN(
      const auto rows,
      vault_.store().query("SELECT sealed FROM vault_file_key WHERE area_id = $1 AND dataset = $2 AND batch = $3",
                           {vault_.area_id(), dataset, batch.key.batch}));
  if (rows.empty()) {
    return fail(ErrorCode::kNotFound, {}, "Only batches that the vault landed have a key in it.",
                "batch {} of {} has no key in the vault", batch.key.batch, dataset);
  }
  Sealer sealer;
  const SealContext context{vault_.area_id(), SealContext::Part::kFileKey, dataset, batch.key.batch};
  auto secret = sealer.open(*vault_.keys().keys(), context, rows[0].bytes(0));
  if (!secret && secret.error().code == ErrorCode::kNotFound) {
    ZHILI_TRY(vault_.keys().load());
    secret = sealer.open(*vault_.keys().keys(), context, rows[0].bytes(0));
  }
  if (!secret) return fail(std::move(secret).error());
  table::ParquetKey key = parquet_key(dataset, batch.key.batch, *secret);
  OPENSSL_cleanse(secret->data(), secret->size());
  return key;
}

Result<PersonalLake::Opened> PersonalLake::open(const std::vector<store::LakeBatch>& batches, const Reading& reading) {
  const std::string_view wrong = wrong_basis(vault_.catalog(), reading.basis, reading.purpose);
  if (!wrong.empty() || batches.empty()) {
    return fail(ErrorCode::kInput, {}, "Name batches, a legal basis of a pack, and a purpose that it carries.",
                "the batches can't be read: {}", batches.empty() ? "none is named" : wrong);
  }
  Opened out;
  ZHILI_ASSIGN(out.session, table::DuckSession::create());
  uint64_t rows = 0;
  for (const store::LakeBatch& batch : batches) {
    ZHILI_ASSIGN(const table::ParquetKey key, key_of(batch));
    ZHILI_TRY(table::add_parquet_key(*out.session, key));
    out.source += fmt::format("{}SELECT * FROM read_parquet({}, encryption_config = {{footer_key: {}}})",
                              out.source.empty() ? "" : " UNION ALL BY NAME ",
                              table::sql_text(lake_.path(batch).string()), table::sql_text(key.name));
    rows += static_cast<uint64_t>(batch.rows);
  }
  out.source = "(" + out.source + ")";
  ZHILI_ASSIGN(out.job, record_job(vault_,
                                   {.work = "read_lake",
                                    .kind = batches[0].key.dataset,
                                    .actor = reading.actor,
                                    .purpose = reading.purpose,
                                    .basis = reading.basis,
                                    .fields = joined(reading.fields)},
                                   rows));
  return out;
}

Status PersonalLake::forget_key(const std::string& dataset, const std::string& batch) {
  return vault_.store().commit([&](store::Transaction& tx) -> Status {
    ZHILI_TRY(tx.execute("DELETE FROM vault_file_key WHERE area_id = $1 AND dataset = $2 AND batch = $3",
                         {vault_.area_id(), dataset, batch}));
    return {};
  });
}

Status PersonalLake::remove(const std::string& dataset, const std::string& batch) {
  ZHILI_TRY(lake_.remove({vault_.area_id(), dataset, batch}));
  return forget_key(dataset, batch);
}

}  // namespace zhili::vault
