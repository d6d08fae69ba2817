#pragma once

#include <array>
#include <string_view>

/// The keys of a configuration, as schemas/fuse.schema.json lists them too.
namespace zhili::fuse::keys {

inline constexpr std::array<std::string_view, 17> kTop{
    "version",      "sources",   "attributes", "link",      "one_to_one", "blocking",
    "survivorship", "threshold", "review",     "max_block", "max_pairs",  "max_reject_share",
    "seed",         "divisions", "decisions",  "labels",    "model"};

inline constexpr std::array<std::string_view, 11> kSource{
    "id", "file", "format", "encoding", "delimiter", "record_id", "updated", "unique", "trust", "columns", "dataset"};

inline constexpr std::array<std::string_view, 8> kAttribute{"type",           "part",        "order", "compare",
                                                            "term_frequency", "identifying", "with",  "levels"};

inline constexpr std::array<std::string_view, 3> kLink{"both", "link", "dedupe"};
inline constexpr std::array<std::string_view, 3> kSurvivorship{"trust", "newest", "vote"};
inline constexpr std::array<std::string_view, 3> kOrder{"year_first", "day_first", "month_first"};
inline constexpr std::array<std::string_view, 4> kFormat{"auto", "csv", "jsonl", "parquet"};
inline constexpr std::array<std::string_view, 4> kEncoding{"auto", "utf-8", "gb18030", "utf-16"};

}  // namespace zhili::fuse::keys
