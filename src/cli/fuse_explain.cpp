#include "cli/fuse_explain.hpp"

#include <array>
#include <memory>
#include <vector>

#include <boost/json.hpp>

#include "base/output_dir.hpp"
#include "cli/output.hpp"
#include "cli/text_table.hpp"
#include "fuse/explain.hpp"
#include "fuse/lookup.hpp"
#include "fuse/membership.hpp"
#include "fuse/reopen.hpp"
#include "fuse/waterfall.hpp"
#include "fuse/wording.hpp"
#include "text/width.hpp"

namespace zhili::cli {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr size_t kValueWidth = 30;

/// A pair that was explained, with what the explanation points into.
struct Explained {
  std::unique_ptr<fuse::Fusion> fusion;
  fuse::Explanation pair;
  std::array<std::string, 2> entities;  ///< Their ids; empty where there is no result.
};

struct Names {
  fuse::RecordName a;
  fuse::RecordName b;
};

Result<Names> names_of(const ExplainArguments& arguments) {
  Names out;
  ZHILI_ASSIGN(out.a, fuse::parse_record_name(arguments.a));
  ZHILI_ASSIGN(out.b, fuse::parse_record_name(arguments.b));
  if (out.a == out.b) {
    return fail(ErrorCode::kUsage, {}, "Name two different records.", "'{}' is given twice", out.a.text());
  }
  return out;
}

Result<uint32_t> find_record(const fuse::Fusion& fusion, const fuse::RecordName& name) {
  const auto& config = fusion.config();
  const auto source = config.find_source(name.source);
  if (!source) {
    return fail(ErrorCode::kNotFound, {config.path.string(), 0, 0},
                fmt::format("One of: {}.", fmt::join(fuse::source_ids(config), ", ")), "there is no source '{}'",
                name.source);
  }
  const auto found = fusion.records().find(*source, name.record);
  if (!found) {
    return fail(ErrorCode::kNotFound, {config.sources[*source].file.string(), 0, 0},
                config.sources[*source].record_id.empty()
                    ? std::string("Without record_id in the configuration a record's id is its line number.")
                    : fmt::format("Record ids stand in its column '{}'.", config.sources[*source].record_id),
                "there is no record '{}'", name.text());
  }
  return static_cast<uint32_t>(*found);
}

/// The numbers of the records of one entity of a result.
Result<std::vector<uint32_t>> members(const fuse::Fusion& fusion, const fs::path& dir, const std::string& id) {
  ZHILI_ASSIGN(const auto found, fuse::look_up(dir, id, fusion.progress(), fusion.cancel()));
  std::vector<uint32_t> out;
  for (const auto& entity : found.entities) {
    for (const auto& name : entity.records) {
      ZHILI_ASSIGN(const auto record, find_record(fusion, name));
      out.push_back(record);
    }
  }
  return out;
}

Result<Explained> explain_in_result(const ExplainArguments& arguments, const Names& names, const Context& context) {
  ZHILI_ASSIGN(auto run, fuse::reopen(arguments.target, fuse::Depth::kModel, context.threads, context.progress(),
                                      context.cancel));
  Explained out{std::move(run.fusion), {}, {}};
  ZHILI_ASSIGN(const auto a, find_record(*out.fusion, names.a));
  ZHILI_ASSIGN(const auto b, find_record(*out.fusion, names.b));
  const std::array pair = {names.a, names.b};
  ZHILI_ASSIGN(const auto entities, fuse::entities_of(arguments.target, pair, context.progress(), context.cancel));
  for (size_t i = 0; i < pair.size(); ++i) {
    if (entities[i].empty()) {
      return fail(ErrorCode::kNotFound, {(arguments.target / "links.csv").string(), 0, 0},
                  "It came into the data after the run: run it again.", "there is no record '{}'", pair[i].text());
    }
    out.entities[i] = entities[i];
  }
  ZHILI_ASSIGN(const auto of_a, members(*out.fusion, arguments.target, entities[0]));
  ZHILI_ASSIGN(const auto of_b, members(*out.fusion, arguments.target, entities[1]));
  ZHILI_ASSIGN(auto rules, fuse::find_rules_holding(*out.fusion, run.rules, a, b));
  out.pair = fuse::explain(*out.fusion, a, b, run.decisions.decided, {entities[0] == entities[1], of_a, of_b},
                           std::move(rules));
  return out;
}

Result<Explained> explain_from_config(const ExplainArguments& arguments, const Names& names, const Context& context) {
  ZHILI_ASSIGN(fuse::Config config, fuse::load_config(arguments.target, arguments.data));
  Explained out;
  ZHILI_ASSIGN(out.fusion,
               fuse::Fusion::create(std::move(config), context.threads, context.progress(), context.cancel));
  auto& fusion = *out.fusion;
  ZHILI_TRY(fusion.read());
  ZHILI_ASSIGN(const auto a, find_record(fusion, names.a));
  ZHILI_ASSIGN(const auto b, find_record(fusion, names.b));
  ZHILI_TRY(fusion.block());
  ZHILI_TRY(fusion.learn());
  ZHILI_TRY(fusion.score());
  fuse::ResolvedDecisions decisions;
  if (const auto& file = fusion.config().decisions; file) {
    ZHILI_ASSIGN(const auto all, fuse::read_decisions(*file));
    decisions = fuse::resolve_decisions(fuse::standing_decisions(all), fusion.config(),
                                        fuse::RecordIndex(fusion.records(), context.threads));
  }
  ZHILI_TRY(fusion.group(decisions.decided));
  const fuse::Membership membership(fusion.clusters());
  const auto& of = fusion.clusters().of_record;
  out.pair =
      fuse::explain(fusion, a, b, decisions.decided, {of[a] == of[b], membership.of(of[a]), membership.of(of[b])},
                    fuse::rules_holding(fusion, a, b));
  return out;
}

std::string rules_text(const fuse::Explanation& pair) {
  if (pair.rules.empty()) return "Blocking: no rule brings them together, so they are never compared.\n";
  std::string out = pair.brought
                        ? "Blocking brings them together:\n"
                        : "Blocking: they agree in a rule, but their block was split, so they are not compared:\n";
  for (const auto& rule : pair.rules) {
    out += "  " + rule.rule;
    if (!rule.key.empty()) out += fmt::format("  (both: {})", text::shortened(rule.key, 2 * kValueWidth));
    if (rule.split) out += "  split apart: the block is larger than max_block";
    out += '\n';
  }
  return out;
}

std::string parts_text(const Explained& explained) {
  const auto& fusion = *explained.fusion;
  const auto& pair = explained.pair;
  std::vector<std::vector<std::string>> rows{
      {"attribute", pair.name_a, pair.name_b, "level", "weight", "rarity", "sum"}};
  rows.push_back({"(prior)", "", "", "", fuse::bits_text(pair.prior), "", fuse::bits_text(pair.prior)});
  for (const auto& part : pair.parts) {
    const auto& comparison = fusion.comparisons().list()[part.comparison];
    auto level = fuse::level_label(fusion.config(), comparison, part.level).en;
    if (part.given >= 0) {
      const auto other = fusion.comparisons().list()[static_cast<size_t>(part.given)].attribute;
      level += fmt::format(" (partly told by {})", fusion.config().attributes[other].name);
    }
    rows.push_back({fusion.config().attributes[part.attribute].name, text::shortened(part.raw_a, kValueWidth),
                    text::shortened(part.raw_b, kValueWidth), level, fuse::bits_text(part.weight),
                    part.rarity == 0 ? "" : fuse::bits_text(part.rarity), fuse::bits_text(part.sum)});
  }
  return aligned(rows, "  ") + fmt::format("  Together {} bits: probability {}; the threshold is {} bits.\n",
                                           fuse::bits_text(pair.weight), fuse::percent(pair.probability, 2),
                                           fuse::bits_text(pair.threshold));
}

std::string explained_text(const Explained& explained) {
  const auto& pair = explained.pair;
  auto out = fmt::format("{} and {}: {}.\n{}\n", pair.name_a, pair.name_b, fuse::verdict_label(pair).en,
                         fuse::reason_text(*explained.fusion, pair).en);
  if (!explained.entities[0].empty()) {
    out += pair.one_entity ? fmt::format("Entity: {}\n", explained.entities[0])
                           : fmt::format("Entities: {} and {}\n", explained.entities[0], explained.entities[1]);
  }
  if (pair.barrier != fuse::Barrier::kNone && pair.reason != fuse::Reason::kBarred) {
    out += fmt::format("Note: {}.\n", fuse::barrier_label(pair.barrier).en);
  }
  return out + "\n" + parts_text(explained) + "\n" + rules_text(pair);
}

json::value or_null(const std::string& text) { return text.empty() ? json::value(nullptr) : json::value(text); }

json::array parts_json(const Explained& explained) {
  const auto& fusion = *explained.fusion;
  json::array out;
  for (const auto& part : explained.pair.parts) {
    json::value given = nullptr;
    if (part.given >= 0) {
      const auto other = fusion.comparisons().list()[static_cast<size_t>(part.given)].attribute;
      given = fusion.config().attributes[other].name;
    }
    out.push_back({{"attribute", fusion.config().attributes[part.attribute].name},
                   {"a", or_null(part.raw_a)},
                   {"b", or_null(part.raw_b)},
                   {"standard_a", or_null(part.standard_a)},
                   {"standard_b", or_null(part.standard_b)},
                   {"level", part.level_text},
                   {"m", part.m},
                   {"u", part.u},
                   {"weight", part.weight},
                   {"rarity", part.rarity},
                   {"records_with_value", part.frequency},
                   {"partly_told_by", std::move(given)},
                   {"sum", part.sum}});
  }
  return out;
}

json::object explained_json(const Explained& explained) {
  const auto& fusion = *explained.fusion;
  const auto& pair = explained.pair;
  json::array rules;
  for (const auto& rule : pair.rules) {
    rules.push_back({{"rule", rule.rule}, {"key", or_null(rule.key)}, {"split", rule.split}});
  }
  json::array chain;
  for (const auto& hop : pair.chain) {
    chain.push_back({{"record", fuse::name_of_record(fusion, hop.record)}, {"weight", hop.weight}});
  }
  return {{"a", pair.name_a},
          {"b", pair.name_b},
          {"entity_a", or_null(explained.entities[0])},
          {"entity_b", or_null(explained.entities[1])},
          {"one_entity", pair.one_entity},
          {"reason", fuse::name_of(pair.reason)},
          {"reason_text", fuse::reason_text(fusion, pair).en},
          {"barrier", fuse::name_of(pair.barrier)},
          {"prior", pair.prior},
          {"comparisons", parts_json(explained)},
          {"weight", pair.weight},
          {"probability", pair.probability},
          {"threshold", pair.threshold},
          {"compared", pair.brought},
          {"rules", std::move(rules)},
          {"chain", std::move(chain)}};
}

}  // namespace

Status explain(const ExplainArguments& arguments, const Context& context) {
  ZHILI_ASSIGN(const auto names, names_of(arguments));
  std::error_code ec;
  ZHILI_ASSIGN(const auto explained, fs::is_directory(arguments.target, ec)
                                         ? explain_in_result(arguments, names, context)
                                         : explain_from_config(arguments, names, context));
  if (!arguments.svg.empty()) {
    const auto language = arguments.language == "en" ? fuse::Language::kEnglish : fuse::Language::kChinese;
    const auto picture =
        fuse::draw_waterfall(*explained.fusion, explained.pair, "explain", {language, arguments.plain});
    ZHILI_TRY(write_file_atomically(arguments.svg, picture.standalone()));
  }
  if (context.json) return print(json::value(explained_json(explained)));
  auto text = explained_text(explained);
  if (!arguments.svg.empty()) text += fmt::format("\nThe picture is in {}\n", arguments.svg.string());
  return print(text);
}

}  // namespace zhili::cli
