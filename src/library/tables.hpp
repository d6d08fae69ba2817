#pragma once

#include <string_view>

namespace zhili::library {

inline constexpr std::string_view kLibraryTables =
    // What became of an entity, as far as it is no value.
    "CREATE TABLE library_event (area_id BIGINT NOT NULL, kind TEXT NOT NULL, subject_id TEXT NOT NULL, "
    "at BIGINT NOT NULL, event TEXT NOT NULL, other TEXT NOT NULL, records BIGINT NOT NULL, "
    "PRIMARY KEY (area_id, kind, subject_id, at, event, other));"

    // Pairs of entities that may be one, and entities (a = b) that may be two. `distance` from even odds orders them.
    "CREATE TABLE library_doubt (area_id BIGINT NOT NULL, kind TEXT NOT NULL, a TEXT NOT NULL, b TEXT NOT NULL, "
    "millibits BIGINT NOT NULL, distance BIGINT NOT NULL, found_at BIGINT NOT NULL, PRIMARY KEY (area_id, kind, a, b));"
    "CREATE INDEX library_doubt_by_b ON library_doubt (area_id, kind, b);"
    "CREATE INDEX library_doubt_by_distance ON library_doubt (area_id, kind, distance, a, b);";

}  // namespace zhili::library
