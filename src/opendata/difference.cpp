#include "opendata/difference.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace zhili::opendata {
namespace {

using Cells = std::vector<std::string>;
using Rows = std::map<Cells, std::vector<uint32_t>>;

Cells cells_of(const PublicTable& table, size_t row, const std::vector<std::string>& columns) {
  Cells out;
  out.reserve(columns.size());
  for (const std::string& column : columns) out.emplace_back(table.cell(row, table.find(column)));
  return out;
}

Rows rows_by(const PublicTable& table, const std::vector<std::string>& columns) {
  Rows out;
  for (size_t row = 0; row < table.rows(); ++row) {
    out[cells_of(table, row, columns)].push_back(static_cast<uint32_t>(row));
  }
  return out;
}

bool is_unique(const Rows& rows) {
  return std::ranges::all_of(rows, [](const auto& one) { return one.second.size() == 1; });
}

void note(Difference& out, Cells before, Cells after) {
  ++(before.empty() ? out.added : after.empty() ? out.removed : out.changed);
  if (out.rows.size() < kDifferenceRows) out.rows.push_back({std::move(before), std::move(after)});
}

void compare_by_key(const PublicTable& before, const PublicTable& after, const Rows& old_rows, const Rows& new_rows,
                    Difference& out) {
  for (const auto& [key, rows] : new_rows) {
    Cells now = cells_of(after, rows.front(), out.columns);
    const auto found = old_rows.find(key);
    Cells then = found == old_rows.end() ? Cells() : cells_of(before, found->second.front(), out.columns);
    if (now != then) note(out, std::move(then), std::move(now));
  }
  for (const auto& [key, rows] : old_rows) {
    if (!new_rows.contains(key)) note(out, cells_of(before, rows.front(), out.columns), {});
  }
}

void compare_whole(const PublicTable& before, const PublicTable& after, Difference& out) {
  const Rows old_rows = rows_by(before, out.columns);
  const Rows new_rows = rows_by(after, out.columns);
  const auto count = [](const Rows& rows, const Cells& cells) {
    const auto found = rows.find(cells);
    return found == rows.end() ? size_t{0} : found->second.size();
  };
  for (const auto& [cells, rows] : new_rows) {
    for (size_t i = count(old_rows, cells); i < rows.size(); ++i) note(out, {}, cells);
  }
  for (const auto& [cells, rows] : old_rows) {
    for (size_t i = count(new_rows, cells); i < rows.size(); ++i) note(out, cells, {});
  }
}

}  // namespace

Difference difference_of(const PublicTable& before, const PublicTable& after, const std::vector<std::string>& key) {
  Difference out;
  for (const Column& column : after.columns()) {
    const bool both = before.find(column.id) < before.columns().size();
    (both ? out.columns : out.columns_added).push_back(column.id);
  }
  for (const Column& column : before.columns()) {
    if (after.find(column.id) == after.columns().size()) out.columns_removed.push_back(column.id);
  }
  const bool keyed = !key.empty() && std::ranges::all_of(key, [&](const std::string& column) {
    return std::ranges::find(out.columns, column) != out.columns.end();
  });
  if (keyed) {
    const Rows old_rows = rows_by(before, key);
    const Rows new_rows = rows_by(after, key);
    if (is_unique(old_rows) && is_unique(new_rows)) {
      out.by_key = true;
      compare_by_key(before, after, old_rows, new_rows, out);
      return out;
    }
  }
  compare_whole(before, after, out);
  return out;
}

}  // namespace zhili::opendata
