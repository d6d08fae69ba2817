#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "opendata/publications.hpp"

/// Finding open data among what is published, with facets; in the words of CKAN's package_search.
namespace zhili::opendata {

inline constexpr size_t kSearchRows = 1000;  ///< Of one answer, as CKAN has it.
inline constexpr size_t kSearchWords = 20;
inline constexpr size_t kFacets = 10;

/// What may be filtered and counted by: organization, groups, tags, res_format, license_id, name.
struct Search {
  struct Filter {
    std::string field;
    std::string value;
    bool without = false;
    bool operator==(const Filter&) const = default;
  };
  std::vector<std::string> words;  ///< All occur in titles, summary, tags, columns, or the provider's name.
  std::vector<Filter> filters;     ///< All hold.
  std::string sort = "title";      ///< title, name or changed;
  bool descending = false;
  std::vector<std::string> facets;
  size_t facet_limit = 50;
  size_t start = 0;
  size_t rows = 10;
};

/// Reads `q` and `fq` into a search: words, field:value, field:"value", with '+' or '-' in front; AND and *:* are
/// passed over. Error: kInput for a field that is none, or too much of it; the place's `file` is `key`.
Status read_terms(std::string_view key, std::string_view text, Search& out);

/// Providers' names by id, in both languages.
using Names = std::map<std::string, std::pair<std::string, std::string>, std::less<>>;

struct SearchResult {
  size_t count = 0;
  std::vector<const Publication*> found;                        ///< Of the page.
  std::map<std::string, std::map<std::string, size_t>> facets;  ///< By field: how many have which value.
};
/// Points into `all`, which outlives the result. Error: kInput for a facet that is none.
Result<SearchResult> search(const std::vector<Publication>& all, const Search& search, const Names& providers);

/// The formats that a publication comes in: csv, json, parquet, and geojson where it has places.
std::vector<std::string_view> formats_of(const std::vector<Column>& columns);
/// "CSV", as catalogues write it, and its media type.
std::string_view format_label(std::string_view format);
std::string_view format_type(std::string_view format);

}  // namespace zhili::opendata
