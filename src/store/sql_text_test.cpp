#include "store/sql_text.hpp"

#include <gtest/gtest.h>

namespace zhili::store {
namespace {

std::string spelled(std::string_view sql, Engine engine) {
  const auto text = spell_sql(sql, engine);
  return text ? text->sql : "failed: " + text.error().message;
}

TEST(SqlText, PostgresGetsItAsItIs) {
  constexpr std::string_view kSql =
      "CREATE TABLE a (area_id BIGINT, \"b;c\" DOUBLE  PRECISION DEFAULT 1, d BYTEA, PRIMARY KEY (area_id));\n"
      "-- BYTEA ;\nINSERT INTO a VALUES ('it''s BIGINT; (');";
  EXPECT_EQ(spelled(kSql, Engine::kPostgres), kSql);
}

TEST(SqlText, SqliteGetsItsOwnTypesAndStrictTables) {
  EXPECT_EQ(spelled("create table if not exists a /* small */ (id bigint primary key, w double\n precision, d bytea, "
                    "t text CHECK (t <> 'BIGINT;'));\n-- BYTEA ;\nALTER TABLE a ADD COLUMN e BYTEA",
                    Engine::kSqlite),
            "create table if not exists a /* small */ (id INTEGER primary key, w REAL, d BLOB, "
            "t text CHECK (t <> 'BIGINT;')) STRICT;\n-- BYTEA ;\nALTER TABLE a ADD COLUMN e BLOB");
  EXPECT_EQ(spelled("CREATE TABLE a (area_id BIGINT, PRIMARY KEY (area_id)) ; CREATE INDEX i ON a (area_id);",
                    Engine::kSqlite),
            "CREATE TABLE a (area_id INTEGER, PRIMARY KEY (area_id)) STRICT ; CREATE INDEX i ON a (area_id);");
}

TEST(SqlText, ATableNeedsAnAreaInItsKeyOrIsSmall) {
  const auto good = spell_sql(
      "CREATE TABLE a (area_id BIGINT NOT NULL, id BIGINT, PRIMARY KEY (area_id, id));"
      "CREATE TABLE \"b\" (area_id BIGINT PRIMARY KEY, x TEXT);"
      "CREATE TABLE c /* small */ (id BIGINT PRIMARY KEY)",
      Engine::kSqlite);
  ASSERT_TRUE(good) << good.error().text();
  ASSERT_EQ(good->tables.size(), 3U);
  EXPECT_EQ(good->tables[0].name, "a");
  EXPECT_EQ(good->tables[1].name, "b");
  EXPECT_TRUE(good->tables[1].has_area);
  EXPECT_TRUE(good->tables[2].small);
  for (const std::string_view bad : {
           "CREATE TABLE a (id BIGINT PRIMARY KEY)",
           "CREATE TABLE a (area_id BIGINT, id BIGINT PRIMARY KEY)",
           "CREATE TABLE a (id BIGINT PRIMARY KEY, area_id BIGINT)",
           "CREATE TABLE a (area_id BIGINT, id BIGINT, PRIMARY KEY (id), UNIQUE (area_id, id))",
           "CREATE TABLE a (area_id BIGINT)",
           "CREATE TABLE a /* small */ (id BIGINT)",
       }) {
    EXPECT_TRUE(spelled(bad, Engine::kPostgres).starts_with("failed: table a has no"))
        << spelled(bad, Engine::kPostgres);
  }
}

TEST(SqlText, RefusesWhatTheEnginesUnderstandDifferently) {
  for (const std::string_view bad :
       {"CREATE TABLE a /* small */ (id INTEGER PRIMARY KEY)", "CREATE TABLE a /* small */ (id serial primary key)",
        "ALTER TABLE a ADD COLUMN b REAL", "SELECT 'open", "SELECT (1", "SELECT 1)", "/* open"}) {
    EXPECT_TRUE(spelled(bad, Engine::kSqlite).starts_with("failed: ")) << bad;
  }
}

}  // namespace
}  // namespace zhili::store
