#include "http/api_exchange.hpp"

#include <algorithm>
#include <array>

#include "http/etag.hpp"

namespace zhili::http {
namespace {

namespace json = boost::json;
using exchange::Conditions;
using exchange::Requests;
using exchange::State;
using exchange::Wanted;
using vault::RowCondition;

json::array list_of(const std::vector<std::string>& texts) {
  json::array out;
  for (const auto& text : texts) out.emplace_back(text);
  return out;
}

json::array rows_json(const std::vector<RowCondition>& rows) {
  json::array out;
  for (const auto& one : rows) {
    out.emplace_back(json::object{{"field", one.field},
                                  {"kind", one.kind == RowCondition::Kind::kWithin ? "within" : "one_of"},
                                  {"values", list_of(one.values)}});
  }
  return out;
}

json::object conditions_json(const Conditions& conditions) {
  json::array fields;
  for (const auto& one : conditions.fields) {
    fields.emplace_back(json::object{{"field", one.field}, {"masked", one.masked}});
  }
  return {{"fields", std::move(fields)},
          {"rows", rows_json(conditions.rows)},
          {"until", time_text(conditions.until)},
          {"per_minute", conditions.per_minute},
          {"per_day", conditions.per_day}};
}

json::object wanted_json(const Wanted& wanted) {
  return {{"department", wanted.department},
          {"dataset", wanted.dataset},
          {"fields", list_of(wanted.fields)},
          {"purpose", wanted.purpose},
          {"basis", wanted.basis},
          {"reason", wanted.reason},
          {"rows", rows_json(wanted.rows)},
          {"until", time_text(wanted.until)},
          {"per_minute", wanted.per_minute},
          {"per_day", wanted.per_day}};
}

/// What the caller may do with it now.
json::array steps_json(const Requests& requests, const identity::Actor& actor, const exchange::Request& request) {
  using exchange::Step;
  json::array out;
  for (const Step step : {Step::kSubmit, Step::kApprove, Step::kRefuse, Step::kWithdraw, Step::kRevoke}) {
    if (!exchange::next(request.state, step)) continue;
    const bool decides = step == Step::kApprove || step == Step::kRefuse || step == Step::kRevoke;
    const std::string& by = decides ? request.answers : request.wanted.department;
    if (by.empty()) continue;
    const auto decision =
        requests.decide(actor, decides ? "decide" : "update", by, decides ? request.requested_by : std::string());
    if (decision.allowed) out.emplace_back(exchange::name_of(step));
  }
  return out;
}

json::object request_json(const ApiParts& parts, ActorNames& names, DatasetNames& datasets,
                          const identity::Actor& actor, const exchange::Request& request) {
  const Requests& requests = parts.exchange.requests;
  json::object out{{"id", request.id},
                   {"version", request.version},
                   {"state", exchange::name_of(request.state)},
                   {"wanted", wanted_json(request.wanted)},
                   {"owner", request.owner},
                   {"requested_by", request.requested_by},
                   {"requested_by_name", names.of(request.requested_by)},
                   {"created", time_text(request.created_at)},
                   {"steps", steps_json(requests, actor, request)},
                   {"entry", request.entry}};
  if (const auto* dataset = datasets.of(request.wanted.dataset)) out["dataset_title"] = title_json(dataset->title);
  if (!request.answers.empty()) out["answers"] = request.answers;
  if (request.submitted_at != 0) out["submitted"] = time_text(request.submitted_at);
  if (request.delivered_at != 0) out["delivered"] = time_text(request.delivered_at);
  if (!request.reason.empty()) out["reason"] = request.reason;
  if (request.decided_at != 0) {
    out["decided"] = time_text(request.decided_at);
    if (!request.decided_by.empty()) out["decided_by"] = request.decided_by;
    if (!request.decided_by.empty()) out["decided_by_name"] = names.of(request.decided_by);
  }
  if (!request.conditions.fields.empty()) out["conditions"] = conditions_json(request.conditions);
  const bool waits = request.state == State::kSubmitted;
  const bool delivers = request.state == State::kApproved && request.delivered_at == 0;
  const int64_t due = waits ? request.answer_due : delivers ? request.deliver_due : 0;
  if (due != 0) {
    const int64_t now = requests.ground().store.now();
    out["due"] = time_text(due);
    out["days_left"] = requests.terms()->calendar.days_between(now, due);
    out["overdue"] = due < now;
  }
  return out;
}

Answer answer_request(const ApiParts& parts, const Request& request, const Result<exchange::Request>& one,
                      int status = 200) {
  if (!one) return problem_of_exchange(one.error());
  ActorNames names(parts);
  DatasetNames datasets(parts);
  return Response::json(request_json(parts, names, datasets, request.caller.actor(), *one), status)
      .with("ETag", etag_of(one->version));
}

std::vector<RowCondition> rows_of(const json::object& from) {
  std::vector<RowCondition> out;
  const auto* rows = from.if_contains("rows");
  if (rows == nullptr || !rows->is_array()) return out;
  for (const auto& one : rows->get_array()) {
    const auto& row = one.get_object();
    const bool within = row.at("kind").get_string() == "within";
    out.push_back({.field = std::string(row.at("field").get_string()),
                   .kind = within ? RowCondition::Kind::kWithin : RowCondition::Kind::kOneOf,
                   .values = texts_of(row.at("values"))});
  }
  return out;
}

int64_t count_of(const json::object& from, std::string_view name, int64_t usual) {
  const auto* value = from.if_contains(name);
  if (value == nullptr) return usual;
  boost::system::error_code wrong;
  const auto number = value->to_number<int64_t>(wrong);
  return wrong ? usual : number;
}

std::optional<int64_t> until_of(const json::object& from) { return time_of(from.at("until").get_string()); }

Problem no_time(std::string pointer) {
  return invalid_request({{std::move(pointer), {}, "invalid", {"不是有效的时间", "Is no time"}}});
}

std::expected<Wanted, Problem> wanted_of(const json::object& from) {
  const auto text = [&](std::string_view name) { return std::string(from.at(name).get_string()); };
  const Wanted usual;
  Wanted out;
  out.department = text("department");
  out.dataset = text("dataset");
  out.fields = texts_of(from.at("fields"));
  out.purpose = text("purpose");
  out.basis = text("basis");
  out.reason = text("reason");
  out.rows = rows_of(from);
  const auto until = until_of(from);
  if (!until) return std::unexpected(no_time("/until"));
  out.until = *until;
  out.per_minute = count_of(from, "per_minute", usual.per_minute);
  out.per_day = count_of(from, "per_day", usual.per_day);
  return out;
}

std::expected<Conditions, Problem> conditions_of(const json::object& from) {
  Conditions out;
  for (const auto& one : from.at("fields").get_array()) {
    const auto& field = one.get_object();
    const auto* masked = field.if_contains("masked");
    out.fields.push_back({std::string(field.at("field").get_string()), masked != nullptr && masked->get_bool()});
  }
  out.rows = rows_of(from);
  const auto until = until_of(from);
  if (!until) return std::unexpected(no_time("/conditions/until"));
  out.until = *until;
  out.per_minute = count_of(from, "per_minute", 1);
  out.per_day = count_of(from, "per_day", 1);
  return out;
}

std::string asked(const Request& request, std::string_view name) {
  return std::string(request.query_parameter(name).value_or(""));
}

Answer list_requests(const ApiParts& parts, const Request& request) {
  const auto position = parts.cursors.position(request);
  if (!position) return position.error();
  Requests::Search search;
  search.department = asked(request, "department");
  search.dataset = asked(request, "dataset");
  search.state = exchange::state_of(asked(request, "state"));
  const std::string side = asked(request, "side");
  if (side == "asks") search.side = Requests::Search::Side::kAsks;
  if (side == "answers") search.side = Requests::Search::Side::kAnswers;
  search.overdue = asked(request, "overdue") == "true";
  search.orphaned = asked(request, "orphaned") == "true";
  search.before = position->value_or("");
  search.limit = std::min(static_cast<size_t>(request.query_integer("limit").value_or(50)), exchange::kRequestPage);
  const auto& actor = request.caller.actor();
  ZHILI_ASSIGN(const auto found, parts.exchange.requests.search(actor, search, asked(request, "purpose")));
  ActorNames names(parts);
  DatasetNames datasets(parts);
  json::array items;
  for (const auto& one : found) items.emplace_back(request_json(parts, names, datasets, actor, one));
  json::object out{{"items", std::move(items)}};
  if (found.size() == search.limit) {
    ZHILI_ASSIGN(out["next"], parts.cursors.next(request, found.back().id));
  }
  return Response::json(out);
}

Answer create_request(const ApiParts& parts, const Request& request) {
  const auto wanted = wanted_of(request.json.get_object());
  if (!wanted) return wanted.error();
  return answer_request(parts, request, parts.exchange.requests.create(request.caller.actor(), *wanted), 201);
}

Answer get_request(const ApiParts& parts, const Request& request) {
  const auto found = parts.exchange.requests.find(request.caller.actor(), request.path_parameter("request"),
                                                  asked(request, "purpose"));
  return answer_request(parts, request, found);
}

/// The request as it is, where the caller may see it and has seen this version.
std::expected<exchange::Request, Problem> seen_request(const ApiParts& parts, const Request& request) {
  auto found = parts.exchange.requests.find(request.caller.actor(), request.path_parameter("request"));
  if (!found) return std::unexpected(problem_of_exchange(found.error()));
  if (auto problem = require_match(request, etag_of(found->version))) return std::unexpected(*problem);
  return std::move(*found);
}

Answer change_request(const ApiParts& parts, const Request& request) {
  const auto wanted = wanted_of(request.json.get_object());
  if (!wanted) return wanted.error();
  const auto seen = seen_request(parts, request);
  if (!seen) return seen.error();
  return answer_request(parts, request,
                        parts.exchange.requests.change(request.caller.actor(), seen->id, seen->version, *wanted));
}

Answer approve(const ApiParts& parts, const Request& request, const exchange::Request& seen) {
  const auto* given = request.json.get_object().if_contains("conditions");
  if (given == nullptr) {
    return invalid_request({{"/conditions", {}, "missing", {"同意时须写明条件", "To approve is to say on which"}}});
  }
  const auto conditions = conditions_of(given->get_object());
  if (!conditions) return conditions.error();
  const auto approved = parts.exchange.requests.approve(request.caller.actor(), seen.id, seen.version, *conditions,
                                                        body_text(request, "reason"));
  if (approved) return answer_request(parts, request, approved);
  Problem problem = problem_of_exchange(approved.error());
  for (auto& error : problem.errors) error.pointer.insert(0, "/conditions");
  return problem;
}

Answer take_step(const ApiParts& parts, const Request& request) {
  const auto seen = seen_request(parts, request);
  if (!seen) return seen.error();
  const std::string step = body_text(request, "step");
  if (step == "approved") return approve(parts, request, *seen);
  const auto& actor = request.caller.actor();
  Requests& requests = parts.exchange.requests;
  if (step == "submitted") return answer_request(parts, request, requests.submit(actor, seen->id, seen->version));
  if (step == "withdrawn") return answer_request(parts, request, requests.withdraw(actor, seen->id, seen->version));
  const std::string reason = body_text(request, "reason");
  if (reason.find_first_not_of(" \t\r\n") == std::string::npos) {
    return invalid_request({{"/reason", {}, "missing", {"须写明理由", "Say why: who asked reads it"}}});
  }
  return answer_request(parts, request,
                        step == "refused" ? requests.refuse(actor, seen->id, seen->version, reason)
                                          : requests.revoke(actor, seen->id, seen->version, reason));
}

/// "code: words" of a decision that forbids it.
bool tells_code(std::string_view message) {
  const size_t colon = message.find(": ");
  return colon != std::string_view::npos && colon > 0 &&
         message.substr(0, colon).find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos;
}

}  // namespace

std::vector<std::string> texts_of(const json::value& list) {
  std::vector<std::string> out;
  if (!list.is_array()) return out;
  for (const auto& one : list.get_array()) {
    if (one.is_string()) out.emplace_back(one.get_string());
  }
  return out;
}

Problem problem_of_exchange(const Error& error) {
  if (error.code == ErrorCode::kConstraint && tells_code(error.message)) {
    const size_t colon = error.message.find(": ");
    std::string type = error.message.substr(0, colon);
    std::ranges::replace(type, '_', '-');
    return not_allowed(type, {error.hint, error.message.substr(colon + 2)});
  }
  if (error.code == ErrorCode::kConstraint) {
    return not_allowed("not-yours", {"须有权查看该数据，并由有权答复的部门办理", error.message});
  }
  if (error.code == ErrorCode::kInput && !error.others.empty()) {
    std::vector<FieldError> errors;
    for (const Error& one : error.others) {
      const size_t colon = one.message.find(": ");
      const bool placed = colon != std::string::npos && one.message.starts_with('/');
      errors.push_back({placed ? one.message.substr(0, colon) : std::string(),
                        {},
                        "invalid",
                        {one.hint, placed ? one.message.substr(colon + 2) : one.message}});
    }
    return invalid_request(std::move(errors));
  }
  if (error.code == ErrorCode::kConflict) {
    return {409,
            "moved-on",
            {"状态已变化", "It has moved on"},
            {"当前状态不允许这样做", error.message},
            {"请重新查看后再决定。", error.hint}};
  }
  return problem_of(error);
}

void add_exchange_api(Handlers& handlers, const ApiParts& parts) {
  const auto add = [&](std::string_view id, Answer (*work)(const ApiParts&, const Request&)) {
    handlers.add(std::string(id), answering([&parts, work](const Request& request) { return work(parts, request); }));
  };
  add("listRequests", list_requests);
  add("createRequest", create_request);
  add("getRequest", get_request);
  add("changeRequest", change_request);
  add("takeRequestStep", take_step);
  add_grant_api(handlers, parts);
  add_voice_api(handlers, parts);
  add_tracker_api(handlers, parts);
}

}  // namespace zhili::http
