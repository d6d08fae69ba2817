#include "identity/tables.hpp"

namespace zhili::identity {

std::vector<store::Migration> migrations() {
  return {
      {"identity", 1,
       "CREATE TABLE area /* small */ (id TEXT PRIMARY KEY, parent TEXT NOT NULL, level TEXT NOT NULL, "
       "name_zh TEXT NOT NULL, name_en TEXT NOT NULL, path TEXT NOT NULL);"
       "CREATE INDEX area_by_path ON area (path);"
       "CREATE TABLE department /* small */ (id TEXT PRIMARY KEY, name_zh TEXT NOT NULL, name_en TEXT NOT NULL, "
       "area TEXT NOT NULL);"
       "CREATE TABLE account /* small */ (id TEXT PRIMARY KEY, login TEXT NOT NULL UNIQUE, "
       "skeleton TEXT NOT NULL UNIQUE, name TEXT NOT NULL, state TEXT NOT NULL, "
       "password TEXT, password_set BIGINT NOT NULL, "
       "totp BYTEA, totp_confirmed BIGINT NOT NULL, totp_step BIGINT NOT NULL, "
       "external_id TEXT UNIQUE, refusals BIGINT NOT NULL, created BIGINT NOT NULL, "
       "CHECK (state IN ('active', 'locked', 'closed')));"
       "CREATE TABLE post /* small */ (account TEXT NOT NULL REFERENCES account (id), role TEXT NOT NULL, "
       "department TEXT NOT NULL, area TEXT NOT NULL, until BIGINT, "
       "PRIMARY KEY (account, role, department, area));"
       "CREATE TABLE recovery_code /* small */ (account TEXT NOT NULL REFERENCES account (id), hash BYTEA NOT NULL, "
       "PRIMARY KEY (account, hash));"
       "CREATE TABLE session /* small */ (hash BYTEA PRIMARY KEY, account TEXT NOT NULL REFERENCES account (id), "
       "stage BIGINT NOT NULL, created BIGINT NOT NULL, seen BIGINT NOT NULL);"
       "CREATE INDEX session_by_account ON session (account);"
       "CREATE INDEX session_by_seen ON session (seen);"
       "CREATE TABLE sign_in_delay /* small */ (name TEXT PRIMARY KEY, failures BIGINT NOT NULL, "
       "until BIGINT NOT NULL, last BIGINT NOT NULL);"
       "CREATE INDEX sign_in_delay_by_last ON sign_in_delay (last);"
       "CREATE TABLE api_key /* small */ (id TEXT PRIMARY KEY, hash BYTEA NOT NULL, name TEXT NOT NULL, "
       "role TEXT NOT NULL, department TEXT NOT NULL, area TEXT NOT NULL, created BIGINT NOT NULL, "
       "expires BIGINT NOT NULL, revoked BIGINT, last_day BIGINT NOT NULL);"},
      {"identity", 2, "CREATE TABLE area_shape /* small */ (area TEXT PRIMARY KEY, geometry TEXT NOT NULL);"}};
}

}  // namespace zhili::identity
