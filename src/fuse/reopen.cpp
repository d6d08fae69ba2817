#include "fuse/reopen.hpp"

#include <algorithm>
#include <charconv>

#include "fuse/record_index.hpp"
#include "fuse/truth.hpp"

namespace zhili::fuse {
namespace {

constexpr std::string_view kRunAgain = "Data, configuration or decisions have changed since the run: run it again.";

/// "name", "birth.year", "code.prefix(3)".
bool parse_part(std::string_view text, const Config& config, KeyPart& part) {
  const size_t dot = text.find('.');
  part.attribute = config.find_attribute(text.substr(0, dot));
  if (part.attribute == kNoAttribute) return false;
  if (dot == std::string_view::npos) return true;
  std::string_view name = text.substr(dot + 1);
  if (const size_t open = name.find('('); open != std::string_view::npos && name.ends_with(')')) {
    const auto digits = name.substr(open + 1, name.size() - open - 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), part.n);
    if (error != std::errc() || end != digits.data() + digits.size()) return false;
    name = name.substr(0, open);
  }
  const auto names = key_transform_names();
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return false;
  part.transform = static_cast<KeyTransform>(found - names.begin());
  const auto& attribute = config.attributes[part.attribute];
  return fits(part.transform, attribute.type, attribute.part) && takes_number(part.transform) == (part.n > 0);
}

std::unexpected<Error> changed(const std::filesystem::path& dir, std::string_view what) {
  return fail(ErrorCode::kInput, {(dir / "links.csv").string(), 0, 0}, std::string(kRunAgain),
              "holds other {} than the data give now", what);
}

/// Each entity of links.csv is a cluster.
Status check_entities(const Fusion& fusion, const std::filesystem::path& dir) {
  ZHILI_ASSIGN(const auto stored, stored_entities(fusion, dir));
  const auto& clusters = fusion.clusters();
  std::vector<uint32_t> entity_of(clusters.count, kUnlabelled);
  for (size_t r = 0; r < stored.size(); ++r) {
    uint32_t& entity = entity_of[clusters.of_record[r]];
    if (entity == kUnlabelled) entity = stored[r];
    if (entity != stored[r]) return changed(dir, "entities");
  }
  std::ranges::sort(entity_of);
  if (std::ranges::adjacent_find(entity_of) != entity_of.end()) return changed(dir, "entities");
  return {};
}

/// Decisions written since the run are for the next one.
std::vector<Decision> standing_at(std::vector<Decision> all, std::string_view time) {
  std::erase_if(all, [&](const Decision& decision) { return decision.time > time; });
  return standing_decisions(all);
}

Status redo(Reopened& run, Depth depth) {
  auto& fusion = *run.fusion;
  ZHILI_TRY(fusion.read());
  const auto& records = fusion.records();
  if (depth != Depth::kModel) ZHILI_TRY(fusion.block());
  if (auto learnt = fusion.learn(); !learnt) {
    // The result's own model no longer fits: the attributes are others now.
    if (depth != Depth::kAll && learnt.error().code == ErrorCode::kConfig) learnt.error().hint = kRunAgain;
    return learnt;
  }
  if (depth != Depth::kModel) ZHILI_TRY(fusion.score());
  ZHILI_ASSIGN(auto all, read_decisions(run.file.decisions));
  const auto standing = standing_at(std::move(all), run.file.time);
  if (!standing.empty()) {
    run.decisions = resolve_decisions(standing, fusion.config(), RecordIndex(records, fusion.threads()));
  }
  return depth == Depth::kAll ? fusion.group(run.decisions.decided) : Status();
}

}  // namespace

Result<std::vector<BlockingRule>> parse_rules(std::span<const std::string> texts, const Config& config,
                                              const std::filesystem::path& path) {
  constexpr std::string_view kPlus = " + ";
  std::vector<BlockingRule> out;
  for (const std::string& text : texts) {
    BlockingRule rule{{}, text};
    for (size_t start = 0; start <= text.size();) {
      const size_t end = std::min(text.find(kPlus, start), text.size());
      if (!parse_part(std::string_view(text).substr(start, end - start), config, rule.parts.emplace_back())) {
        return fail(ErrorCode::kInput, {path.string(), 0, 0}, std::string(kRunAgain),
                    "has the blocking rule '{}', which {} can't have", text, config.path.string());
      }
      start = end + kPlus.size();
    }
    out.push_back(std::move(rule));
  }
  return out;
}

Result<std::vector<uint32_t>> stored_entities(const Fusion& fusion, const std::filesystem::path& dir) {
  ZHILI_ASSIGN(const auto links, read_links(dir, fusion.config(), fusion.progress(), fusion.cancel()));
  const auto& records = fusion.records();
  if (links.index.size() != records.size()) return changed(dir, "records");
  std::vector<uint32_t> out(records.size());
  for (uint64_t r = 0; r < records.size(); ++r) {
    const uint32_t line = links.index.find(records.source(r), records.id(r));
    if (line == RecordKeys::kNone) return changed(dir, "records");
    out[r] = links.entity[line];
  }
  return out;
}

Result<Reopened> reopen(const std::filesystem::path& dir, Depth depth, unsigned threads, Progress::Mode progress,
                        Cancel& cancel) {
  Reopened out;
  ZHILI_ASSIGN(out.file, read_run_file(dir));
  ZHILI_ASSIGN(auto config, load_config(out.file.config, out.file.data_dir));
  ZHILI_ASSIGN(out.rules, parse_rules(out.file.rules, config, dir / "run.json"));
  if (depth != Depth::kAll) {
    config.model = dir / "model.json";
    config.threshold = out.file.threshold;
    config.blocking = out.rules;
  }
  ZHILI_ASSIGN(out.fusion, Fusion::create(std::move(config), threads, progress, cancel));
  ZHILI_TRY(redo(out, depth));
  if (depth == Depth::kAll) {
    ZHILI_TRY(check_entities(*out.fusion, dir));
  }
  return out;
}

}  // namespace zhili::fuse
