#include "http/api_exchange.hpp"
#include "http/etag.hpp"

/// What comes back to owners and bodies: requests for corrections, and residents' questions about lines of their
/// ledgers.
namespace zhili::http {
namespace {

namespace json = boost::json;
using exchange::Correction;
using exchange::Corrections;
using exchange::Question;

std::string asked(const Request& request, std::string_view name) {
  return std::string(request.query_parameter(name).value_or(""));
}

std::string_view name_of(vault::Held held) {
  switch (held) {
    case vault::Held::kSame:
      return "same";
    case vault::Held::kOther:
      return "other";
    case vault::Held::kGone:
      break;
  }
  return "gone";
}

/// The end of a term, as long as it runs.
void put_term(const ApiParts& parts, json::object& out, int64_t due, bool open) {
  out["due"] = time_text(due);
  if (!open) return;
  const auto& requests = parts.exchange.requests;
  const int64_t now = requests.ground().store.now();
  out["days_left"] = requests.terms()->calendar.days_between(now, due);
  out["overdue"] = due < now;
}

json::object correction_json(const ApiParts& parts, ActorNames& names, DatasetNames& datasets, const Correction& one) {
  const bool open = one.state == "submitted";
  json::object out{
      {"id", one.id},       {"version", one.version}, {"state", one.state},       {"dataset", one.dataset},
      {"field", one.field}, {"owner", one.owner},     {"asked_by", one.asked_by}, {"asked", time_text(one.asked_at)}};
  if (const auto* dataset = datasets.of(one.dataset)) {
    out["dataset_title"] = title_json(dataset->title);
    if (const auto* field = dataset->find(one.field)) out["field_title"] = title_json(field->title);
  }
  if (!one.answers.empty()) out["answers"] = one.answers;
  // A resident is nobody's business but the owner's text: the account alone is told.
  if (!one.department.empty()) {
    out["department"] = one.department;
    out["asked_by_name"] = names.of(one.asked_by);
  }
  put_term(parts, out, one.due, open);
  if (open) return out;
  out["decided"] = time_text(one.decided_at);
  out["decided_by"] = one.decided_by;
  out["decided_by_name"] = names.of(one.decided_by);
  if (!one.way.empty()) out["way"] = one.way;
  return out;
}

Problem changed_since() {
  return {409,
          "changed-since",
          {"数据已变更", "The value has changed"},
          {"该数据已与当时所见不同", "The value is not what was seen any more"},
          {"请重新查看：现在的值可能已经正确。", "Look at it again: perhaps it is right by now."}};
}

Answer propose(const ApiParts& parts, const Request& request) {
  exchange::Claim claim;
  claim.dataset = body_text(request, "dataset");
  claim.key = texts_of(request.json.get_object().at("key"));
  claim.field = body_text(request, "field");
  claim.seen = body_text(request, "seen");
  claim.proposed = body_text(request, "proposed");
  claim.reason = body_text(request, "reason");
  claim.grant = body_text(request, "grant");
  const auto made = parts.exchange.corrections.ask(request.caller.actor(), claim);
  if (!made && made.error().code == ErrorCode::kConflict) return changed_since();
  if (!made) return problem_of_exchange(made.error());
  ActorNames names(parts);
  DatasetNames datasets(parts);
  return Response::json(correction_json(parts, names, datasets, *made), 201).with("ETag", etag_of(made->version));
}

Answer list_corrections(const ApiParts& parts, const Request& request) {
  const auto position = parts.cursors.position(request);
  if (!position) return position.error();
  Corrections::Search search;
  search.department = asked(request, "department");
  search.open = asked(request, "open") == "true";
  search.overdue = asked(request, "overdue") == "true";
  search.before = position->value_or("");
  search.limit = std::min(static_cast<size_t>(request.query_integer("limit").value_or(50)), exchange::kRequestPage);
  const auto found = parts.exchange.corrections.search(request.caller.actor(), search);
  if (!found) return problem_of_exchange(found.error());
  ActorNames names(parts);
  DatasetNames datasets(parts);
  json::array items;
  for (const auto& one : *found) items.emplace_back(correction_json(parts, names, datasets, one));
  json::object out{{"items", std::move(items)}};
  if (found->size() == search.limit) {
    ZHILI_ASSIGN(out["next"], parts.cursors.next(request, found->back().id));
  }
  return Response::json(out);
}

Answer get_correction(const ApiParts& parts, const Request& request) {
  const auto found = parts.exchange.corrections.find(request.caller.actor(), request.path_parameter("correction"));
  if (!found) return problem_of_exchange(found.error());
  ActorNames names(parts);
  DatasetNames datasets(parts);
  json::object out = correction_json(parts, names, datasets, *found);
  out["held"] = name_of(found->held);
  return Response::json(out).with("ETag", etag_of(found->version));
}

Answer read_correction(const ApiParts& parts, const Request& request) {
  const Corrections& corrections = parts.exchange.corrections;
  const auto& actor = request.caller.actor();
  const auto found = corrections.find(actor, request.path_parameter("correction"));
  if (!found) return problem_of_exchange(found.error());
  const std::string basis = asked(request, "basis");
  const auto proposal = corrections.proposal(actor, found->id, basis);
  if (!proposal) return problem_of_exchange(proposal.error());
  if (const auto& refusal = proposal->refusal; refusal) return refused(*refusal);
  json::object out = json::parse(proposal->text).as_object();
  out["entry"] = proposal->entry;
  if (found->state == "submitted" || found->state == "overtaken") return Response::json(out);
  const auto answer = corrections.answer(actor, found->id, basis);
  if (!answer) return problem_of_exchange(answer.error());
  if (!answer->refusal) out["answer"] = answer->text;
  return Response::json(out);
}

Answer decide_correction(const ApiParts& parts, const Request& request) {
  Corrections& corrections = parts.exchange.corrections;
  const auto& actor = request.caller.actor();
  const auto seen = corrections.find(actor, request.path_parameter("correction"));
  if (!seen) return problem_of_exchange(seen.error());
  if (auto problem = require_match(request, etag_of(seen->version))) return *problem;
  const std::string answer = body_text(request, "answer");
  const bool accepts = body_text(request, "decision") == "accept";
  if (!accepts && answer.find_first_not_of(" \t\r\n") == std::string::npos) {
    return invalid_request({{"/answer", {}, "missing", {"不更正须写明理由", "Say why it is not corrected"}}});
  }
  const auto way = body_text(request, "way") == "mark" ? Corrections::Way::kMark : Corrections::Way::kBatch;
  const auto decided = accepts ? corrections.accept(actor, seen->id, seen->version, way, answer)
                               : corrections.refuse(actor, seen->id, seen->version, answer);
  if (!decided && decided.error().code == ErrorCode::kConflict) {
    const auto now = corrections.find(actor, seen->id);
    if (now && now->state == "overtaken" && seen->state == "submitted") return changed_since();
  }
  if (!decided) return problem_of_exchange(decided.error());
  ActorNames names(parts);
  DatasetNames datasets(parts);
  return Response::json(correction_json(parts, names, datasets, *decided)).with("ETag", etag_of(decided->version));
}

json::object question_json(const ApiParts& parts, ActorNames& names, const Question& one) {
  json::object out{{"id", one.id},
                   {"state", one.state},
                   {"line", one.line},
                   {"department", one.department},
                   {"asked", time_text(one.asked_at)}};
  if (!one.answers.empty()) out["answers"] = one.answers;
  put_term(parts, out, one.due, one.state == "asked");
  if (one.answered_at == 0) return out;
  out["answered"] = time_text(one.answered_at);
  out["answered_by_name"] = names.of(one.answered_by);
  return out;
}

Answer ask_question(const ApiParts& parts, const Request& request) {
  const auto made = parts.exchange.questions.ask(request.caller.actor(), std::string(request.path_parameter("kind")),
                                                 std::string(request.path_parameter("id")), body_text(request, "line"),
                                                 body_text(request, "basis"), body_text(request, "text"));
  if (!made) return problem_of_exchange(made.error());
  ActorNames names(parts);
  return Response::json(question_json(parts, names, *made), 201);
}

Answer answer_questions(const ApiParts& parts, const Result<std::vector<Question>>& found) {
  if (!found) return problem_of_exchange(found.error());
  ActorNames names(parts);
  json::array items;
  for (const auto& one : *found) items.emplace_back(question_json(parts, names, one));
  return Response::json(json::object{{"items", std::move(items)}});
}

Answer list_own_questions(const ApiParts& parts, const Request& request) {
  return answer_questions(
      parts, parts.exchange.questions.of_subject(request.caller.actor(), std::string(request.path_parameter("kind")),
                                                 std::string(request.path_parameter("id"))));
}

Answer list_questions(const ApiParts& parts, const Request& request) {
  return answer_questions(parts,
                          parts.exchange.questions.waiting(request.caller.actor(), asked(request, "department")));
}

Answer read_question(const ApiParts& parts, const Request& request) {
  const auto& questions = parts.exchange.questions;
  const auto& actor = request.caller.actor();
  const auto id = request.path_parameter("question");
  const std::string basis = asked(request, "basis");
  const auto question = questions.text(actor, id, basis, false);
  if (!question) return problem_of_exchange(question.error());
  if (const auto& refusal = question->refusal; refusal) return refused(*refusal);
  json::object out{{"asked", question->text}, {"entry", question->entry}};
  const auto answer = questions.text(actor, id, basis, true);
  if (!answer && answer.error().code != ErrorCode::kNotFound) return problem_of_exchange(answer.error());
  if (answer && !answer->refusal) out["answered"] = answer->text;
  return Response::json(out);
}

Answer answer_question(const ApiParts& parts, const Request& request) {
  const auto made = parts.exchange.questions.answer(request.caller.actor(), request.path_parameter("question"),
                                                    body_text(request, "text"));
  if (!made) return problem_of_exchange(made.error());
  ActorNames names(parts);
  return Response::json(question_json(parts, names, *made));
}

}  // namespace

void add_voice_api(Handlers& handlers, const ApiParts& parts) {
  const auto add = [&](std::string_view id, Answer (*work)(const ApiParts&, const Request&)) {
    handlers.add(std::string(id), answering([&parts, work](const Request& request) { return work(parts, request); }));
  };
  add("proposeCorrection", propose);
  add("listCorrections", list_corrections);
  add("getCorrection", get_correction);
  add("readCorrection", read_correction);
  add("decideCorrection", decide_correction);
  add("askQuestion", ask_question);
  add("listOwnQuestions", list_own_questions);
  add("listQuestions", list_questions);
  add("readQuestion", read_question);
  add("answerQuestion", answer_question);
}

}  // namespace zhili::http
