#include "opendata/search.hpp"

#include <algorithm>
#include <array>

namespace zhili::opendata {
namespace {

constexpr std::array<std::string_view, 6> kFields = {"organization", "groups",     "tags",
                                                     "res_format",   "license_id", "name"};
struct Format {
  std::string_view id;
  std::string_view label;
  std::string_view type;
};
constexpr std::array<Format, 4> kFormats = {{{"csv", "CSV", "text/csv"},
                                             {"json", "JSON", "application/json"},
                                             {"parquet", "Parquet", "application/vnd.apache.parquet"},
                                             {"geojson", "GeoJSON", "application/geo+json"}}};

bool is_field(std::string_view name) { return std::ranges::find(kFields, name) != kFields.end(); }

std::string folded(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::vector<std::string> values_of(const Publication& one, std::string_view field) {
  if (field == "organization") return {one.provider};
  if (field == "groups") return one.plan.theme.empty() ? std::vector<std::string>{} : std::vector{one.plan.theme};
  if (field == "tags") return one.plan.tags;
  if (field == "license_id") return {one.plan.licence};
  if (field == "name") return {one.plan.id};
  std::vector<std::string> out;
  for (const std::string_view format : formats_of(one.newest.columns)) out.emplace_back(format_label(format));
  return out;
}

std::string text_of(const Publication& one, const Names& providers) {
  std::string out =
      fmt::format("{}\n{}\n{}\n{}\n", one.plan.id, one.plan.title.zh, one.plan.title.en, one.plan.summary);
  for (const std::string& tag : one.plan.tags) out += tag + "\n";
  for (const Column& column : one.newest.columns) {
    out += fmt::format("{}\n{}\n{}\n", column.id, column.title.zh, column.title.en);
  }
  if (const auto found = providers.find(one.provider); found != providers.end()) {
    out += fmt::format("{}\n{}", found->second.first, found->second.second);
  }
  return folded(out);
}

bool fits(const Publication& one, const Search& search, const Names& providers) {
  for (const auto& [field, value, without] : search.filters) {
    const auto values = values_of(one, field);
    const bool has = std::ranges::any_of(values, [&](const auto& each) { return folded(each) == folded(value); });
    if (has == without) return false;
  }
  if (search.words.empty()) return true;
  const std::string text = text_of(one, providers);
  return std::ranges::all_of(search.words, [&](const auto& word) { return text.find(word) != std::string::npos; });
}

/// The next term: up to a blank outside quotes.
std::string_view next_term(std::string_view& text) {
  const size_t begin = std::min(text.find_first_not_of(" \t()"), text.size());
  text.remove_prefix(begin);
  bool quoted = false;
  size_t end = 0;
  while (end < text.size() && (quoted || (text[end] != ' ' && text[end] != '\t' && text[end] != ')'))) {
    if (text[end] == '"') quoted = !quoted;
    ++end;
  }
  const auto out = text.substr(0, end);
  text.remove_prefix(end);
  return out;
}

std::string unquoted(std::string_view text) {
  std::string out(text);
  std::erase(out, '"');
  return out;
}

}  // namespace

Status read_terms(std::string_view key, std::string_view text, Search& out) {
  const auto wrong = [&](std::string_view what) {
    return fail(ErrorCode::kInput, {std::string(key), 0, 0}, "", "{}", what);
  };
  while (!text.empty()) {
    std::string_view term = next_term(text);
    if (term.empty() || term == "AND" || term == "*:*" || term == "*") continue;
    if (out.words.size() + out.filters.size() == kSearchWords) return wrong("Too many words");
    const bool without = term.starts_with('-');
    if (without || term.starts_with('+')) term.remove_prefix(1);
    const size_t colon = term.find(':');
    if (colon == std::string_view::npos) {
      out.words.push_back(folded(unquoted(term)));
      continue;
    }
    const std::string_view field = term.substr(0, colon);
    const std::string value = unquoted(term.substr(colon + 1));
    if (field == "title" || field == "notes" || field == "text") {
      out.words.push_back(folded(value));
    } else if (!is_field(field)) {
      return wrong(fmt::format("undefined field {}", field.substr(0, 50)));
    } else if (value != "*") {
      out.filters.push_back({std::string(field), value, without});
    }
  }
  return {};
}

Result<SearchResult> search(const std::vector<Publication>& all, const Search& search, const Names& providers) {
  SearchResult out;
  if (search.facets.size() > kFacets) return fail(ErrorCode::kInput, {"facet.field", 0, 0}, "", "Too many");
  std::vector<const Publication*> found;
  for (const Publication& one : all) {
    if (fits(one, search, providers)) found.push_back(&one);
  }
  out.count = found.size();
  for (const std::string& field : search.facets) {
    if (!is_field(field)) return fail(ErrorCode::kInput, {"facet.field", 0, 0}, "", "undefined field {}", field);
    auto& counts = out.facets[field];
    for (const Publication* one : found) {
      for (const std::string& value : values_of(*one, field)) ++counts[value];
    }
  }
  std::ranges::stable_sort(found, [&](const Publication* left, const Publication* right) {
    if (search.descending) std::swap(left, right);
    if (search.sort == "changed") return left->changed_at < right->changed_at;
    if (search.sort == "name") return left->plan.id < right->plan.id;
    return left->plan.title.zh < right->plan.title.zh;
  });
  const size_t first = std::min(search.start, found.size());
  const size_t last = std::min(first + search.rows, found.size());
  out.found = {found.begin() + static_cast<std::ptrdiff_t>(first), found.begin() + static_cast<std::ptrdiff_t>(last)};
  return out;
}

std::vector<std::string_view> formats_of(const std::vector<Column>& columns) {
  std::vector<std::string_view> out = {"csv", "json", "parquet"};
  const auto has = [&](std::string_view means) {
    return std::ranges::any_of(columns, [&](const Column& column) { return column.means.starts_with(means); });
  };
  if (has("area:") || (has("latitude") && has("longitude"))) out.emplace_back("geojson");
  return out;
}

std::string_view format_label(std::string_view format) {
  const auto* const found = std::ranges::find(kFormats, format, &Format::id);
  return found == kFormats.end() ? format : found->label;
}

std::string_view format_type(std::string_view format) {
  const auto* const found = std::ranges::find(kFormats, format, &Format::id);
  return found == kFormats.end() ? "application/octet-stream" : found->type;
}

}  // namespace zhili::opendata
