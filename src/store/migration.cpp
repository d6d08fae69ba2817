#include "store/migration.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/limits.hpp"
#include "store/connection.hpp"
#include "store/digest.hpp"
#include "store/sql_text.hpp"

namespace zhili::store {
namespace {

constexpr Bounds kBounds{limits::kQueryTime, limits::kQueryRows, limits::kQueryBytes};

constexpr std::string_view kSchemaTable =
    "CREATE TABLE IF NOT EXISTS schema_migration /* small */ ("
    "room TEXT NOT NULL, number BIGINT NOT NULL, sha256 TEXT NOT NULL, applied_at BIGINT NOT NULL, "
    "PRIMARY KEY (room, number))";

Status check_list(const std::vector<Migration>& migrations) {
  std::map<std::string_view, int> last;
  for (const auto& migration : migrations) {
    const int expected = ++last[migration.room];
    if (migration.number == expected) continue;
    return fail(ErrorCode::kInternal, {}, "", "migration {} of room {} comes where number {} should", migration.number,
                migration.room, expected);
  }
  return {};
}

Result<std::vector<AppliedMigration>> applied_in(Connection& connection) {
  RowCollector found(kBounds);
  ZHILI_TRY(
      connection.run("SELECT room, number, sha256 FROM schema_migration ORDER BY room, number", {}, kBounds, &found));
  std::vector<AppliedMigration> out;
  for (const Row row : found.take()) {
    out.push_back({std::string(row.text(0)), static_cast<int>(row.int64(1)), std::string(row.text(2))});
  }
  return out;
}

/// Whether the database holds what this program knows; returns what it lacks.
Result<std::vector<Migration>> missing_in(const std::vector<AppliedMigration>& applied,
                                          const std::vector<Migration>& migrations) {
  std::map<std::pair<std::string_view, int>, std::string_view> held;
  for (const auto& one : applied) held[{one.room, one.number}] = one.sha256;
  std::vector<Migration> missing;
  for (const auto& migration : migrations) {
    const auto found = held.find({migration.room, migration.number});
    if (found == held.end()) {
      missing.push_back(migration);
      continue;
    }
    if (found->second != sha256_hex(migration.sql)) {
      return fail(ErrorCode::kConfig, {},
                  "Start the program that wrote this database; a released migration must not be edited: put the change "
                  "into a new one.",
                  "migration {} of room {} was applied with another text than this program has", migration.number,
                  migration.room);
    }
    held.erase(found);
  }
  if (!held.empty()) {
    const auto& [room, number] = held.begin()->first;
    return fail(ErrorCode::kConfig, {}, "Start the newer program, or restore a backup that is older than its update.",
                "the database is newer than this program: it holds migration {} of room {}", number, room);
  }
  // A later one of the same room can't have come without it.
  for (const auto& migration : missing) {
    for (const auto& one : applied) {
      if (one.room != migration.room || one.number < migration.number) continue;
      return fail(ErrorCode::kConfig, {}, "Restore the last backup: rows of schema_migration were lost.",
                  "the database holds migration {} of room {} and lacks number {}", one.number, one.room,
                  migration.number);
    }
  }
  return missing;
}

Status apply(Connection& connection, Engine engine, const std::vector<Migration>& migrations, int64_t now,
             std::vector<std::string>* made = nullptr) {
  ZHILI_ASSIGN(const auto tables, connection.tables());
  const bool ours =
      std::ranges::any_of(tables, [](const TableInfo& table) { return table.name == "schema_migration"; });
  // PostgreSQL's schemas may be shared with extensions' tables.
  if (!ours && !tables.empty() && engine == Engine::kSqlite) {
    return fail(ErrorCode::kConfig, {}, "Name another file; this one is left as it is.",
                "the file is a database of another program: it holds table {}", tables.front().name);
  }
  if (!ours) {
    ZHILI_ASSIGN(const auto text, spell_sql(kSchemaTable, engine));
    ZHILI_TRY(connection.script(text.sql));
  }
  ZHILI_ASSIGN(const auto applied, applied_in(connection));
  ZHILI_ASSIGN(const auto missing, missing_in(applied, migrations));
  for (const auto& migration : missing) {
    const auto placed = [&](Error error) {
      error.message = fmt::format("migration {} of room {}: {}", migration.number, migration.room, error.message);
      return fail(std::move(error));
    };
    auto text = spell_sql(migration.sql, engine);
    if (!text) return placed(text.error());
    for (const auto& table : text->tables) {
      if (made != nullptr) made->push_back(table.name);
    }
    if (auto done = connection.script(text->sql); !done) return placed(done.error());
    const std::vector<Value> row{migration.room, migration.number, sha256_hex(migration.sql), now};
    ZHILI_TRY(connection.run("INSERT INTO schema_migration (room, number, sha256, applied_at) VALUES ($1, $2, $3, $4)",
                             row, kBounds, nullptr));
  }
  return {};
}

}  // namespace

const std::vector<Migration>& store_migrations() {
  static const std::vector<Migration> migrations = {
      {"store", 1,
       "CREATE TABLE store_turn /* small */ (id BIGINT PRIMARY KEY, turns BIGINT NOT NULL);"
       "INSERT INTO store_turn (id, turns) VALUES (1, 0);"
       "CREATE TABLE outbox_head /* small */ (id BIGINT PRIMARY KEY, position BIGINT NOT NULL);"
       "INSERT INTO outbox_head (id, position) VALUES (1, 0);"
       // Small, as what all have seen is forgotten.
       "CREATE TABLE outbox /* small */ (position BIGINT PRIMARY KEY, topic TEXT NOT NULL, payload TEXT NOT NULL, "
       "at BIGINT NOT NULL);"
       "CREATE TABLE outbox_subscriber /* small */ (name TEXT PRIMARY KEY, position BIGINT NOT NULL);"
       "CREATE TABLE lake_batch (area_id BIGINT NOT NULL, dataset TEXT NOT NULL, batch TEXT NOT NULL, "
       "path TEXT NOT NULL, sha256 TEXT NOT NULL, bytes BIGINT NOT NULL, row_count BIGINT NOT NULL, "
       "columns TEXT NOT NULL, received_at BIGINT NOT NULL, PRIMARY KEY (area_id, dataset, batch));"},
  };
  return migrations;
}

Result<std::vector<AppliedMigration>> applied_migrations(Connection& connection) {
  ZHILI_ASSIGN(const auto tables, connection.tables());
  const bool ours =
      std::ranges::any_of(tables, [](const TableInfo& table) { return table.name == "schema_migration"; });
  if (ours) return applied_in(connection);
  return fail(ErrorCode::kConfig, {}, "Check the URL.", "this is no store of Zhili: it has no table schema_migration");
}

Status build_schema(Connection& connection, Engine engine, const std::vector<Migration>& migrations, int64_t now,
                    std::vector<std::string>& tables) {
  return apply(connection, engine, migrations, now, &tables);
}

Status migrate(Connection& connection, Engine engine, const std::vector<Migration>& migrations, MigrateMode mode,
               int64_t now) {
  ZHILI_TRY(check_list(migrations));
  ZHILI_TRY(connection.begin(mode == MigrateMode::kApply ? Connection::Begin::kAlone : Connection::Begin::kRead));
  Status done;
  if (mode == MigrateMode::kApply) {
    done = apply(connection, engine, migrations, now);
  } else {
    auto applied = applied_in(connection);
    if (!applied) {
      done = fail(ErrorCode::kConfig, {}, "Open it for writing once, which makes its tables.",
                  "this is no store of Zhili: {}", applied.error().message);
    } else if (auto missing = missing_in(*applied, migrations); !missing) {
      done = std::unexpected(std::move(missing).error());
    } else if (!missing->empty()) {
      done = fail(ErrorCode::kConfig, {}, "Open it for writing once, which brings it forward.",
                  "the database lacks migration {} of room {}", missing->front().number, missing->front().room);
    }
  }
  if (!done) {
    connection.rollback();
    return done;
  }
  done = connection.commit();
  if (!done && done.error().code == ErrorCode::kOutcomeUnknown) {
    return fail(ErrorCode::kUnavailable, done.error().place, "Start again: what was done is not done twice.", "{}",
                done.error().message);
  }
  return done;
}

}  // namespace zhili::store
