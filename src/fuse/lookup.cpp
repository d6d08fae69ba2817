#include "fuse/lookup.hpp"

#include <algorithm>
#include <charconv>

#include "fuse/entities.hpp"
#include "fuse/links_file.hpp"
#include "table/duckdb_session.hpp"

namespace zhili::fuse {
namespace {

namespace fs = std::filesystem;

std::string text_at(duckdb_vector vector, size_t row) {
  const uint64_t* validity = duckdb_vector_get_validity(vector);
  if (validity != nullptr && !duckdb_validity_row_is_valid(const_cast<uint64_t*>(validity), row)) return {};
  auto* text = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector)) + row;
  return {duckdb_string_t_data(text), duckdb_string_t_length(*text)};
}

uint64_t number_in(const std::string& text) {
  uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// Rows of entities.parquet with one of these ids.
Result<std::vector<StoredEntity>> read_entities(const fs::path& path, std::span<const std::string> ids) {
  std::vector<std::string> quoted;
  for (const auto& id : ids) quoted.push_back(table::sql_text(id));
  ZHILI_ASSIGN(auto session, table::DuckSession::create());
  auto rows = session->query(fmt::format("SELECT COLUMNS(*)::VARCHAR FROM read_parquet({}) WHERE entity_id IN ({})",
                                         table::sql_text(path.string()), fmt::join(quoted, ", ")));
  std::vector<StoredEntity> out;
  for (;;) {
    auto more = rows ? rows->fetch() : std::unexpected(rows.error());
    if (!more) {
      return fail(ErrorCode::kInput, {path.string(), 0, 0}, "Run zhili fuse run again.", "cannot be read: {}",
                  more.error().message);
    }
    if (!*more) return out;
    const size_t columns = rows->columns();
    for (size_t row = 0; row < rows->rows(); ++row) {
      const auto cell = [&](size_t column) { return text_at(rows->vector(column), row); };
      auto& entity = out.emplace_back(StoredEntity{cell(0), {}, {}});
      for (size_t c = kColumnsBeforeAttributes; c + kColumnsOfAttribute <= columns; c += kColumnsOfAttribute) {
        entity.values.push_back({std::string(rows->column_name(c)),
                                 cell(c),
                                 {cell(c + 1), cell(c + 2)},
                                 cell(c + 3),
                                 number_in(cell(c + 4))});
      }
    }
  }
}

}  // namespace

Result<Lookup> look_up(const fs::path& dir, std::string_view id, Progress::Mode progress, const Cancel& cancel) {
  Lookup out;
  const std::vector<std::string> asked{std::string(id)};
  const auto history = dir / "history.csv";
  std::error_code ec;
  if (fs::exists(dir / "entities.parquet", ec)) {
    ZHILI_ASSIGN(out.entities, read_entities(dir / "entities.parquet", asked));
  }
  out.present = !out.entities.empty();
  ZHILI_ASSIGN(auto found, trace(history, id, out.present));
  out.events = std::move(found.events);
  if (!out.present && !out.events.empty()) {
    ZHILI_ASSIGN(out.entities, read_entities(dir / "entities.parquet", found.ids_now));
  }
  const auto entity_of = [&](std::string_view name) {
    return std::ranges::find(out.entities, name, [](const StoredEntity& e) { return std::string_view(e.id); });
  };
  ZHILI_TRY(read_links_file(dir, progress, cancel, [&](const Link& link) -> Status {
    const auto at = entity_of(link.entity);
    if (at != out.entities.end()) at->records.push_back({std::string(link.source), std::string(link.record)});
    return {};
  }));
  if (!out.present && out.events.empty()) {
    return fail(ErrorCode::kNotFound, {dir.string(), 0, 0}, "Ids stand in the third column of links.csv.",
                "no entity has or had the id '{}'", id);
  }
  return out;
}

Result<std::vector<std::string>> entities_of(const fs::path& dir, std::span<const RecordName> names,
                                             Progress::Mode progress, const Cancel& cancel) {
  std::vector<std::string> out(names.size());
  ZHILI_TRY(read_links_file(dir, progress, cancel, [&](const Link& link) -> Status {
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i].record == link.record && names[i].source == link.source) out[i] = link.entity;
    }
    return {};
  }));
  return out;
}

Result<RecordName> parse_record_name(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) {
    return fail(ErrorCode::kUsage, {}, "For example: police:P1.", "'{}' is no record: write SOURCE:RECORD", text);
  }
  return RecordName{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

}  // namespace zhili::fuse
