#include "cli/fuse_check.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "cli/output.hpp"
#include "cli/text_table.hpp"
#include "fuse/config.hpp"
#include "fuse/records.hpp"
#include "table/reader.hpp"
#include "text/division.hpp"
#include "text/width.hpp"

namespace zhili::cli {
namespace {

constexpr size_t kExamples = 3;
constexpr size_t kExampleWidth = 48;

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

/// What the first rows hold of one attribute.
struct Sample {
  struct Example {
    std::string raw;
    fuse::Standard standard;
  };
  std::vector<Example> examples;  ///< The first distinct values.
  size_t rows = 0;
  size_t filled = 0;    ///< Rows with a value.
  size_t unusable = 0;  ///< Of these, without a standard form.
  size_t invalid = 0;   ///< Of these, with one that fails the type's own check.
};

Sample sample(const fuse::Attribute& attribute, const table::Batch& batch, const std::vector<uint32_t>& columns,
              const text::DivisionTable& divisions) {
  Sample out;
  out.rows = batch.rows();
  for (size_t row = 0; row < batch.rows(); ++row) {
    std::string raw = joined(batch, columns, row, fuse::joiner(attribute.type));
    if (raw.empty()) continue;
    ++out.filled;
    fuse::Standard standard = fuse::standardise(attribute, raw, divisions);
    const bool usable = !standard.value.empty();
    out.unusable += usable ? 0 : 1;
    out.invalid += usable && !standard.valid ? 1 : 0;
    const bool known = std::ranges::find(out.examples, raw, &Sample::Example::raw) != out.examples.end();
    if (out.examples.size() < kExamples && !known) out.examples.push_back({std::move(raw), std::move(standard)});
  }
  return out;
}

/// One line each: as written, and the standard form where it differs.
std::vector<std::string> example_lines(const Sample& sample) {
  std::vector<std::string> lines;
  for (const auto& [raw, standard] : sample.examples) {
    std::string line = text::shortened(raw, kExampleWidth);
    if (standard.value.empty()) {
      line += " → nothing usable";
    } else if (standard.value != raw) {
      line += " → " + text::shortened(standard.value, kExampleWidth);
    }
    if (!standard.value.empty() && !standard.valid) line += " (not valid)";
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string share_text(const Sample& sample) {
  if (sample.rows == 0) return "no rows";
  return fmt::format("{:.0f}% filled", 100.0 * static_cast<double>(sample.filled) / static_cast<double>(sample.rows));
}

std::string first_values(const table::Batch& batch, uint32_t column) {
  std::vector<std::string_view> values;
  for (size_t row = 0; row < batch.rows() && values.size() < kExamples; ++row) {
    const std::string_view cell = batch.cell(column, row);
    if (!cell.empty() && std::ranges::find(values, cell) == values.end()) values.push_back(cell);
  }
  return text::shortened(fmt::format("{}", fmt::join(values, " · ")), kExampleWidth);
}

std::string source_text(const fuse::Config& config, size_t index, const Opened& opened,
                        const fuse::ColumnBinding& binding, const text::DivisionTable& divisions) {
  const fuse::Source& source = config.sources[index];
  std::string out = fmt::format("{}: {}, {}\n", source.id, source.file.string(), opened.reader->description());
  std::vector<std::vector<std::string>> rows;
  const auto single = [&](std::string_view label, uint32_t column) {
    rows.push_back({std::string(label), opened.reader->columns()[column], "", first_values(opened.batch, column)});
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
    const Sample values = sample(attribute, opened.batch, columns, divisions);
    rows.push_back(
        {attribute.name, fmt::format("{}", fmt::join(column_names(opened, columns), " + ")), share_text(values)});
    for (std::string& line : example_lines(values)) {
      if (rows.back().size() > 3) rows.push_back({"", "", ""});
      rows.back().push_back(std::move(line));
    }
  }
  return out + aligned(rows, "  ");
}

boost::json::object sample_json(const Sample& sample) {
  boost::json::array examples;
  for (const auto& [raw, standard] : sample.examples) {
    examples.push_back({{"raw", raw}, {"standard", standard.value}, {"valid", standard.valid}});
  }
  return {{"rows", sample.rows},
          {"filled", sample.filled},
          {"unusable", sample.unusable},
          {"invalid", sample.invalid},
          {"examples", std::move(examples)}};
}

boost::json::object source_json(const fuse::Config& config, size_t index, const Opened& opened,
                                const fuse::ColumnBinding& binding, const text::DivisionTable& divisions) {
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
    boost::json::object one{{"columns", boost::json::value_from(column_names(opened, columns))}};
    if (!columns.empty()) {
      one["first_rows"] = sample_json(sample(config.attributes[a], opened.batch, columns, divisions));
    }
    attributes[config.attributes[a].name] = std::move(one);
  }
  out["attributes"] = std::move(attributes);
  out["notes"] = boost::json::value_from(opened.notes);
  return out;
}

std::string summary_text(const fuse::Config& config) {
  const auto compared = std::ranges::count_if(config.attributes, &fuse::Attribute::compare);
  std::string out =
      fmt::format("\nSources: {}. Attributes: {}, of which {} are compared. Blocking rules: ", config.sources.size(),
                  config.attributes.size(), compared);
  if (config.blocking.empty()) return out + "proposed from the data.\nThe configuration is sound.\n";
  out += fmt::format("{}.\n", config.blocking.size());
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
  text::DivisionTable divisions = text::DivisionTable::national();
  if (config.divisions) {
    ZHILI_ASSIGN(divisions, divisions.with_file(*config.divisions));
  }
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
    for (size_t i = 0; i < opened.size(); ++i)
      sources.push_back(source_json(config, i, opened[i], bindings[i], divisions));
    boost::json::object out = summary_json(config);
    out["sources"] = std::move(sources);
    return print(boost::json::value(std::move(out)));
  }
  std::string text;
  for (size_t i = 0; i < opened.size(); ++i) {
    text += source_text(config, i, opened[i], bindings[i], divisions);
    for (const std::string& note : opened[i].notes) {
      if (!context.quiet) remark("note: " + note);
    }
  }
  return print(text + summary_text(config));
}

}  // namespace zhili::cli
