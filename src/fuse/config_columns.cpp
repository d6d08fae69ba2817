#include <algorithm>
#include <string>
#include <vector>

#include "config/fields.hpp"
#include "fuse/config.hpp"
#include "table/blanks.hpp"

namespace zhili::fuse {
namespace {

/// The columns of one source by name.
class Header {
 public:
  Header(const Source& source, const std::vector<std::string>& cells, config::Mistakes& mistakes)
      : source_(source), mistakes_(mistakes) {
    for (const std::string& cell : cells) names_.emplace_back(table::trim_blanks(cell));
  }

  bool has(std::string_view name) const { return std::ranges::find(names_, table::trim_blanks(name)) != names_.end(); }

  std::optional<uint32_t> find(std::string_view name, Mark mark) const {
    const auto first = std::ranges::find(names_, table::trim_blanks(name));
    if (first == names_.end()) {
      const bool comma = name.find("，") != std::string_view::npos || name.find("、") != std::string_view::npos;
      mistakes_.add(
          mark, fmt::format("File '{}' has no column '{}'", source_.file.string(), name),
          comma ? "Write several columns as a list with ASCII commas: [a, b]." : config::suggest(name, names_));
      return std::nullopt;
    }
    if (std::find(first + 1, names_.end(), *first) != names_.end()) {
      mistakes_.add(mark, fmt::format("File '{}' has two columns '{}'", source_.file.string(), *first),
                    "Give one of them another name in the file's header.");
    }
    return static_cast<uint32_t>(first - names_.begin());
  }

 private:
  const Source& source_;
  config::Mistakes& mistakes_;
  std::vector<std::string> names_;
};

ColumnBinding bind(const Config& config, const Source& source, const Header& header) {
  ColumnBinding binding;
  if (!source.record_id.empty()) binding.record_id = header.find(source.record_id, source.record_id_mark);
  if (!source.updated.empty()) binding.updated = header.find(source.updated, source.updated_mark);
  binding.columns.resize(config.attributes.size());
  for (size_t a = 0; a < config.attributes.size(); ++a) {
    const bool named = source.column_marks[a].line > 0;
    for (const std::string& column : source.columns[a]) {
      if (const auto found = header.find(column, source.column_marks[a])) binding.columns[a].push_back(*found);
    }
    const std::string& own = config.attributes[a].name;
    if (named || !header.has(own)) continue;
    if (const auto found = header.find(own, source.mark)) binding.columns[a].push_back(*found);
  }
  return binding;
}

/// Whether the source says something of the attribute: a column found, or one named that `find` has told of.
bool speaks_of(const Source& source, const ColumnBinding& binding, size_t attribute) {
  return !binding.columns[attribute].empty() || !source.columns[attribute].empty();
}

}  // namespace

Result<std::vector<ColumnBinding>> bind_columns(const Config& config,
                                                std::span<const std::vector<std::string>> headers) {
  config::Mistakes mistakes(config.path.string());
  std::vector<ColumnBinding> bindings;
  for (size_t s = 0; s < config.sources.size(); ++s) {
    const Source& source = config.sources[s];
    bindings.push_back(bind(config, source, Header(source, headers[s], mistakes)));
    bool any = false;
    for (size_t a = 0; a < config.attributes.size(); ++a) any = any || speaks_of(source, bindings[s], a);
    if (!any) {
      mistakes.add(source.mark, fmt::format("Source '{}' has a column for none of the attributes", source.id),
                   fmt::format("Name them: columns: {{{}: …}}. The file has: {}.", config.attributes.front().name,
                               fmt::join(std::span(headers[s]).first(std::min<size_t>(headers[s].size(), 30)), ", ")));
    }
  }
  for (size_t a = 0; a < config.attributes.size(); ++a) {
    bool any = false;
    for (size_t s = 0; s < bindings.size(); ++s) any = any || speaks_of(config.sources[s], bindings[s], a);
    if (any) continue;
    mistakes.add(config.attributes[a].mark, fmt::format("No source has a column for '{}'", config.attributes[a].name),
                 "Name its column under 'columns' of a source, or remove the attribute.");
  }
  if (!mistakes.none()) return fail(std::move(mistakes).error());
  return bindings;
}

Result<ColumnBinding> bind_source(const Config& config, uint32_t source, const std::vector<std::string>& header) {
  config::Mistakes mistakes(config.path.string());
  auto binding = bind(config, config.sources[source], Header(config.sources[source], header, mistakes));
  if (!mistakes.none()) return fail(std::move(mistakes).error());
  return binding;
}

void join_cell(std::string& joined, SemanticType type, std::string_view cell) {
  if (!joined.empty() && !cell.empty()) joined += joiner(type);
  joined += cell;
}

}  // namespace zhili::fuse
