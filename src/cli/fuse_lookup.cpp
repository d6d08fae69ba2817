#include "cli/fuse_lookup.hpp"

#include <vector>

#include <boost/json.hpp>

#include "cli/output.hpp"
#include "cli/text_table.hpp"
#include "fuse/lookup.hpp"
#include "text/width.hpp"

namespace zhili::cli {
namespace {

namespace json = boost::json;

constexpr size_t kValueWidth = 40;
constexpr size_t kRecordsShown = 50;
constexpr size_t kEventsShown = 20;

json::value name_json(const fuse::RecordName& name) { return {{"source", name.source}, {"record", name.record}}; }

json::object event_json(const fuse::PastEvent& event) {
  return {{"time", event.time},
          {"event", event.event},
          {"old_id", event.old_id},
          {"new_id", event.new_id.empty() ? json::value(nullptr) : json::value(event.new_id)},
          {"records", event.records}};
}

json::object entity_json(const fuse::StoredEntity& entity) {
  json::object values;
  for (const auto& value : entity.values) {
    if (value.from.source.empty()) {
      values[value.attribute] = nullptr;
      continue;
    }
    values[value.attribute] = {{"value", value.value},
                               {"source", value.from.source},
                               {"record", value.from.record},
                               {"time", value.time.empty() ? json::value(nullptr) : json::value(value.time)},
                               {"differs", value.differs}};
  }
  json::array records;
  for (const auto& name : entity.records) records.push_back(name_json(name));
  return {{"entity_id", entity.id}, {"values", std::move(values)}, {"records", std::move(records)}};
}

std::string entity_text(const fuse::StoredEntity& entity) {
  std::string out =
      fmt::format("{}  {} {}\n", entity.id, entity.records.size(), entity.records.size() == 1 ? "record" : "records");
  std::vector<std::vector<std::string>> rows;
  for (const auto& value : entity.values) {
    if (value.from.source.empty()) {
      rows.push_back({value.attribute, "(none)"});
      continue;
    }
    std::string others;
    if (value.differs > 0) others = fmt::format("{} other {}", value.differs, value.differs == 1 ? "value" : "values");
    rows.push_back({value.attribute, text::shortened(value.value, kValueWidth), value.from.text(), value.time, others});
  }
  out += aligned(rows, "  ") + "Records:\n";
  for (size_t i = 0; i < entity.records.size() && i < kRecordsShown; ++i) {
    out += fmt::format("  {}\n", entity.records[i].text());
  }
  if (entity.records.size() > kRecordsShown) {
    out += fmt::format("  and {} more\n", entity.records.size() - kRecordsShown);
  }
  return out;
}

std::string history_text(const std::vector<fuse::PastEvent>& events) {
  if (events.empty()) return {};
  std::vector<std::vector<std::string>> rows;
  const size_t first = events.size() > kEventsShown ? events.size() - kEventsShown : 0;
  for (size_t i = first; i < events.size(); ++i) {
    const auto& event = events[i];
    rows.push_back({event.time, event.event,
                    event.new_id.empty() ? event.old_id : fmt::format("{} → {}", event.old_id, event.new_id),
                    fmt::format("{} {}", event.records, event.records == 1 ? "record" : "records")});
  }
  return (first > 0 ? fmt::format("History (the last {} of {}):\n", kEventsShown, events.size()) : "History:\n") +
         aligned(rows, "  ");
}

}  // namespace

Status lookup(const LookupArguments& arguments, const Context& context) {
  std::string id = arguments.id;
  if (id.find(':') != std::string::npos) {
    ZHILI_ASSIGN(const auto name, fuse::parse_record_name(id));
    ZHILI_ASSIGN(const auto entities, fuse::entities_of(arguments.dir, {&name, 1}, context.progress(), context.cancel));
    if (entities[0].empty()) {
      return fail(ErrorCode::kNotFound, {arguments.dir.string(), 0, 0},
                  "Sources and record ids stand in the first two columns of links.csv.", "there is no record '{}'", id);
    }
    id = entities[0];
  }
  ZHILI_ASSIGN(const auto found, fuse::look_up(arguments.dir, id, context.progress(), context.cancel));
  if (context.json) {
    json::array entities;
    for (const auto& entity : found.entities) entities.push_back(entity_json(entity));
    json::array events;
    for (const auto& event : found.events) events.push_back(event_json(event));
    return print(json::value{
        {"id", id}, {"present", found.present}, {"entities", std::move(entities)}, {"history", std::move(events)}});
  }
  std::string text;
  if (!found.present) {
    text = fmt::format("{} is not in use any more; its records are {}\n", id,
                       found.entities.empty()       ? "not there any more."
                       : found.entities.size() == 1 ? "in this entity:"
                                                    : "in these entities:");
  }
  for (const auto& entity : found.entities) text += entity_text(entity);
  return print(text + history_text(found.events));
}

}  // namespace zhili::cli
