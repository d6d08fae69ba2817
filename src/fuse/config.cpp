#include "fuse/config.hpp"

#include <algorithm>
#include <system_error>

#include "base/limits.hpp"
#include "base/output_dir.hpp"
#include "fuse/config_keys.hpp"
#include "fuse/config_parser.hpp"

namespace zhili::fuse {
namespace {

/// A pattern over Parquet files, which DuckDB resolves.
bool is_pattern(const Source& source) {
  return source.format == table::Format::kParquet && source.file.string().find_first_of("*?[") != std::string::npos;
}

/// The files of the configuration are looked at before the run, so that none is missed after an hour.
Status check_files(const Config& config) {
  std::vector<Error> missing;
  for (const Source& source : config.sources) {
    if (is_pattern(source)) continue;
    std::error_code error;
    const auto status = std::filesystem::status(source.file, error);
    if (std::filesystem::exists(status) && !std::filesystem::is_directory(status)) continue;
    const Place place = config.place(source.file_mark);
    const std::string_view problem = std::filesystem::exists(status) ? "is a directory" : "does not exist";
    missing.push_back(Error{ErrorCode::kInput,
                            fmt::format("File '{}' of source '{}' {}", source.file.string(), source.id, problem),
                            place,
                            "Relative paths start at the --data directory, or where that is not given at the "
                            "configuration's own.",
                            {}});
  }
  if (missing.empty()) return {};
  Error first = std::move(missing.front());
  const size_t shown = std::min(missing.size(), Mistakes::kShown);
  first.others.assign(missing.begin() + 1, missing.begin() + static_cast<ptrdiff_t>(shown));
  return fail(std::move(first));
}

}  // namespace

uint32_t Config::find_attribute(std::string_view name) const {
  const auto found = std::ranges::find(attributes, name, &Attribute::name);
  return found == attributes.end() ? kNoAttribute : static_cast<uint32_t>(found - attributes.begin());
}

std::optional<uint32_t> Config::find_source(std::string_view id) const {
  const auto found = std::ranges::find(sources, id, &Source::id);
  if (found == sources.end()) return std::nullopt;
  return static_cast<uint32_t>(found - sources.begin());
}

Result<Config> parse_config(std::string_view yaml, const std::filesystem::path& path,
                            const std::filesystem::path& data_dir) {
  ZHILI_ASSIGN(const YamlNode root, config::parse_yaml(yaml, path.string()));
  Config config;
  config.path = path;
  Mistakes mistakes(path.string());
  ConfigParser(config, mistakes, data_dir.empty() ? path.parent_path() : data_dir).parse(root);
  if (!mistakes.none()) return fail(std::move(mistakes).error());
  return config;
}

Result<Config> load_config(const std::filesystem::path& path, const std::filesystem::path& data_dir) {
  ZHILI_ASSIGN(const std::string yaml, read_file(path, limits::kYamlBytes));
  ZHILI_ASSIGN(Config config, parse_config(yaml, path, data_dir));
  ZHILI_TRY(check_files(config));
  return config;
}

std::string_view joiner(SemanticType type) {
  switch (type) {
    case SemanticType::kChineseName:
    case SemanticType::kAddress:
    case SemanticType::kIdNumber:
    case SemanticType::kCreditCode:
    case SemanticType::kPhone:
      return "";
    case SemanticType::kDate:
      return "-";
    default:
      return " ";
  }
}

std::vector<std::string> source_ids(const Config& config) {
  std::vector<std::string> out;
  out.reserve(config.sources.size());
  for (const auto& source : config.sources) out.push_back(source.id);
  return out;
}

std::string_view name_of(Survivorship rule) { return keys::kSurvivorship[static_cast<size_t>(rule)]; }
std::string_view name_of(LinkMode mode) { return keys::kLink[static_cast<size_t>(mode)]; }

}  // namespace zhili::fuse
