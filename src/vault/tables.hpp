#pragma once

#include <string_view>

#include "store/store.hpp"

/// The vault's tables. `golden`, `provenance` and `row_sealed` are sealed; nobody outside this room names them.
namespace zhili::vault {

inline constexpr std::string_view kVaultTables =
    "CREATE TABLE vault_key /* small */ (area_id BIGINT NOT NULL, key_number BIGINT NOT NULL, cipher BIGINT NOT NULL, "
    "master_id BYTEA NOT NULL, wrapped BYTEA NOT NULL, made_at BIGINT NOT NULL, PRIMARY KEY (area_id, key_number));"

    "CREATE TABLE vault_subject (area_id BIGINT NOT NULL, kind TEXT NOT NULL, subject_id TEXT NOT NULL, "
    "place TEXT NOT NULL, version BIGINT NOT NULL, key_number BIGINT NOT NULL, content BYTEA NOT NULL, "
    "digests BYTEA NOT NULL, entry_id TEXT NOT NULL, golden BYTEA NOT NULL, provenance BYTEA NOT NULL, "
    "PRIMARY KEY (area_id, kind, subject_id));"

    "CREATE TABLE vault_index (area_id BIGINT NOT NULL, kind TEXT NOT NULL, digest BYTEA NOT NULL, "
    "subject_id TEXT NOT NULL, PRIMARY KEY (area_id, kind, digest, subject_id));"

    "CREATE TABLE vault_disclosure (area_id BIGINT NOT NULL, kind TEXT NOT NULL, subject_id TEXT NOT NULL, "
    "entry_id TEXT NOT NULL, at BIGINT NOT NULL, actor TEXT NOT NULL, purpose TEXT NOT NULL, basis TEXT NOT NULL, "
    "action TEXT NOT NULL, clear TEXT NOT NULL, masked TEXT NOT NULL, how TEXT NOT NULL, "
    "PRIMARY KEY (area_id, kind, subject_id, entry_id));"

    "CREATE TABLE vault_binding (area_id BIGINT NOT NULL, kind TEXT NOT NULL, subject_id TEXT NOT NULL, "
    "account TEXT NOT NULL, PRIMARY KEY (area_id, kind, subject_id), UNIQUE (area_id, kind, account));"

    "CREATE TABLE vault_job /* small */ (area_id BIGINT NOT NULL, job_id TEXT NOT NULL, work TEXT NOT NULL, "
    "kind TEXT NOT NULL, actor TEXT NOT NULL, purpose TEXT NOT NULL, basis TEXT NOT NULL, fields TEXT NOT NULL, "
    "state TEXT NOT NULL, started_at BIGINT NOT NULL, seen_at BIGINT NOT NULL, finished_at BIGINT, "
    "added BIGINT NOT NULL, changed BIGINT NOT NULL, unchanged BIGINT NOT NULL, removed BIGINT NOT NULL, "
    "entry_id TEXT NOT NULL, PRIMARY KEY (area_id, job_id));"

    // What an entry of the audit log about a group of subjects digests.
    "CREATE TABLE vault_change (area_id BIGINT NOT NULL, entry_id TEXT NOT NULL, job_id TEXT NOT NULL, "
    "subjects BYTEA NOT NULL, PRIMARY KEY (area_id, entry_id));"

    "CREATE TABLE vault_file_key (area_id BIGINT NOT NULL, dataset TEXT NOT NULL, batch TEXT NOT NULL, "
    "sealed BYTEA NOT NULL, PRIMARY KEY (area_id, dataset, batch));";

/// Records of datasets: the current row of each key, by a number that stays with it.
inline constexpr std::string_view kRecordTables =
    "CREATE TABLE vault_dataset /* small */ (area_id BIGINT NOT NULL, dataset TEXT NOT NULL, "
    "next_record BIGINT NOT NULL, batch TEXT NOT NULL, changed_at BIGINT NOT NULL, PRIMARY KEY (area_id, dataset));"

    "CREATE TABLE vault_record (area_id BIGINT NOT NULL, dataset TEXT NOT NULL, record_id BIGINT NOT NULL, "
    "version BIGINT NOT NULL, key_number BIGINT NOT NULL, content BYTEA NOT NULL, digests BYTEA NOT NULL, "
    "batch TEXT NOT NULL, changed_at BIGINT NOT NULL, entry_id TEXT NOT NULL, row_sealed BYTEA NOT NULL, "
    "PRIMARY KEY (area_id, dataset, record_id));"

    // The first of a record's digests is that of its key.
    "CREATE TABLE vault_record_index (area_id BIGINT NOT NULL, digest BYTEA NOT NULL, record_id BIGINT NOT NULL, "
    "PRIMARY KEY (area_id, digest, record_id));"

    // Stays when the row goes: who has read it is found by the subject still.
    "CREATE TABLE vault_record_link (area_id BIGINT NOT NULL, dataset TEXT NOT NULL, record_id BIGINT NOT NULL, "
    "kind TEXT NOT NULL, subject_id TEXT NOT NULL, PRIMARY KEY (area_id, dataset, record_id));"
    "CREATE INDEX vault_record_link_by_subject ON vault_record_link (area_id, kind, subject_id);"

    // A line of a ledger for each record that was told; what all lines of an entry share stands once.
    "CREATE TABLE vault_record_line (area_id BIGINT NOT NULL, dataset TEXT NOT NULL, record_id BIGINT NOT NULL, "
    "entry_id TEXT NOT NULL, PRIMARY KEY (area_id, dataset, record_id, entry_id));"
    "CREATE TABLE vault_release (area_id BIGINT NOT NULL, entry_id TEXT NOT NULL, at BIGINT NOT NULL, "
    "actor TEXT NOT NULL, department TEXT NOT NULL, purpose TEXT NOT NULL, basis TEXT NOT NULL, "
    "grant_id TEXT NOT NULL, action TEXT NOT NULL, clear TEXT NOT NULL, masked TEXT NOT NULL, how TEXT NOT NULL, "
    "withheld_until BIGINT NOT NULL, PRIMARY KEY (area_id, entry_id));"

    "ALTER TABLE vault_disclosure ADD COLUMN department TEXT NOT NULL DEFAULT '';"
    "ALTER TABLE vault_disclosure ADD COLUMN withheld_until BIGINT NOT NULL DEFAULT 0;";

}  // namespace zhili::vault
