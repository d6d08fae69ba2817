#include <algorithm>

#include "fuse/model.hpp"
#include "http/entity_json.hpp"
#include "library/desk.hpp"

namespace zhili::http {
namespace {

std::optional<Problem> require_base(const ApiParts& parts, const Request& request, std::string_view action) {
  identity::Request what;
  what.action = action;
  what.resource = "base";
  return require(parts, request, what);
}

library::Desk desk_of(const ApiParts& parts) { return {parts.vault.store(), parts.vault.area_id()}; }

/// Why a kind's base can't be asked now.
Problem not_ready(const ApiParts& parts, std::string_view kind) {
  const auto standing = parts.bases.standing();
  const auto found = std::ranges::find(standing, kind, &library::Bases::Standing::kind);
  if (found == standing.end()) return not_found();
  Problem out{503,
              "base-not-ready",
              {"基础库尚未就绪", "The base library is not ready"},
              {"请稍后重试", "Try again in a moment"}};
  if (found->state == library::Bases::State::kElsewhere) {
    out.detail = {"该库由另一台服务器维护，请在那台服务器上办理", "Another server keeps it: ask that one"};
  } else if (found->state == library::Bases::State::kFailed) {
    out.detail = {"该库未能打开，请管理员查看服务器的错误输出",
                  "It could not be opened: see what the server wrote on standard error"};
  }
  return out;
}

Answer list_bases(const ApiParts& parts, const Request& request) {
  if (auto problem = require_base(parts, request, "read")) return *problem;
  boost::json::array items;
  for (const auto& base : parts.bases.standing()) {
    ZHILI_ASSIGN(const int64_t doubts, desk_of(parts).count_doubts(base.kind));
    items.emplace_back(boost::json::object{{"kind", base.kind},
                                           {"state", library::name_of(base.state)},
                                           {"records", base.counts.records},
                                           {"entities", base.counts.entities},
                                           {"waiting", base.counts.waiting},
                                           {"doubts", doubts}});
  }
  return Response::json(boost::json::object{{"items", std::move(items)}});
}

Answer list_doubts(const ApiParts& parts, const Request& request) {
  if (auto problem = require_base(parts, request, "read")) return *problem;
  const std::string kind(request.path_parameter("kind"));
  const auto position = parts.cursors.position(request);
  if (!position) return position.error();
  const auto limit = std::min(static_cast<size_t>(request.query_integer("limit").value_or(50)), library::Desk::kPage);
  const library::Desk desk = desk_of(parts);
  ZHILI_ASSIGN(const auto doubts, desk.doubts(kind, position->value_or(""), limit));
  ZHILI_ASSIGN(const int64_t count, desk.count_doubts(kind));
  boost::json::array items;
  for (const auto& doubt : doubts) {
    items.emplace_back(boost::json::object{{"a", doubt.a},
                                           {"b", doubt.b},
                                           {"weight", bits_json(doubt.weight)},
                                           {"probability", fuse::probability(doubt.weight)},
                                           {"found", time_text(doubt.found_at)}});
  }
  boost::json::object out{{"items", std::move(items)}, {"count", count}};
  if (doubts.size() == limit) {
    ZHILI_ASSIGN(out["next"], parts.cursors.next(request, doubts.back().next));
  }
  return Response::json(out);
}

Answer read_doubt(const ApiParts& parts, const Request& request) {
  if (auto problem = require_base(parts, request, "read")) return *problem;
  const std::string kind(request.path_parameter("kind"));
  const auto base = parts.bases.find(kind);
  if (!base) return not_ready(parts, kind);
  const std::string a(request.path_parameter("a"));
  const std::string b(request.path_parameter("b"));
  for (const std::string& subject : a == b ? std::vector{a} : std::vector{a, b}) {
    ZHILI_ASSIGN(const auto reasons, parts.door.reasons_now(reasons_ask(request, subject)));
    if (reasons.refusal) return refused(*reasons.refusal);
  }
  ZHILI_ASSIGN(const auto pair, base->doubt(a, b));
  if (!pair) return not_found();
  const auto record = [&](const std::pair<uint32_t, std::string>& name) {
    return record_json({base->config().sources[name.first].id, name.second});
  };
  return Response::json(boost::json::object{{"a", a},
                                            {"b", b},
                                            {"record_a", record(pair->record_a)},
                                            {"record_b", record(pair->record_b)},
                                            {"weight", bits_json(pair->weight)},
                                            {"probability", fuse::probability(pair->weight)},
                                            {"parts", parts_json(pair->parts)}});
}

fuse::RecordName record_of(const Request& request, std::string_view name) {
  const auto& record = request.json.at(name).as_object();
  return {std::string(record.at("source").as_string()), std::string(record.at("record").as_string())};
}

Answer decide(const ApiParts& parts, const Request& request) {
  if (auto problem = require_base(parts, request, "decide")) return *problem;
  const std::string kind(request.path_parameter("kind"));
  const auto base = parts.bases.find(kind);
  if (!base) return not_ready(parts, kind);
  library::Word word;
  word.a = record_of(request, "a");
  word.b = record_of(request, "b");
  if (word.a == word.b) {
    return bad_request("one-record", {"两条记录是同一条", "The two are one record"});
  }
  const std::string verdict = body_text(request, "verdict");
  word.verdict = verdict == "same"        ? fuse::Verdict::kSame
                 : verdict == "different" ? fuse::Verdict::kDifferent
                                          : fuse::Verdict::kUndo;
  word.by = request.caller.actor().account;
  word.note = body_text(request, "reason");
  ZHILI_TRY(base->decide(word));
  ZHILI_ASSIGN(const auto a, base->entity_of(word.a));
  ZHILI_ASSIGN(const auto b, base->entity_of(word.b));
  return Response::json(boost::json::object{{"a", a.value_or("")}, {"b", b.value_or("")}});
}

}  // namespace

void add_library_api(Handlers& handlers, const ApiParts& parts) {
  handlers.add("listBases", answering([&parts](const Request& request) { return list_bases(parts, request); }));
  handlers.add("listDoubts", answering([&parts](const Request& request) { return list_doubts(parts, request); }));
  handlers.add("readDoubt", answering([&parts](const Request& request) { return read_doubt(parts, request); }));
  handlers.add("decideOnRecords", answering([&parts](const Request& request) { return decide(parts, request); }));
}

}  // namespace zhili::http
