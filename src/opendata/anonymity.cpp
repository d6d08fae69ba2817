#include "opendata/anonymity.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <unordered_map>

namespace zhili::opendata {
namespace {

struct Class {
  std::vector<uint32_t> rows;
  size_t distinct = 0;
};

/// Each cell with its length in front, so that no two rows of cells read as one.
std::string key_of(const PublicTable& table, size_t row, const std::vector<size_t>& columns) {
  std::string out;
  for (const size_t column : columns) {
    const std::string_view cell = table.cell(row, column);
    out += fmt::format("{}:", cell.size());
    out += cell;
  }
  return out;
}

size_t least_distinct(const PublicTable& table, const Class& one, const std::vector<size_t>& sensitive) {
  size_t least = 0;
  for (const size_t column : sensitive) {
    std::set<std::string_view> seen;
    for (const uint32_t row : one.rows) seen.insert(table.cell(row, column));
    least = least == 0 ? seen.size() : std::min(least, seen.size());
  }
  return least;
}

std::vector<Class> classes_of(const PublicTable& table, const Exposed& exposed) {
  std::unordered_map<std::string, size_t> index;
  std::vector<Class> out;
  for (size_t row = 0; row < table.rows(); ++row) {
    const auto [at, made] = index.try_emplace(key_of(table, row, exposed.quasi), out.size());
    if (made) out.emplace_back();
    out[at->second].rows.push_back(static_cast<uint32_t>(row));
  }
  for (Class& one : out) one.distinct = least_distinct(table, one, exposed.sensitive);
  return out;
}

bool too_small(const Class& one, const Exposed& exposed, uint64_t k, uint64_t l) {
  return one.rows.size() < k || (!exposed.sensitive.empty() && one.distinct < l);
}

Risk figures(const std::vector<const Class*>& classes, const Exposed& exposed) {
  Risk out;
  uint64_t at_risk = 0;
  for (const Class* one : classes) {
    const uint64_t size = one->rows.size();
    out.rows += size;
    out.k = out.k == 0 ? size : std::min(out.k, size);
    if (!exposed.sensitive.empty()) out.l = out.l == 0 ? one->distinct : std::min<uint64_t>(out.l, one->distinct);
    if (1.0 / static_cast<double>(size) > kRiskThreshold) at_risk += size;
  }
  out.classes = classes.size();
  if (out.rows == 0) return out;
  out.max_risk = 1.0 / static_cast<double>(out.k);
  out.mean_risk = static_cast<double>(out.classes) / static_cast<double>(out.rows);
  out.at_risk = static_cast<double>(at_risk) / static_cast<double>(out.rows);
  return out;
}

}  // namespace

Risk measure(const PublicTable& table, const Exposed& exposed) {
  const auto classes = classes_of(table, exposed);
  std::vector<const Class*> all;
  all.reserve(classes.size());
  for (const Class& one : classes) all.push_back(&one);
  return figures(all, exposed);
}

Risk suppress(PublicTable& table, const Exposed& exposed, uint64_t k, uint64_t l) {
  const auto classes = classes_of(table, exposed);
  std::vector<const Class*> good;
  std::vector<const Class*> bad;
  for (const Class& one : classes) (too_small(one, exposed, k, l) ? bad : good).push_back(&one);
  Risk out = figures(good, exposed);
  std::ranges::stable_sort(bad, {}, [](const Class* one) { return one->rows.size(); });
  std::vector<bool> gone(table.rows(), false);
  for (const Class* one : bad) {
    out.suppressed += one->rows.size();
    for (const uint32_t row : one->rows) gone[row] = true;
    if (out.small.size() == kSmallClasses) continue;
    SmallClass& shown = out.small.emplace_back(SmallClass{{}, one->rows.size(), one->distinct});
    for (const size_t column : exposed.quasi) shown.values.emplace_back(table.cell(one->rows.front(), column));
  }
  if (!bad.empty()) table.remove(gone);
  return out;
}

}  // namespace zhili::opendata
