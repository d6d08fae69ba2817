#include "fuse/config_parser.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <unordered_set>

#include "base/limits.hpp"
#include "fuse/config_keys.hpp"

namespace zhili::fuse {
namespace {

constexpr double kMostTrust = 100;

}  // namespace

void ConfigParser::parse(const YamlNode& root) {
  if (root.kind == YamlNode::Kind::kNull) {
    mistakes_.add({1, 1}, "The configuration is empty",
                  "Start with 'version: 1', then 'sources:' and 'attributes:'; docs/fuse.md has examples.");
    return;
  }
  if (!fields_.map(root, "the configuration", keys::kTop)) return;
  version(root);
  // Attributes come first: sources, blocking and survivorship name them.
  if (const auto* node = fields_.required(root, "attributes", "The configuration", "attributes: {name: latin_name}"))
    attributes(*node);
  if (const auto* node = fields_.required(root, "sources", "The configuration", "sources: [{id: a, file: a.csv}]"))
    sources(*node);
  // Without attributes every name below would be told as unknown.
  const bool attributes_known = !config_.attributes.empty();
  if (const auto* node = root.find("blocking"); node != nullptr && attributes_known) blocking(*node);
  if (!config_.sources.empty()) linking(root);
  numbers(root);
  if (attributes_known && !config_.sources.empty()) survivorship(root);
  paths(root);
}

void ConfigParser::version(const YamlNode& root) {
  const auto* node = fields_.required(root, "version", "The configuration", "version: 1");
  if (node == nullptr) return;
  if (node->kind == YamlNode::Kind::kScalar && !node->quoted && node->text == "1") return;
  mistakes_.add(node->mark, "The version of the format must be 1", "Write 'version: 1'.");
}

std::vector<std::string> ConfigParser::attribute_names() const {
  std::vector<std::string> names;
  names.reserve(config_.attributes.size());
  for (const Attribute& attribute : config_.attributes) names.push_back(attribute.name);
  return names;
}

std::vector<std::string> ConfigParser::source_ids() const {
  std::vector<std::string> ids;
  ids.reserve(config_.sources.size());
  for (const Source& source : config_.sources) ids.push_back(source.id);
  return ids;
}

std::filesystem::path ConfigParser::resolve(const std::string& file) const {
  const std::filesystem::path path(file);
  return path.is_absolute() || base_.empty() ? path : base_ / path;
}

bool ConfigParser::good_name(const std::string& name, Mark mark, std::string_view what) {
  constexpr size_t kLongest = 128;
  const bool signs_only_known = std::ranges::all_of(name, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-';
  });
  if (!name.empty() && name.size() <= kLongest && signs_only_known) return true;
  mistakes_.add(mark, fmt::format("'{}' can't be the name of {}", name.substr(0, kLongest), what),
                "A name has letters of any script, digits, _ and -, and no spaces, dots or other signs.");
  return false;
}

void ConfigParser::sources(const YamlNode& node) {
  if (!fields_.list(node, "sources")) return;
  if (node.items.empty()) mistakes_.add(node.mark, "sources is empty", "Name at least one file: {id: a, file: a.csv}.");
  if (node.items.size() > limits::kSources) {
    mistakes_.add(node.mark, fmt::format("{} sources; the limit is {}", node.items.size(), limits::kSources),
                  "Put files of the same shape together before the run.");
    return;
  }
  for (const YamlNode& item : node.items) source(item);
}

void ConfigParser::source(const YamlNode& node) {
  if (!fields_.map(node, "a source", keys::kSource)) return;
  Source source;
  source.mark = node.mark;
  if (const auto* id = fields_.required(node, "id", "The source", "id: police")) {
    source.id = fields_.text(*id, "id").value_or("");
    if (!source.id.empty() && good_name(source.id, id->mark, "a source")) {
      if (const auto first = config_.find_source(source.id)) {
        mistakes_.add(id->mark, fmt::format("Two sources have the id '{}'", source.id),
                      fmt::format("The first is in line {}: give each its own.", config_.sources[*first].mark.line));
      }
    }
  }
  if (const auto* file = fields_.required(node, "file", "The source", "file: police.csv")) {
    source.file_mark = file->mark;
    if (const auto text = fields_.text(*file, "file")) source.file = resolve(*text);
  }
  const auto column = [&](std::string_view key, std::string& target, Mark& mark) {
    const auto* value = node.find(key);
    if (value == nullptr) return;
    mark = value->mark;
    target = fields_.text(*value, key).value_or("");
  };
  column("record_id", source.record_id, source.record_id_mark);
  column("updated", source.updated, source.updated_mark);
  if (const auto* value = node.find("dataset")) {
    source.dataset = fields_.text(*value, "dataset").value_or("");
    if (source.record_id.empty()) {
      mistakes_.add(value->mark, "A source with a dataset and no record_id: what its batches change can't be told",
                    "Name the column of its key: 'record_id: …'.");
    }
  }
  if (const auto* value = node.find("unique")) source.unique = fields_.flag(*value, "unique").value_or(false);
  if (const auto* value = node.find("trust")) {
    source.trust = fields_.number(*value, "trust", 0, kMostTrust).value_or(0);
  }
  source_reading(node, source);
  source.columns.resize(config_.attributes.size());
  source.column_marks.resize(config_.attributes.size());
  const auto* columns = node.find("columns");
  if (columns != nullptr && !config_.attributes.empty()) source_columns(*columns, source);
  config_.sources.push_back(std::move(source));
}

void ConfigParser::source_reading(const YamlNode& node, Source& source) {
  const auto* format = node.find("format");
  if (format != nullptr) {
    source.format = static_cast<table::Format>(fields_.choice(*format, "format", keys::kFormat).value_or(0));
  }
  const bool typed = source.format == table::Format::kJsonLines || source.format == table::Format::kParquet;
  if (const auto* value = node.find("encoding")) {
    source.encoding = static_cast<table::Encoding>(fields_.choice(*value, "encoding", keys::kEncoding).value_or(0));
    if (typed && source.encoding != table::Encoding::kAuto && source.encoding != table::Encoding::kUtf8) {
      mistakes_.add(value->mark, "JSON lines and Parquet are always UTF-8", "Leave 'encoding' out.");
    }
  }
  const auto* delimiter = node.find("delimiter");
  if (delimiter == nullptr) return;
  const auto text = fields_.text(*delimiter, "delimiter");
  if (!text || *text == "auto") return;
  const char sign = *text == "tab" ? '\t' : text->front();
  const bool alone = *text == "tab" || text->size() == 1;
  const bool usable = sign == '\t' || (sign > ' ' && sign < 0x7f && sign != '"' && std::isalnum(sign) == 0);
  if (!alone || !usable) {
    mistakes_.add(delimiter->mark, fmt::format("delimiter '{}' can't separate columns", text->substr(0, 20)),
                  "Write one sign in quotes such as \",\" or \"|\", or tab, or auto.");
    return;
  }
  if (typed) {
    mistakes_.add(delimiter->mark, "Only delimited text has a delimiter", "Leave it out, or set 'format: csv'.");
  }
  source.delimiter = sign;
}

void ConfigParser::source_columns(const YamlNode& node, Source& source) {
  if (!fields_.map(node, "columns")) return;
  for (size_t i = 0; i < node.keys.size(); ++i) {
    const auto& key = node.keys[i];
    const YamlNode& value = node.items[i];
    const uint32_t attribute = config_.find_attribute(key.text);
    if (attribute == kNoAttribute) {
      mistakes_.add(key.mark, fmt::format("columns names '{}', which is no attribute", key.text),
                    config::suggest(key.text, attribute_names()) + " The attribute stands left, the column right.");
      continue;
    }
    source.column_marks[attribute] = value.mark;
    auto& columns = source.columns[attribute];
    if (value.kind == YamlNode::Kind::kNull) {
      mistakes_.add(key.mark, fmt::format("columns has no column for '{}'", key.text),
                    "Write its column, or [] if this source has none.");
    } else if (value.kind == YamlNode::Kind::kList) {
      for (const YamlNode& item : value.items) {
        if (auto text = fields_.text(item, fmt::format("a column of '{}'", key.text))) columns.push_back(*text);
      }
    } else if (auto text = fields_.text(value, fmt::format("the column of '{}'", key.text))) {
      columns.push_back(*text);
    }
  }
}

void ConfigParser::linking(const YamlNode& root) {
  const auto* link = root.find("link");
  if (link != nullptr) config_.link = static_cast<LinkMode>(fields_.choice(*link, "link", keys::kLink).value_or(0));
  const auto* pairs = root.find("one_to_one");
  if (pairs != nullptr) one_to_one(*pairs);
  if (link == nullptr) return;
  if (config_.link == LinkMode::kLink && config_.sources.size() == 1) {
    mistakes_.add(link->mark, "'link: link' compares across sources, and there is only one",
                  "Write 'link: dedupe' to find doubles within it, or add a source.");
  }
  const bool all_unique = std::ranges::all_of(config_.sources, &Source::unique);
  if (config_.link == LinkMode::kDedupe && all_unique && !config_.sources.empty()) {
    mistakes_.add(link->mark, "'link: dedupe' looks for doubles within a source, and every source is declared unique",
                  "Write 'link: both', or remove 'unique: true' where doubles may be.");
  }
}

void ConfigParser::one_to_one(const YamlNode& node) {
  if (!fields_.list(node, "one_to_one")) return;
  for (const YamlNode& item : node.items) {
    if (item.kind != YamlNode::Kind::kList || item.items.size() != 2) {
      mistakes_.add(item.mark, "Each entry of one_to_one names two sources", "For example: one_to_one: [[a, b]]");
      continue;
    }
    uint32_t found[2] = {};
    bool good = true;
    for (size_t i = 0; i < 2; ++i) {
      const auto id = fields_.text(item.items[i], "a source of one_to_one");
      const auto source = id ? config_.find_source(*id) : std::nullopt;
      if (id && !source) {
        mistakes_.add(item.items[i].mark, fmt::format("one_to_one names '{}', which is no source", *id),
                      config::suggest(*id, source_ids()));
      }
      good = good && source.has_value();
      found[i] = source.value_or(0);
    }
    if (!good) continue;
    if (found[0] == found[1]) {
      mistakes_.add(item.mark, "one_to_one names the same source twice",
                    "Name two sources; for one without doubles write 'unique: true' in the source.");
      continue;
    }
    config_.one_to_one.emplace_back(std::minmax(found[0], found[1]));
  }
  if (!config_.one_to_one.empty() && config_.link == LinkMode::kDedupe) {
    mistakes_.add(node.mark, "one_to_one is about pairs across sources, which 'link: dedupe' leaves out",
                  "Write 'link: both' or 'link: link', or remove one_to_one.");
  }
}

void ConfigParser::numbers(const YamlNode& root) {
  const auto share = [&](std::string_view key, double& target) {
    const auto* node = root.find(key);
    if (node != nullptr) target = fields_.number(*node, key, 0, 1).value_or(target);
  };
  const auto count = [&](std::string_view key, uint64_t low, uint64_t& target) {
    const auto* node = root.find(key);
    if (node != nullptr) target = fields_.count(*node, key, low, INT64_MAX).value_or(target);
  };
  share("threshold", config_.threshold);
  share("max_reject_share", config_.max_reject_share);
  count("max_block", 2, config_.max_block);
  count("max_pairs", 1, config_.max_pairs);
  count("seed", 0, config_.seed);
  const auto* review = root.find("review");
  if (review == nullptr) return;
  if (review->kind != YamlNode::Kind::kList || review->items.size() != 2) {
    fields_.wrong_kind(*review, "review", "a list of two probabilities", "review: [0.1, 0.9]");
    return;
  }
  const auto low = fields_.number(review->items[0], "the lower bound of review", 0, 1);
  const auto high = fields_.number(review->items[1], "the upper bound of review", 0, 1);
  if (!low || !high) return;
  if (*low > *high) {
    mistakes_.add(review->mark, fmt::format("The lower bound of review, {}, is above the upper, {}", *low, *high),
                  "Write the lower one first: review: [0.1, 0.9]");
  }
  config_.review_low = *low;
  config_.review_high = *high;
}

void ConfigParser::survivorship(const YamlNode& root) {
  const bool trusted = std::ranges::any_of(config_.sources, [](const Source& s) { return s.trust > 0; });
  const bool dated = std::ranges::any_of(config_.sources, [](const Source& s) { return !s.updated.empty(); });
  const auto rule_of = [&](const YamlNode& node, std::string_view what) -> std::optional<Survivorship> {
    const auto choice = fields_.choice(node, what, keys::kSurvivorship);
    if (!choice) return std::nullopt;
    const auto rule = static_cast<Survivorship>(*choice);
    if (rule == Survivorship::kTrust && !trusted) {
      mistakes_.add(node.mark, "Survivorship by trust, and no source has a trust",
                    "Give the sources 'trust: 0' to 100, or write newest or vote.");
    }
    if (rule == Survivorship::kNewest && !dated) {
      mistakes_.add(node.mark, "Survivorship by newest, and no source says when its records were updated",
                    "Name the column: 'updated: …' in a source; or write trust or vote.");
    }
    return rule;
  };
  Survivorship all = trusted ? Survivorship::kTrust : Survivorship::kVote;
  const auto* node = root.find("survivorship");
  if (node != nullptr && node->kind == YamlNode::Kind::kScalar) {
    all = rule_of(*node, "survivorship").value_or(all);
    node = nullptr;
  }
  if (node != nullptr && !fields_.map(*node, "survivorship")) return;
  if (node != nullptr) {
    if (const auto* value = node->find("default")) all = rule_of(*value, "survivorship").value_or(all);
  }
  for (Attribute& attribute : config_.attributes) attribute.survivorship = all;
  for (size_t i = 0; node != nullptr && i < node->keys.size(); ++i) {
    const auto& key = node->keys[i];
    if (key.text == "default") continue;
    const uint32_t attribute = config_.find_attribute(key.text);
    if (attribute == kNoAttribute) {
      mistakes_.add(key.mark, fmt::format("survivorship names '{}', which is no attribute", key.text),
                    config::suggest(key.text, attribute_names()));
    } else if (const auto rule = rule_of(node->items[i], "survivorship")) {
      config_.attributes[attribute].survivorship = *rule;
    }
  }
}

void ConfigParser::paths(const YamlNode& root) {
  const auto path = [&](std::string_view key, std::optional<std::filesystem::path>& target) {
    const auto* node = root.find(key);
    if (node == nullptr) return;
    if (const auto text = fields_.text(*node, key)) target = resolve(*text);
  };
  path("divisions", config_.divisions);
  path("decisions", config_.decisions);
  path("labels", config_.labels);
  path("model", config_.model);
}

}  // namespace zhili::fuse
