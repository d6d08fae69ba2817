#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "store/url.hpp"

/// The SQL of migrations: one text for all engines.
namespace zhili::store {

/// What a CREATE TABLE of a migration says.
struct TableText {
  std::string name;
  bool has_key = false;   ///< It has a primary key.
  bool has_area = false;  ///< `area_id` is in the primary key.
  bool small = false;     ///< Marked /* small */ behind its name.
};

struct SqlText {
  std::string sql;                ///< As the engine wants it.
  std::vector<TableText> tables;  ///< Created in it, in order.
};

/// Checks the SQL of a migration and spells it for the engine. For SQLite the words BIGINT, DOUBLE PRECISION and BYTEA
/// become INTEGER, REAL and BLOB, and each CREATE TABLE becomes STRICT, so that a wrong type is refused there too.
/// Errors (kInternal, as a migration is part of the program): words that the engines understand differently (INTEGER
/// has 32 bits in PostgreSQL) or that make numbers by themselves (SERIAL, AUTOINCREMENT, GENERATED: ids come from the
/// program); a table without primary key, or without area_id in it and not marked small; an open quote or bracket.
Result<SqlText> spell_sql(std::string_view sql, Engine engine);

}  // namespace zhili::store
