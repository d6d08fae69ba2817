#include "opendata/tables.hpp"

#include <string_view>

namespace zhili::opendata {
namespace {

constexpr std::string_view kTables =
    "CREATE TABLE open_publication (area_id BIGINT NOT NULL, id TEXT NOT NULL, dataset TEXT NOT NULL, "
    "provider TEXT NOT NULL, cycle TEXT NOT NULL, version BIGINT NOT NULL, plan TEXT NOT NULL, "
    "created_at BIGINT NOT NULL, changed_at BIGINT NOT NULL, withdrawn BIGINT NOT NULL, reason TEXT NOT NULL, "
    "PRIMARY KEY (area_id, id));"
    "CREATE TABLE open_version (area_id BIGINT NOT NULL, publication TEXT NOT NULL, version BIGINT NOT NULL, "
    "at BIGINT NOT NULL, by_account TEXT NOT NULL, entry_id TEXT NOT NULL, job TEXT NOT NULL, digest TEXT NOT NULL, "
    "row_count BIGINT NOT NULL, bytes BIGINT NOT NULL, columns TEXT NOT NULL, checked TEXT NOT NULL, "
    "added BIGINT NOT NULL, removed BIGINT NOT NULL, changed BIGINT NOT NULL, "
    "PRIMARY KEY (area_id, publication, version));"
    "CREATE TABLE open_budget (area_id BIGINT NOT NULL, dataset TEXT NOT NULL, total BIGINT NOT NULL, "
    "spent BIGINT NOT NULL, PRIMARY KEY (area_id, dataset));"
    "CREATE TABLE open_charge (area_id BIGINT NOT NULL, dataset TEXT NOT NULL, entry_id TEXT NOT NULL, "
    "publication TEXT NOT NULL, version BIGINT NOT NULL, epsilon BIGINT NOT NULL, "
    "PRIMARY KEY (area_id, dataset, entry_id));"

    // How often it was used, by day and way; and what the public asks to be opened.
    "CREATE TABLE open_use (area_id BIGINT NOT NULL, publication TEXT NOT NULL, day BIGINT NOT NULL, "
    "way TEXT NOT NULL, told BIGINT NOT NULL, PRIMARY KEY (area_id, publication, day, way));"
    "CREATE TABLE open_wish (area_id BIGINT NOT NULL, id TEXT NOT NULL, at BIGINT NOT NULL, title TEXT NOT NULL, "
    "wish TEXT NOT NULL, state TEXT NOT NULL, answer TEXT NOT NULL, answered_at BIGINT NOT NULL, "
    "answered_by TEXT NOT NULL, PRIMARY KEY (area_id, id));";

/// What other catalogues say that they have.
constexpr std::string_view kHarvestTables =
    "CREATE TABLE open_harvested (area_id BIGINT NOT NULL, source TEXT NOT NULL, id TEXT NOT NULL, "
    "title TEXT NOT NULL, description TEXT NOT NULL, page TEXT NOT NULL, publisher TEXT NOT NULL, "
    "formats TEXT NOT NULL, modified TEXT NOT NULL, PRIMARY KEY (area_id, source, id));";

}  // namespace

std::vector<store::Migration> open_tables() { return {{"opendata", 1, kTables}, {"opendata", 2, kHarvestTables}}; }

}  // namespace zhili::opendata
