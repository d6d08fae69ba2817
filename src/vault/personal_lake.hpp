#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "store/lake.hpp"
#include "table/duckdb_session.hpp"
#include "table/parquet_writer.hpp"
#include "vault/vault.hpp"

namespace zhili::vault {

/// Batches with personal values in the lake: Parquet files under modular encryption (AES-256-GCM, footer and all
/// columns), each with a key of its own that lies sealed in the store. Without the vault they are noise.
///
/// DuckDB's library, without its extension httpfs, takes nonces from a generator that its authors don't call secure.
/// For GCM they need not be secret, but must never come twice under one key. So a key is made for one file alone, and
/// the file lands only after all its nonces were read and found to differ; see docs/decisions/0004-personal-lake.md.
class PersonalLake {
 public:
  /// Both outlive it.
  PersonalLake(Vault& vault, store::Lake& lake) : vault_(vault), lake_(lake) {}

  /// As store::Lake::land. The lake's `area_id` is the vault's.
  Result<store::LakeBatch> land(const std::string& dataset, const std::string& batch,
                                const std::vector<table::ParquetColumn>& columns,
                                const std::function<Result<size_t>(table::ChunkWriter&)>& fill);

  /// Who reads whole batches, and what for: it becomes a job in the list.
  struct Reading {
    std::string actor;
    std::string purpose;
    std::string basis;                ///< Of the catalogue; it must carry the purpose.
    std::vector<std::string> fields;  ///< Columns that are used.
  };
  /// A DuckDB that may read the batches, and what to write behind FROM.
  struct Opened {
    std::unique_ptr<table::DuckSession> session;
    std::string source;
    std::string job;
  };
  /// At least one batch. Errors: kInput for a basis or purpose that will not do; kNotFound where a batch has no key
  /// here.
  Result<Opened> open(const std::vector<store::LakeBatch>& batches, const Reading& reading);

  /// Takes a batch out for good, with its key.
  Status remove(const std::string& dataset, const std::string& batch);

 private:
  Result<table::ParquetKey> make_key(const std::string& dataset, const std::string& batch);
  Result<table::ParquetKey> key_of(const store::LakeBatch& batch);
  Status forget_key(const std::string& dataset, const std::string& batch);

  Vault& vault_;
  store::Lake& lake_;
};

/// The nonces of an encrypted Parquet file, in its order. Errors: kInput where the file is not one.
Result<std::vector<std::string>> parquet_nonces(const std::filesystem::path& path);

}  // namespace zhili::vault
