#include "http/api_json.hpp"
#include "http/entity_json.hpp"
#include "library/desk.hpp"
#include "vault/jobs.hpp"

namespace zhili::http {
namespace {

/// Appends JSON text. Look-ups are many: no tree is built for them.
class JsonText {
 public:
  JsonText& raw(std::string_view text) {
    out_ += text;
    return *this;
  }
  JsonText& quoted(std::string_view text) {
    out_ += '"';
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        out_ += '\\';
        out_ += c;
      } else if (byte < 0x20) {
        out_ += fmt::format("\\u{:04x}", byte);
      } else {
        out_ += c;
      }
    }
    out_ += '"';
    return *this;
  }
  JsonText& member(std::string_view name, std::string_view text) { return raw(name).quoted(text); }
  std::string take() && { return std::move(out_); }

 private:
  std::string out_;
};

void put_value(JsonText& out, const vault::ShownField& field) {
  out.member(R"({"field":)", field.field).member(R"(,"value":)", field.value);
  out.raw(field.masked ? R"(,"masked":true)" : R"(,"masked":false)");
  if (!field.source.empty()) out.member(R"(,"source":)", field.source);
  if (!field.record.empty()) out.member(R"(,"record":)", field.record);
  if (!field.time.empty()) out.member(R"(,"time":)", field.time);
  out.raw(fmt::format(R"(,"differs":{}}})", field.differs));
}

void put_entity(JsonText& out, std::string_view kind, const vault::Disclosed& one, Language language) {
  out.member(R"({"kind":)", kind).member(R"(,"id":)", one.subject);
  if (!one.place.empty()) out.member(R"(,"area":)", one.place);
  out.member(R"(,"entry":)", one.entry).raw(R"(,"values":[)");
  bool first = true;
  for (const auto& field : one.fields) {
    if (!field.known) continue;
    if (!first) out.raw(",");
    first = false;
    put_value(out, field);
  }
  out.raw(R"(],"refused":[)");
  first = true;
  for (const auto& field : one.refused) {
    if (!first) out.raw(",");
    first = false;
    out.member(R"({"field":)", field.field).member(R"(,"reason":)", field.why.code);
    out.member(R"(,"words":)", language == Language::kEnglish ? field.why.en : field.why.zh);
    out.member(R"(,"zh":)", field.why.zh).member(R"(,"en":)", field.why.en);
    if (!field.why.rule.empty()) out.member(R"(,"rule":)", field.why.rule);
    out.raw("}");
  }
  out.raw("]}");
}

std::vector<std::string> split_fields(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const size_t end = std::min(text.find(','), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

vault::Ask ask_of(const Request& request) {
  vault::Ask ask;
  ask.actor = request.caller.actor();
  ask.how = request.caller.by == Credential::kKey ? "api" : "web";
  return ask;
}

void read_entity(const ApiParts& parts, const Request& request, Responder&& responder) {
  vault::Ask ask = ask_of(request);
  ask.kind = request.path_parameter("kind");
  ask.subject = request.path_parameter("id");
  ask.purpose = given(request, "purpose");
  ask.basis = given(request, "basis");
  ask.fields = split_fields(request.query_parameter("fields").value_or(""));
  parts.door.disclose(std::move(ask),
                      [responder = std::move(responder), kind = std::string(request.path_parameter("kind")),
                       language = request.language](Result<vault::Answer> answer) mutable {
                        if (!answer) return responder.send(answer.error());
                        if (answer->refusal) return responder.send(refused(*answer->refusal));
                        if (answer->subjects.empty()) return responder.send(not_found());
                        JsonText out;
                        put_entity(out, kind, answer->subjects.front(), language);
                        responder.send(Response::json_text(std::move(out).take()));
                      });
}

void look_up(const ApiParts& parts, const Request& request, Responder&& responder) {
  vault::Ask ask = ask_of(request);
  ask.kind = body_text(request, "kind");
  ask.by = body_text(request, "by");
  ask.value = body_text(request, "value");
  ask.purpose = body_text(request, "purpose");
  ask.basis = body_text(request, "basis");
  const std::string kind = ask.kind;
  parts.door.disclose(std::move(ask), [responder = std::move(responder), kind,
                                       language = request.language](Result<vault::Answer> answer) mutable {
    if (!answer) return responder.send(answer.error());
    if (answer->refusal) return responder.send(refused(*answer->refusal));
    JsonText out;
    out.raw(R"({"items":[)");
    for (const auto& one : answer->subjects) {
      if (&one != &answer->subjects.front()) out.raw(",");
      put_entity(out, kind, one, language);
    }
    out.raw(fmt::format(R"(],"bounded":{},"more":{}}})", answer->bounded, answer->more));
    responder.send(Response::json_text(std::move(out).take()));
  });
}

/// What became of it, and what people said of its records.
Status add_history(const ApiParts& parts, const vault::ReasonsAsk& ask, boost::json::object& out) {
  const library::Desk desk(parts.vault.store(), parts.vault.area_id());
  ZHILI_ASSIGN(const auto events, desk.events(ask.kind, ask.subject));
  boost::json::array list;
  for (const auto& event : events) {
    boost::json::object one{{"time", time_text(event.at)}, {"event", event.event}};
    if (!event.other.empty()) one["other"] = event.other;
    if (event.records > 0) one["records"] = event.records;
    list.emplace_back(std::move(one));
  }
  out["events"] = std::move(list);
  const auto base = parts.bases.find(ask.kind);
  if (!base) return {};
  ZHILI_ASSIGN(const auto words, base->words_about(ask.subject));
  boost::json::array decisions;
  ActorNames names(parts);
  for (const auto& word : words) {
    boost::json::object one{{"a", record_json(word.a)},
                            {"b", record_json(word.b)},
                            {"verdict", fuse::name_of(word.verdict)},
                            {"by", word.by},
                            {"time", word.time},
                            {"note", word.note}};
    if (const std::string& name = names.of(word.by); !name.empty()) one["by_name"] = name;
    decisions.emplace_back(std::move(one));
  }
  out["decisions"] = std::move(decisions);
  return {};
}

Answer read_reasons(const ApiParts& parts, const Request& request) {
  const vault::ReasonsAsk ask = reasons_ask(request, std::string(request.path_parameter("id")));
  boost::json::object out{{"kind", ask.kind}, {"id", ask.subject}};
  ZHILI_ASSIGN(const auto reasons, parts.door.reasons_now(ask));
  if (reasons.refusal) return refused(*reasons.refusal);
  out["entry"] = reasons.entry;
  boost::json::array records;
  for (const auto& record : reasons.provenance.records) {
    records.emplace_back(boost::json::object{{"source", record.source}, {"record", record.record}});
  }
  out["records"] = std::move(records);
  boost::json::array links;
  for (const auto& link : reasons.provenance.links) {
    links.emplace_back(boost::json::object{{"a", link.a},
                                           {"b", link.b},
                                           {"weight", bits_json(link.weight)},
                                           {"probability", link.probability},
                                           {"parts", parts_json(link.parts)}});
  }
  out["links"] = std::move(links);
  ZHILI_TRY(add_history(parts, ask, out));
  return Response::json(out);
}

boost::json::object line_json(ActorNames& names, DatasetNames& datasets, const vault::LedgerLine& line) {
  const catalog::Dataset* dataset = line.dataset.empty() ? nullptr : datasets.of(line.dataset);
  boost::json::array fields;
  const auto put_field = [&](const std::string& id, bool masked) {
    boost::json::object one{{"field", id}, {"masked", masked}};
    const auto* field = dataset == nullptr ? nullptr : dataset->find(id);
    if (field != nullptr) one["title"] = title_json(field->title);
    fields.emplace_back(std::move(one));
  };
  for (const auto& field : line.clear) put_field(field, false);
  for (const auto& field : line.masked) put_field(field, true);
  boost::json::object out{{"time", time_text(line.time)}, {"actor", line.actor},  {"purpose", line.purpose},
                          {"basis", line.basis},          {"asked", line.action}, {"fields", std::move(fields)},
                          {"entry", line.entry}};
  if (!line.department.empty()) out["department"] = line.department;
  if (!line.dataset.empty()) {
    out["dataset"] = line.dataset;
    out["rows"] = line.rows;
    if (dataset != nullptr) out["dataset_title"] = title_json(dataset->title);
  }
  if (!line.grant.empty()) out["grant"] = line.grant;
  if (line.withheld) out["withheld"] = true;
  if (const std::string& name = names.of(line.actor); !name.empty()) out["actor_name"] = name;
  return out;
}

Answer list_disclosures(const ApiParts& parts, const Request& request) {
  vault::LedgerAsk ask;
  ask.actor = request.caller.actor();
  ask.kind = request.path_parameter("kind");
  ask.subject = request.path_parameter("id");
  ask.purpose = given(request, "purpose");
  ask.basis = given(request, "basis");
  ask.limit = static_cast<size_t>(request.query_integer("limit").value_or(100));
  ask.how = request.caller.by == Credential::kKey ? "api" : "web";
  const auto position = parts.cursors.position(request);
  if (!position) return position.error();
  ask.before = position->value_or("");
  ZHILI_ASSIGN(const auto page, parts.door.ledger_now(std::move(ask)));
  if (page.refusal) return refused(*page.refusal);
  boost::json::array items;
  ActorNames names(parts);
  DatasetNames datasets(parts);
  for (const auto& line : page.lines) items.emplace_back(line_json(names, datasets, line));
  boost::json::object out{{"items", std::move(items)}, {"withheld", page.withheld}};
  if (page.withheld_until != 0) out["withheld_until"] = time_text(page.withheld_until);
  if (!page.next.empty()) {
    ZHILI_ASSIGN(out["next"], parts.cursors.next(request, page.next));
  }
  return Response::json(out);
}

boost::json::object job_json(const vault::Job& job) {
  boost::json::object out{{"id", job.id},
                          {"title", job.work},
                          {"purpose", job.purpose},
                          {"basis", job.basis},
                          {"fields", boost::json::array(job.fields.begin(), job.fields.end())},
                          {"begun", time_text(job.started_at)},
                          {"count", job.added + job.changed + job.unchanged + job.removed},
                          {"state", job.state == "broken_off" ? "failed" : job.state}};
  if (!job.kind.empty()) out["kind"] = job.kind;
  if (!job.actor.empty()) out["actor"] = job.actor;
  if (job.finished_at) out["ended"] = time_text(*job.finished_at);
  return out;
}

Answer list_jobs(const ApiParts& parts, const Request& request) {
  const auto position = parts.cursors.position(request);
  if (!position) return position.error();
  const auto limit = static_cast<size_t>(request.query_integer("limit").value_or(100));
  ZHILI_ASSIGN(const auto jobs, vault::Jobs(parts.vault).list(limit, position->value_or("")));
  boost::json::array items;
  for (const auto& job : jobs) items.emplace_back(job_json(job));
  boost::json::object out{{"items", std::move(items)}};
  if (jobs.size() == limit) {
    ZHILI_ASSIGN(out["next"], parts.cursors.next(request, jobs.back().id));
  }
  return Response::json(out);
}

}  // namespace

void add_person_api(Handlers& handlers, const ApiParts& parts) {
  handlers.add("readEntity", [&parts](Request&& request, Responder&& responder) {
    read_entity(parts, request, std::move(responder));
  });
  handlers.add("lookUp",
               [&parts](Request&& request, Responder&& responder) { look_up(parts, request, std::move(responder)); });
  handlers.add("readReasons", answering([&parts](const Request& request) { return read_reasons(parts, request); }));
  handlers.add("listDisclosures",
               answering([&parts](const Request& request) { return list_disclosures(parts, request); }));
  handlers.add("listJobs", answering([&parts](const Request& request) { return list_jobs(parts, request); }));
}

}  // namespace zhili::http
