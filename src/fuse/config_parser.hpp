#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "config/fields.hpp"
#include "config/yaml.hpp"
#include "fuse/config.hpp"

namespace zhili::fuse {

using config::Fields;
using config::Mistakes;
using config::YamlNode;

/// Turns the tree of a configuration into a Config. Used once; what is wrong goes to `mistakes`.
class ConfigParser {
 public:
  ConfigParser(Config& config, Mistakes& mistakes, std::filesystem::path base)
      : config_(config), mistakes_(mistakes), fields_(mistakes), base_(std::move(base)) {}

  void parse(const YamlNode& root);

 private:
  // config_parser.cpp
  void version(const YamlNode& root);
  void sources(const YamlNode& node);
  void source(const YamlNode& node);
  void source_reading(const YamlNode& node, Source& source);
  void source_columns(const YamlNode& node, Source& source);
  void linking(const YamlNode& root);
  void one_to_one(const YamlNode& node);
  void numbers(const YamlNode& root);
  void survivorship(const YamlNode& root);
  void paths(const YamlNode& root);
  bool good_name(const std::string& name, Mark mark, std::string_view what);
  std::filesystem::path resolve(const std::string& file) const;

  // config_attributes.cpp
  void attributes(const YamlNode& node);
  void attribute(const YamlNode::Key& key, const YamlNode& node);
  void attribute_options(const YamlNode& node, Attribute& attribute);
  void partners(const YamlNode& node);
  void named_partner(uint32_t index, const YamlNode& with);
  void pair(uint32_t a, uint32_t b);
  void pair_only_two(uint32_t index);
  void levels(const YamlNode& node);
  void level_list(const YamlNode& node, Attribute& attribute);
  bool level(const YamlNode& node, const Attribute& attribute, Level& level);
  bool level_value(const YamlNode& node, const Attribute& attribute, Level& level);
  bool reachable(const YamlNode& node, const Attribute& attribute, const Level& level);

  // config_blocking.cpp
  void blocking(const YamlNode& node);
  void blocking_rule(const YamlNode& node);
  bool key_part(std::string_view text, Mark mark, KeyPart& part);
  bool key_transform(std::string_view text, std::string_view whole, Mark mark, KeyPart& part);

  /// False for an attribute whose type could not be read: no more is said about it.
  bool typed(uint32_t attribute) const { return typed_[attribute] != 0; }
  std::vector<std::string> attribute_names() const;
  std::vector<std::string> source_ids() const;
  std::string what(const Attribute& attribute) const;

  Config& config_;
  Mistakes& mistakes_;
  Fields fields_;
  std::filesystem::path base_;
  std::vector<uint8_t> typed_;
};

}  // namespace zhili::fuse
