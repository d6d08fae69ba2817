#include "cli/fuse_review.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <set>

#include <boost/json.hpp>

#include "cli/output.hpp"
#include "cli/text_table.hpp"
#include "fuse/history.hpp"
#include "fuse/lookup.hpp"
#include "fuse/review.hpp"
#include "fuse/run_summary.hpp"
#include "text/width.hpp"

namespace zhili::cli {
namespace {

namespace json = boost::json;

constexpr size_t kValueWidth = 36;

using Pair = std::pair<fuse::RecordName, fuse::RecordName>;

Pair ordered(const fuse::RecordName& a, const fuse::RecordName& b) { return a < b ? Pair(a, b) : Pair(b, a); }

std::string line_text(const fuse::ReviewLine& line) {
  std::string out = fmt::format("{}. {}   {}   probability {}, {}, {} {} at stake; {}\n", line.number, line.a.text(),
                                line.b.text(), line.probability, line.together ? "one entity now" : "two entities now",
                                line.pairs, line.pairs == "1" ? "pair" : "pairs", line.reason);
  std::vector<std::vector<std::string>> rows;
  for (size_t i = 0; i < line.attributes.size(); ++i) {
    const auto& a = line.values_a[i];
    const auto& b = line.values_b[i];
    if (a.empty() && b.empty()) continue;
    rows.push_back({line.attributes[i], text::shortened(a, kValueWidth), text::shortened(b, kValueWidth)});
  }
  return out + aligned(rows, "   ");
}

json::object line_json(const fuse::ReviewLine& line) {
  json::object values;
  for (size_t i = 0; i < line.attributes.size(); ++i) {
    values[line.attributes[i]] = json::array{json::value(line.values_a[i]), json::value(line.values_b[i])};
  }
  return {{"number", line.number},     {"a", line.a.text()},
          {"b", line.b.text()},        {"entity_a", line.entity_a},
          {"entity_b", line.entity_b}, {"probability", std::strtod(line.probability.c_str(), nullptr)},
          {"together", line.together}, {"pairs", std::strtoull(line.pairs.c_str(), nullptr, 10)},
          {"reason", line.reason},     {"values", std::move(values)}};
}

/// The pair that the arguments name: by its number in the review list, or by its two records.
Result<Pair> named_pair(const ReviewArguments& arguments) {
  if (arguments.records.size() == 2) {
    ZHILI_ASSIGN(auto a, fuse::parse_record_name(arguments.records[0]));
    ZHILI_ASSIGN(auto b, fuse::parse_record_name(arguments.records[1]));
    if (a == b) return fail(ErrorCode::kUsage, {}, "Name two records.", "a record can't be paired with itself");
    return Pair(std::move(a), std::move(b));
  }
  const auto& text = arguments.records[0];
  uint64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || number == 0) {
    return fail(ErrorCode::kUsage, {}, "Give a number of 'zhili fuse review DIR list', or two records SOURCE:RECORD.",
                "'{}' is no number of the review list", text);
  }
  std::optional<Pair> found;
  const auto path = arguments.dir / "review.csv";
  ZHILI_TRY(fuse::read_review(path, number, [&](const fuse::ReviewLine& line) {
    if (line.number == number) found = Pair(line.a, line.b);
    return false;
  }));
  if (!found) {
    return fail(ErrorCode::kNotFound, {path.string(), 0, 0}, "See 'zhili fuse review DIR list'.",
                "the review list has no number {}", number);
  }
  return *found;
}

Status check_records(const ReviewArguments& arguments, const Pair& pair, const Context& context) {
  const std::array names = {pair.first, pair.second};
  ZHILI_ASSIGN(const auto entities, fuse::entities_of(arguments.dir, names, context.progress(), context.cancel));
  for (size_t i = 0; i < names.size(); ++i) {
    if (!entities[i].empty()) continue;
    return fail(ErrorCode::kNotFound, {arguments.dir.string(), 0, 0},
                "Sources and record ids stand in the first two columns of links.csv.", "there is no record '{}'",
                names[i].text());
  }
  return {};
}

json::object decision_json(const fuse::Decision& decision) {
  return {{"a", decision.a.text()}, {"b", decision.b.text()}, {"decision", fuse::name_of(decision.verdict)},
          {"by", decision.by},      {"time", decision.time},  {"note", decision.note}};
}

}  // namespace

Status list_review(const ReviewArguments& arguments, const Context& context) {
  ZHILI_ASSIGN(const auto run, fuse::read_run_file(arguments.dir));
  ZHILI_ASSIGN(const auto all, fuse::read_decisions(run.decisions));
  std::set<Pair> decided;
  for (const auto& decision : fuse::standing_decisions(all)) decided.insert(ordered(decision.a, decision.b));
  std::string text;
  json::array lines;
  uint64_t shown = 0;
  ZHILI_TRY(fuse::read_review(arguments.dir / "review.csv", arguments.from, [&](const fuse::ReviewLine& line) {
    if (decided.contains(ordered(line.a, line.b))) return true;
    if (shown == arguments.limit) return false;
    ++shown;
    if (context.json) {
      lines.push_back(line_json(line));
    } else {
      text += line_text(line);
    }
    return true;
  }));
  if (context.json) return print(json::value{{"pairs", std::move(lines)}});
  return print(shown == 0 ? "Nothing to review.\n" : text);
}

Status list_decisions(const ReviewArguments& arguments, const Context& context) {
  ZHILI_ASSIGN(const auto run, fuse::read_run_file(arguments.dir));
  ZHILI_ASSIGN(const auto all, fuse::read_decisions(run.decisions));
  json::array list;
  std::vector<std::vector<std::string>> rows;
  for (const auto& decision : fuse::standing_decisions(all)) {
    list.push_back(decision_json(decision));
    rows.push_back({decision.a.text(), std::string(fuse::name_of(decision.verdict)), decision.b.text(), decision.by,
                    decision.time, decision.note});
  }
  if (context.json) return print(json::value{{"file", run.decisions.string()}, {"decisions", std::move(list)}});
  return print(rows.empty() ? "No decisions.\n" : aligned(rows, ""));
}

Status decide(const ReviewArguments& arguments, fuse::Verdict verdict, const Context& context) {
  ZHILI_ASSIGN(const auto run, fuse::read_run_file(arguments.dir));
  ZHILI_ASSIGN(const auto pair, named_pair(arguments));
  ZHILI_ASSIGN(const auto all, fuse::read_decisions(run.decisions));
  const auto standing = fuse::standing_decisions(all);
  const auto before = std::ranges::find(standing, ordered(pair.first, pair.second),
                                        [](const fuse::Decision& d) { return ordered(d.a, d.b); });
  if (verdict != fuse::Verdict::kUndo) {
    ZHILI_TRY(check_records(arguments, pair, context));
  } else if (before == standing.end()) {
    return fail(ErrorCode::kNotFound, {run.decisions.string(), 0, 0}, "See 'zhili fuse review DIR decided'.",
                "there is no decision on {} and {} to undo", pair.first.text(), pair.second.text());
  }
  const char* user = std::getenv("USER");
  fuse::Decision decision{pair.first, pair.second, verdict, arguments.by, {}, arguments.note, 0};
  if (decision.by.empty() && user != nullptr) decision.by = user;
  decision.time = fuse::time_text(std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()));
  ZHILI_TRY(fuse::append_decision(run.decisions, decision));
  if (context.json) {
    return print(json::value{{"file", run.decisions.string()}, {"written", decision_json(decision)}});
  }
  return print(fmt::format("{} and {}: {}. The next run follows it.\n", pair.first.text(), pair.second.text(),
                           verdict == fuse::Verdict::kUndo ? "decision undone" : fuse::name_of(verdict)));
}

}  // namespace zhili::cli
