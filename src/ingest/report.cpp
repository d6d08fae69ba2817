#include "ingest/report.hpp"

#include <algorithm>

#include <boost/json.hpp>

namespace zhili::ingest {
namespace {

namespace json = boost::json;

constexpr int64_t kDay = int64_t{24} * 3600 * 1'000'000;
/// Of fewer numbers the mean would tell of single people.
constexpr uint64_t kFewestForMean = 50;

json::array numbers(const std::vector<uint64_t>& lines) {
  json::array out;
  for (const uint64_t line : lines) out.push_back(line);
  return out;
}

json::value share(uint64_t part, uint64_t whole) {
  if (whole == 0) return nullptr;
  return 1 - static_cast<double>(part) / static_cast<double>(whole);
}

json::object measures_of(const Standard& standard, const TableFigures& table, const Findings& findings) {
  uint64_t required = 0;
  uint64_t lacking = 0;
  uint64_t present = 0;
  uint64_t wrong = 0;
  for (size_t f = 0; f < standard.fields().size(); ++f) {
    const FieldFigures& field = table.figures.fields[f];
    const auto count = [&](Rule rule) { return field.mistakes[static_cast<size_t>(rule)]; };
    if (standard.fields()[f].required) {
      required += field.values;
      lacking += count(Rule::kMissing);
    }
    present += field.values - field.missing;
    wrong += field.mistaken() - count(Rule::kRepeated) - count(Rule::kChange);
  }
  uint64_t broken = 0;
  uint64_t asked = 0;
  for (const RuleFigures& rule : table.figures.rules) {
    broken += rule.broken;
    asked += table.figures.rows - std::min(rule.unknown, table.figures.rows);
  }
  json::object out{
      {"completeness", share(lacking, required)}, {"validity", share(wrong, present)}, {"rules", share(broken, asked)}};
  out["uniqueness"] =
      standard.keys().empty() ? json::value(nullptr) : share(table.figures.repeated, table.figures.rows);
  const auto& timeliness = findings.timeliness;
  out["timeliness"] =
      timeliness.due_at ? json::value(timeliness.received_at <= *timeliness.due_at ? 1.0 : 0.0) : nullptr;
  out["consistency"] =
      findings.consistency ? share(findings.consistency->different, findings.consistency->compared) : nullptr;
  return out;
}

json::array fields_of(const Standard& standard, const Figures& figures) {
  json::array out;
  for (size_t f = 0; f < standard.fields().size(); ++f) {
    const FieldFigures& field = figures.fields[f];
    json::object mistakes;
    json::object lines;
    for (size_t r = 0; r < kRules; ++r) {
      if (field.mistakes[r] == 0) continue;
      mistakes[name_of(static_cast<Rule>(r))] = field.mistakes[r];
      lines[name_of(static_cast<Rule>(r))] = numbers(field.examples[r].lines());
    }
    json::object one{{"field", standard.fields()[f].id}, {"values", field.values},
                     {"missing", field.missing},         {"mistakes", std::move(mistakes)},
                     {"lines", std::move(lines)},        {"different", field.different.count()}};
    if (field.numbers >= kFewestForMean) one["mean"] = field.sum / static_cast<double>(field.numbers);
    out.push_back(std::move(one));
  }
  return out;
}

json::array worst_of(const Standard& standard, const Figures& figures) {
  json::array out;
  for (const FlawedRow& row : figures.worst) {
    json::array flaws;
    for (const Flaw& flaw : row.flaws) {
      const std::string& id =
          flaw.rule == Rule::kRow ? standard.rules()[flaw.place].id : standard.fields()[flaw.place].id;
      flaws.push_back(json::object{{flaw.rule == Rule::kRow ? "rule_id" : "field", id}, {"rule", name_of(flaw.rule)}});
    }
    out.push_back(json::object{{"line", row.line}, {"flaws", std::move(flaws)}});
  }
  return out;
}

json::object unreadable_of(const TableFigures& table) {
  json::object kinds;
  for (size_t k = 0; k < table::kRejectKinds; ++k) {
    if (table.unreadable_by_kind[k] != 0) {
      kinds[table::reject_kind_name(static_cast<table::RejectKind>(k))] = table.unreadable_by_kind[k];
    }
  }
  json::array rows;
  for (const UnreadableRow& row : table.unreadable_rows) {
    rows.push_back(
        json::object{{"line", row.line}, {"column", row.column}, {"kind", table::reject_kind_name(row.kind)}});
  }
  return {{"rows", table.unreadable}, {"kinds", std::move(kinds)}, {"first", std::move(rows)}};
}

void add_findings(json::object& out, const Standard& standard, const Findings& findings) {
  json::object timeliness{{"received_at", findings.timeliness.received_at}};
  if (findings.timeliness.due_at) timeliness["due_at"] = *findings.timeliness.due_at;
  out["timeliness"] = std::move(timeliness);
  if (findings.consistency) {
    json::object fields;
    for (size_t f = 0; f < std::min(findings.consistency->by_field.size(), standard.fields().size()); ++f) {
      if (findings.consistency->by_field[f] != 0) fields[standard.fields()[f].id] = findings.consistency->by_field[f];
    }
    out["consistency"] = json::object{{"compared", findings.consistency->compared},
                                      {"different", findings.consistency->different},
                                      {"fields", std::move(fields)}};
  }
  if (findings.held_keys) {
    out["held_keys"] = json::object{{"looked_at", findings.held_keys->looked_at},
                                    {"inserted_twice", findings.held_keys->inserted_twice},
                                    {"changed_in_vain", findings.held_keys->changed_in_vain}};
  }
  json::array alarms;
  for (const Alarm& alarm : findings.alarms) {
    alarms.push_back(json::object{{"field", alarm.field},
                                  {"figure", alarm.figure},
                                  {"value", alarm.value},
                                  {"median", alarm.median},
                                  {"bound", alarm.bound}});
  }
  out["alarms"] = std::move(alarms);
  json::array because;
  for (const auto& word : findings.held_because) because.emplace_back(word);
  out["held_because"] = std::move(because);
}

}  // namespace

Timeliness timeliness_of(catalog::Cycle cycle, std::optional<int64_t> last, int64_t received_at) {
  using catalog::Cycle;
  Timeliness out{.due_at = {}, .received_at = received_at};
  if (!last) return out;
  switch (cycle) {
    case Cycle::kContinuous:
    case Cycle::kDaily:
      out.due_at = *last + kDay;
      break;
    case Cycle::kWeekly:
      out.due_at = *last + 7 * kDay;
      break;
    case Cycle::kMonthly:
      out.due_at = *last + 31 * kDay;
      break;
    case Cycle::kQuarterly:
      out.due_at = *last + 92 * kDay;
      break;
    case Cycle::kYearly:
      out.due_at = *last + 366 * kDay;
      break;
    case Cycle::kOnChange:
      break;
  }
  return out;
}

std::string report_of(const Standard& standard, const TableFigures& table, const Findings& findings) {
  const Figures& figures = table.figures;
  json::array rules;
  for (size_t r = 0; r < standard.rules().size(); ++r) {
    const RuleFigures& rule = figures.rules[r];
    rules.push_back(json::object{{"id", standard.rules()[r].id},
                                 {"broken", rule.broken},
                                 {"unknown", rule.unknown},
                                 {"rejects", standard.rules()[r].rejects},
                                 {"lines", numbers(rule.examples.lines())}});
  }
  json::array notes;
  for (const auto& note : table.notes) notes.emplace_back(note);
  json::object out{
      {"rows", figures.rows},
      {"mistaken_rows", figures.mistaken_rows},
      {"rejected_rows", figures.rejected_rows},
      {"repeated_keys", figures.repeated},
      {"keys_exact", table.keys_exact},
      {"changes",
       json::object{{"insert", figures.changes[0]}, {"update", figures.changes[1]}, {"delete", figures.changes[2]}}},
      {"measures", measures_of(standard, table, findings)},
      {"fields", fields_of(standard, figures)},
      {"rules", std::move(rules)},
      {"worst_rows", worst_of(standard, figures)},
      {"unreadable", unreadable_of(table)},
      {"read_as", table.description},
      {"notes", std::move(notes)}};
  add_findings(out, standard, findings);
  return json::serialize(out);
}

}  // namespace zhili::ingest
