#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace zhili::store {

class Connection;
enum class Engine;

/// One step forward of a room's tables. `sql` is one text for all engines (README.md tells which words it may use);
/// once released it never changes, which a checksum watches over.
struct Migration {
  std::string_view room;
  int number;  ///< From 1 without a gap within its room.
  std::string_view sql;
};

/// The store's own tables.
const std::vector<Migration>& store_migrations();

/// A migration that a database has seen.
struct AppliedMigration {
  std::string room;
  int number = 0;
  std::string sha256;
  bool operator==(const AppliedMigration&) const = default;
};

/// Those that the database of a connection holds. Errors: kConfig where it is no store.
Result<std::vector<AppliedMigration>> applied_migrations(Connection& connection);

/// Within a transaction of the caller: brings an empty database forward by `migrations`. The tables that they make, in
/// their order, are added to `tables`.
Status build_schema(Connection& connection, Engine engine, const std::vector<Migration>& migrations, int64_t now,
                    std::vector<std::string>& tables);

enum class MigrateMode { kApply, kCheckOnly };

/// Brings a database forward by what it lacks of `migrations`, all or nothing. Errors: kConfig where it is newer than
/// this program or a migration it holds reads differently here (and, with kCheckOnly, where one is missing);
/// kInternal where the list itself is wrong.
Status migrate(Connection& connection, Engine engine, const std::vector<Migration>& migrations, MigrateMode mode,
               int64_t now);

}  // namespace zhili::store
