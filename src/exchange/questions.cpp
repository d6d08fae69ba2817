#include "exchange/questions.hpp"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>

#include "exchange/words.hpp"
#include "vault/bindings.hpp"
#include "vault/sealed_text.hpp"

namespace zhili::exchange {
namespace {

namespace json = boost::json;
using audit::Action;
using audit::Kind;
using audit::Ref;
using store::Transaction;

constexpr std::string_view kResource = "objection";
constexpr std::string_view kOfResident = "inform_subject";
constexpr std::string_view kOfBody = "correct_data";
constexpr int kGrade = 3;
constexpr size_t kLinesOfEntry = 20;
constexpr std::string_view kColumns =
    "id, state, kind, subject_id, line, department, answers, asked_by, asked_at, due, answered_at, answered_by";

Question from_row(const store::Row& row) {
  return {std::string(row.text(0)),
          std::string(row.text(1)),
          std::string(row.text(2)),
          std::string(row.text(3)),
          std::string(row.text(4)),
          std::string(row.text(5)),
          std::string(row.text(6)),
          std::string(row.text(7)),
          row.int64(8),
          row.int64(9),
          row.int64(10),
          std::string(row.text(11))};
}

std::string event_text(const Question& question) {
  return json::serialize(json::object{{"id", question.id},
                                      {"state", question.state},
                                      {"department", question.department},
                                      {"answers", question.answers},
                                      {"due", question.due}});
}

}  // namespace

Status Questions::require(const identity::Actor& actor, std::string_view action, const std::string& department,
                          const std::string& account, std::string_view purpose) const {
  const auto rules = requests_.rules();
  const auto decision = identity::decide(rules->policy, rules->areas, actor,
                                         {.action = action,
                                          .resource = kResource,
                                          .department = department,
                                          .area = {},
                                          .subject = account,
                                          .purpose = purpose,
                                          .grade = kGrade});
  if (decision.allowed) return {};
  return fail(ErrorCode::kConstraint, {}, identity::words_of(decision, identity::Language::kChinese), "{}: {}",
              identity::code_of(decision.reason), identity::words_of(decision, identity::Language::kEnglish));
}

Status Questions::require_own(const identity::Actor& actor, const std::string& kind, const std::string& subject) const {
  ZHILI_ASSIGN(const auto own, vault::Bindings(vault_).of_account(actor.account));
  if (std::ranges::find(own, vault::Bindings::Subject{kind, subject}) != own.end()) return {};
  return fail(ErrorCode::kConstraint, {}, "Ask about your own.", "this ledger is not the asker's own");
}

Result<Question> Questions::ask(const identity::Actor& actor, const std::string& kind, const std::string& subject,
                                const std::string& line, const std::string& basis, const std::string& text) {
  ZHILI_TRY(require_reason(text));
  ZHILI_TRY(require_own(actor, kind, subject));
  ZHILI_TRY(require(actor, "create", "", actor.account, kOfResident));
  // The line as the resident may see it: those that are withheld are not there.
  vault::LedgerAsk look;
  look.actor = actor;
  look.purpose = kOfResident;
  look.basis = basis;
  look.kind = kind;
  look.subject = subject;
  look.before = line + "|~";
  look.limit = kLinesOfEntry;
  look.how = "question";
  ZHILI_ASSIGN(const auto page, door_.ledger_now(std::move(look)));
  if (page.refusal) return fail(ErrorCode::kConstraint, {}, page.refusal->zh, "{}", page.refusal->en);
  const auto found = std::ranges::find(page.lines, line, &vault::LedgerLine::entry);
  if (found == page.lines.end()) {
    return fail(ErrorCode::kNotFound, {}, "Look at the ledger.", "there is no such line");
  }
  if (found->department.empty()) {
    return fail(ErrorCode::kInput, {}, "Ask the operator of the installation.", "the line names no body");
  }
  const Ground& ground = requests_.ground();
  ZHILI_ASSIGN(auto entry, ground.log.draft(Action::kCreate, Ref::of_actor(actor.account)));
  Question made;
  made.id = entry.id();
  made.state = "asked";
  made.kind = kind;
  made.subject = subject;
  made.line = line;
  made.department = found->department;
  ZHILI_ASSIGN(made.answers, requests_.answers_for(made.department));
  made.asked_by = actor.account;
  made.asked_at = ground.store.now();
  made.due = requests_.terms()->calendar.due(made.asked_at, requests_.terms()->object.days);
  const std::string text_id = made.id + "-asked";
  ZHILI_ASSIGN(const std::string sealed, vault::seal_text(vault_, text_id, text));
  entry.object(Ref::by_id(Kind::kCase, made.id)).purpose(word_of(kOfResident)).basis(word_of(basis)).change(line);
  const Status done = ground.store.commit([&](Transaction& tx) -> Status {
    ZHILI_TRY(vault::keep_text(tx, vault_, text_id, sealed));
    ZHILI_TRY(
        tx.execute("INSERT INTO exchange_question (area_id, id, state, kind, subject_id, line, department, "
                   "answers, asked_by, asked_at, due, answered_at, answered_by, told) VALUES ($1, $2, $3, $4, $5, "
                   "$6, $7, $8, $9, $10, $11, 0, '', 0)",
                   {ground.area_id, made.id, made.state, made.kind, made.subject, made.line, made.department,
                    made.answers, made.asked_by, made.asked_at, made.due}));
    ZHILI_TRY(tx.publish("exchange.question.asked", event_text(made)));
    return ground.log.add(tx, entry);
  });
  ZHILI_TRY(done);
  return made;
}

Result<Question> Questions::read(std::string_view id) const {
  const Ground& ground = requests_.ground();
  ZHILI_ASSIGN(
      const auto rows,
      ground.store.query(fmt::format("SELECT {} FROM exchange_question WHERE area_id = $1 AND id = $2", kColumns),
                         {ground.area_id, id}));
  if (!rows.empty()) return from_row(rows[0]);
  return fail(ErrorCode::kNotFound, {}, "Look at the list.", "there is no question '{}'", id.substr(0, 80));
}

Result<Question> Questions::answer(const identity::Actor& actor, std::string_view id, const std::string& text) {
  ZHILI_TRY(require_reason(text));
  ZHILI_ASSIGN(Question made, read(id));
  ZHILI_ASSIGN(made.answers, requests_.answers_for(made.department));
  ZHILI_TRY(require(actor, "decide", made.answers, made.asked_by, kOfBody));
  const Ground& ground = requests_.ground();
  const std::string text_id = made.id + "-answered";
  ZHILI_ASSIGN(const std::string sealed, vault::seal_text(vault_, text_id, text));
  ZHILI_ASSIGN(auto entry, ground.log.draft(Action::kDecide, Ref::of_actor(actor.account)));
  entry.object(Ref::by_id(Kind::kCase, made.id)).purpose(word_of(kOfBody)).change(text);
  made.state = "answered";
  made.answered_at = ground.store.now();
  made.answered_by = actor.account;
  const Status done = ground.store.commit([&](Transaction& tx) -> Status {
    ZHILI_ASSIGN(const int64_t noted,
                 tx.execute("UPDATE exchange_question SET state = $3, answers = $4, answered_at = $5, answered_by = $6 "
                            "WHERE area_id = $1 AND id = $2 AND state = 'asked'",
                            {ground.area_id, made.id, made.state, made.answers, made.answered_at, made.answered_by}));
    if (noted != 1) return wrong_state("answered", "answered again");
    ZHILI_TRY(vault::keep_text(tx, vault_, text_id, sealed));
    ZHILI_TRY(tx.publish("exchange.question.answered", event_text(made)));
    return ground.log.add(tx, entry);
  });
  ZHILI_TRY(done);
  return made;
}

Status Questions::follow(store::Transaction& tx, const std::string& kind, const std::string& from,
                         const std::string& to) const {
  ZHILI_TRY(
      tx.execute("UPDATE exchange_question SET subject_id = $4 WHERE area_id = $1 AND kind = $2 AND subject_id = $3",
                 {requests_.ground().area_id, kind, from, to}));
  return {};
}

Result<std::vector<Question>> Questions::of_subject(const identity::Actor& actor, const std::string& kind,
                                                    const std::string& subject) const {
  ZHILI_TRY(require_own(actor, kind, subject));
  ZHILI_TRY(require(actor, "read", "", actor.account, kOfResident));
  const Ground& ground = requests_.ground();
  ZHILI_ASSIGN(const auto rows,
               ground.store.query(fmt::format("SELECT {} FROM exchange_question WHERE area_id = $1 AND kind = $2 AND "
                                              "subject_id = $3 ORDER BY id DESC LIMIT {}",
                                              kColumns, kRequestPage),
                                  {ground.area_id, kind, subject}));
  std::vector<Question> out;
  out.reserve(rows.size());
  for (const store::Row row : rows) out.push_back(from_row(row));
  return out;
}

Result<std::vector<Question>> Questions::waiting(const identity::Actor& actor, const std::string& department) const {
  ZHILI_TRY(require(actor, "read", department, "", kOfBody));
  const Ground& ground = requests_.ground();
  ZHILI_ASSIGN(
      const auto rows,
      ground.store.query(fmt::format("SELECT {} FROM exchange_question WHERE area_id = $1 AND (answers = $2 OR "
                                     "department = $2) AND state = 'asked' ORDER BY id LIMIT {}",
                                     kColumns, kRequestPage),
                         {ground.area_id, department}));
  std::vector<Question> out;
  out.reserve(rows.size());
  for (const store::Row row : rows) out.push_back(from_row(row));
  return out;
}

Result<vault::TextTold> Questions::text(const identity::Actor& actor, std::string_view id, const std::string& basis,
                                        bool answer) const {
  ZHILI_ASSIGN(const auto found, read(id));
  const bool own = found.asked_by == actor.account;
  vault::TextAsk ask;
  ask.actor = actor;
  ask.purpose = own ? kOfResident : kOfBody;
  ask.basis = basis;
  ask.id = found.id + (answer ? "-answered" : "-asked");
  ask.resource = kResource;
  ask.grade = kGrade;
  if (own) {
    ask.account = actor.account;
  } else {
    ask.department = found.answers.empty() ? found.department : found.answers;
  }
  return door_.text(ask);
}

Result<size_t> Questions::sweep() {
  const Ground& ground = requests_.ground();
  ZHILI_ASSIGN(const auto rows,
               ground.store.query(fmt::format("SELECT {} FROM exchange_question WHERE area_id = $1 AND state = 'asked' "
                                              "AND due < $2 AND told = 0 ORDER BY id LIMIT {}",
                                              kColumns, kSweepAtOnce),
                                  {ground.area_id, ground.store.now()}));
  size_t out = 0;
  for (const store::Row row : rows) {
    const Question one = from_row(row);
    bool told = false;
    const Status done = ground.store.commit([&](Transaction& tx) -> Status {
      ZHILI_ASSIGN(const int64_t noted,
                   tx.execute("UPDATE exchange_question SET told = 1 WHERE area_id = $1 AND id = $2 "
                              "AND told = 0 AND state = 'asked'",
                              {ground.area_id, one.id}));
      told = noted == 1;
      return told ? tx.publish("exchange.question.overdue", event_text(one)) : Status();
    });
    ZHILI_TRY(done);
    if (told) ++out;
  }
  return out;
}

}  // namespace zhili::exchange
