#include "cli/fuse_check.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "cli/output.hpp"
#include "cli/text_table.hpp"
#include "fuse/config.hpp"
#include "table/reader.hpp"

namespace zhili::cli {
namespace {

constexpr size_t kExamples = 3;
constexpr size_t kExampleWidth = 24;

/// A source as its first rows show it.
struct Opened {
  std::unique_ptr<table::Reader> reader;
  table::Batch batch;
  std::vector<std::string> notes;
};

Result<Opened> open(const fuse::Source& source, double max_reject_share) {
  Opened opened;
  table::ReadOptions options;
  options.format = source.format;
  options.encoding = source.encoding;
  options.delimiter = source.delimiter;
  options.max_reject_share = max_reject_share;
  ZHILI_ASSIGN(opened.reader, table::Reader::open(source.file, options));
  std::vector<std::string> rejects;
  opened.reader->on_reject([&](const table::Reject& reject) {
    if (rejects.size() < kExamples) {
      rejects.push_back(fmt::format("{}:{}: {}", source.file.string(), reject.line, reject.reason));
    }
  });
  ZHILI_TRY(opened.reader->next(opened.batch));
  opened.reader->on_reject({});
  opened.notes = std::move(rejects);
  for (std::string& note : opened.reader->notes()) opened.notes.push_back(std::move(note));
  return opened;
}

std::vector<std::string> column_names(const Opened& opened, const std::vector<uint32_t>& columns) {
  std::vector<std::string> names;
  names.reserve(columns.size());
  for (const uint32_t column : columns) names.push_back(opened.reader->columns()[column]);
  return names;
}

/// The attribute's value in one row: its columns, joined as a run joins them.
std::string joined(const table::Batch& batch, const std::vector<uint32_t>& columns, size_t row,
                   std::string_view joiner) {
  std::string out;
  for (const uint32_t column : columns) {
    const std::string_view cell = batch.cell(column, row);
    if (cell.empty()) continue;
    if (!out.empty()) out += joiner;
    out += cell;
  }
  return out;
}

/// The first distinct values.
std::vector<std::string> examples(const table::Batch& batch, const std::vector<uint32_t>& columns,
                                  std::string_view joiner) {
  std::vector<std::string> values;
  for (size_t row = 0; row < batch.rows() && values.size() < kExamples && !columns.empty(); ++row) {
    std::string value = joined(batch, columns, row, joiner);
    if (!value.empty() && std::ranges::find(values, value) == values.end()) values.push_back(std::move(value));
  }
  return values;
}

std::string example_text(const std::vector<std::string>& values) {
  std::string out;
  for (const std::string& value : values) {
    if (!out.empty()) out += " · ";
    out += shortened(value, kExampleWidth);
  }
  return out.empty() ? "(empty in the first rows)" : out;
}

std::string source_text(const fuse::Config& config, size_t index, const Opened& opened,
                        const fuse::ColumnBinding& binding) {
  const fuse::Source& source = config.sources[index];
  std::string out = fmt::format("{}: {}, {}\n", source.id, source.file.string(), opened.reader->description());
  std::vector<std::vector<std::string>> rows;
  const auto single = [&](std::string_view label, uint32_t column) {
    rows.push_back(
        {std::string(label), opened.reader->columns()[column], example_text(examples(opened.batch, {column}, ""))});
  };
  if (binding.record_id) {
    single("record id", *binding.record_id);
  } else {
    rows.push_back({"record id", "(line number)"});
  }
  if (binding.updated) single("updated", *binding.updated);
  for (size_t a = 0; a < config.attributes.size(); ++a) {
    const fuse::Attribute& attribute = config.attributes[a];
    const auto& columns = binding.columns[a];
    if (columns.empty()) {
      rows.push_back({attribute.name, "(not in this source)"});
      continue;
    }
    rows.push_back({attribute.name, fmt::format("{}", fmt::join(column_names(opened, columns), " + ")),
                    example_text(examples(opened.batch, columns, fuse::joiner(attribute.type)))});
  }
  return out + aligned(rows, "  ");
}

boost::json::object source_json(const fuse::Config& config, size_t index, const Opened& opened,
                                const fuse::ColumnBinding& binding) {
  const fuse::Source& source = config.sources[index];
  boost::json::object out{{"id", source.id},
                          {"file", source.file.string()},
                          {"description", opened.reader->description()},
                          {"record_id", nullptr},
                          {"updated", nullptr}};
  if (binding.record_id) out["record_id"] = opened.reader->columns()[*binding.record_id];
  if (binding.updated) out["updated"] = opened.reader->columns()[*binding.updated];
  boost::json::object attributes;
  for (size_t a = 0; a < config.attributes.size(); ++a) {
    const auto& columns = binding.columns[a];
    const auto values = examples(opened.batch, columns, fuse::joiner(config.attributes[a].type));
    attributes[config.attributes[a].name] = {{"columns", boost::json::value_from(column_names(opened, columns))},
                                             {"examples", boost::json::value_from(values)}};
  }
  out["attributes"] = std::move(attributes);
  out["notes"] = boost::json::value_from(opened.notes);
  return out;
}

std::string summary_text(const fuse::Config& config) {
  const auto compared = std::ranges::count_if(config.attributes, &fuse::Attribute::compare);
  std::string out = fmt::format("\n{} sources, {} attributes ({} compared), ", config.sources.size(),
                                config.attributes.size(), compared);
  if (config.blocking.empty()) return out + "blocking rules proposed from the data.\nThe configuration is sound.\n";
  out += fmt::format("{} blocking rules:\n", config.blocking.size());
  for (const fuse::BlockingRule& rule : config.blocking) out += fmt::format("  {}\n", rule.text);
  return out + "The configuration is sound.\n";
}

boost::json::object summary_json(const fuse::Config& config) {
  boost::json::array attributes;
  for (const fuse::Attribute& attribute : config.attributes) {
    attributes.push_back({{"name", attribute.name},
                          {"type", fuse::name_of(attribute.type)},
                          {"compare", attribute.compare},
                          {"identifying", attribute.identifying},
                          {"survivorship", fuse::name_of(attribute.survivorship)}});
  }
  boost::json::array rules;
  for (const fuse::BlockingRule& rule : config.blocking) rules.emplace_back(rule.text);
  return {{"config", config.path.string()},
          {"link", fuse::name_of(config.link)},
          {"attributes", std::move(attributes)},
          {"blocking", config.blocking.empty() ? boost::json::value("auto") : boost::json::value(std::move(rules))}};
}

}  // namespace

Status check(const CheckOptions& options, const Context& context) {
  ZHILI_ASSIGN(const fuse::Config config, fuse::load_config(options.config, options.data));
  std::vector<Opened> opened;
  std::vector<std::vector<std::string>> headers;
  for (const fuse::Source& source : config.sources) {
    ZHILI_TRY(context.cancel.check());
    ZHILI_ASSIGN(Opened one, open(source, config.max_reject_share));
    headers.push_back(one.reader->columns());
    opened.push_back(std::move(one));
  }
  ZHILI_ASSIGN(const auto bindings, fuse::bind_columns(config, headers));
  if (context.json) {
    boost::json::array sources;
    for (size_t i = 0; i < opened.size(); ++i) sources.push_back(source_json(config, i, opened[i], bindings[i]));
    boost::json::object out = summary_json(config);
    out["sources"] = std::move(sources);
    return print(boost::json::value(std::move(out)));
  }
  std::string text;
  for (size_t i = 0; i < opened.size(); ++i) {
    text += source_text(config, i, opened[i], bindings[i]);
    for (const std::string& note : opened[i].notes) {
      if (!context.quiet) remark("note: " + note);
    }
  }
  return print(text + summary_text(config));
}

}  // namespace zhili::cli
