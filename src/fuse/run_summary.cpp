#include "fuse/run_summary.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>

#include "base/output_dir.hpp"

namespace zhili::fuse {
namespace {

namespace json = boost::json;

constexpr uint64_t kRunFileBytes = uint64_t{16} << 20;

std::string grouped(uint64_t n) {
  const auto digits = std::to_string(n);
  std::string out;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

std::string plural(uint64_t n, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", grouped(n), n == 1 ? one : many);
}

}  // namespace

json::object RunSummary::to_json() const {
  json::array source_list;
  for (const auto& source : sources) {
    source_list.push_back(
        {{"id", source.id}, {"file", source.file}, {"records", source.records}, {"rejected", source.rejected}});
  }
  json::object steps;
  for (const auto& step : times) steps[step.step] = step.seconds;
  json::object out_json{
      {"time", time},
      {"config", config.string()},
      {"data_dir", data_dir.string()},
      {"out", out.string()},
      {"decisions", decisions.string()},
      {"rules", json::value_from(rules)},
      {"threshold", threshold},
      {"sources", std::move(source_list)},
      {"records", records},
      {"rejected", rejected},
      {"entities", entities},
      {"candidate_pairs", candidate_pairs},
      {"linked_pairs", linked_pairs},
      {"cuts", cuts},
      {"review_pairs", review_pairs},
      {"ids", {{"kept", ids_kept}, {"new", ids_new}, {"merged", ids_merged}, {"split", ids_split}, {"gone", ids_gone}}},
      {"decisions_followed", decisions_followed},
      {"decisions_set_aside", decisions_set_aside},
      {"decisions_unknown", decisions_unknown},
      {"notes", json::value_from(notes)},
      {"steps", std::move(steps)},
      {"seconds", seconds},
      {"peak_bytes", peak_bytes}};
  std::vector<std::string> ids;
  ids.reserve(sources.size());
  for (const auto& source : sources) ids.push_back(source.id);
  if (evaluation) out_json["quality"] = evaluation_json(*evaluation, ids);
  return out_json;
}

std::string RunSummary::text() const {
  std::string out_text =
      fmt::format("{} of {} became {}.\n", plural(records, "record", "records"),
                  plural(sources.size(), "source", "sources"), plural(entities, "entity", "entities"));
  if (rejected > 0) {
    out_text += fmt::format("{} could not be read (rejects.csv).\n", plural(rejected, "row", "rows"));
  }
  out_text += fmt::format("{} compared, {} linked, {} cut.\n", plural(candidate_pairs, "pair", "pairs"),
                          grouped(linked_pairs), plural(cuts, "group", "groups"));
  out_text += fmt::format("{} for review (review.csv).\n", plural(review_pairs, "pair", "pairs"));
  if (ids_kept + ids_merged + ids_gone > 0) {
    out_text +=
        fmt::format("Ids: {} kept, {} new, {} merged, {} split off, {} gone (history.csv).\n", grouped(ids_kept),
                    grouped(ids_new), grouped(ids_merged), grouped(ids_split), grouped(ids_gone));
  }
  if (decisions_followed + decisions_set_aside + decisions_unknown > 0) {
    out_text += fmt::format("Decisions: {} followed, {} set aside, {} about records that are not there.\n",
                            grouped(decisions_followed), grouped(decisions_set_aside), grouped(decisions_unknown));
  }
  if (evaluation) {
    const auto& pairs = evaluation->entities.pairs;
    out_text +=
        fmt::format("Against the truth: precision {:.2f}%, recall {:.2f}%, F1 {:.2f}% of pairs within entities.\n",
                    100 * pairs.precision(), 100 * pairs.recall(), 100 * pairs.f1());
  }
  out_text += fmt::format("{:.1f} s, {:.0f} MB at most. The result is in {}\n", seconds,
                          static_cast<double>(peak_bytes) / 1e6, out.string());
  return out_text;
}

Result<RunFile> read_run_file(const std::filesystem::path& dir) {
  const auto path = dir / "run.json";
  auto bytes = read_file(path, kRunFileBytes);
  if (!bytes && bytes.error().code == ErrorCode::kNotFound) {
    return fail(ErrorCode::kNotFound, {dir.string(), 0, 0},
                "Name the directory that zhili fuse run wrote its result to (--out).", "holds no result of a run");
  }
  if (!bytes) return std::unexpected(std::move(bytes).error());
  try {
    const auto value = json::parse(*bytes);
    const auto text = [&](std::string_view key) { return std::string(value.at(key).as_string()); };
    RunFile out{text("config"), text("data_dir"), text("decisions"), {}, {}, value.at("threshold").to_number<double>(),
                text("time")};
    for (const auto& rule : value.at("rules").as_array()) out.rules.emplace_back(rule.as_string());
    for (const auto& source : value.at("sources").as_array()) out.sources.emplace_back(source.at("id").as_string());
    return out;
  } catch (const std::exception& error) {
    return fail(ErrorCode::kInput, {path.string(), 0, 0}, "Run zhili fuse run again.", "is not as a run writes it: {}",
                error.what());
  }
}

}  // namespace zhili::fuse
