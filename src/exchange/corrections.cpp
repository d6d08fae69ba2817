#include "exchange/corrections.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <boost/json.hpp>

#include "audit/hash.hpp"
#include "exchange/words.hpp"
#include "vault/bindings.hpp"
#include "vault/records.hpp"
#include "vault/sealed_text.hpp"

namespace zhili::exchange {
namespace {

namespace json = boost::json;
using audit::Action;
using audit::Kind;
using audit::Ref;
using store::Bytes;
using store::Transaction;

constexpr std::string_view kResource = "correction";
constexpr std::string_view kPurpose = "correct_data";
constexpr int kGrade = 4;
constexpr std::string_view kColumns =
    "id, version, state, dataset, record_id, field, owner, answers, asked_by, department, asked_at, due, decided_at, "
    "decided_by, way";

Correction from_row(const store::Row& row) {
  Correction out;
  out.id = row.text(0);
  out.version = row.int64(1);
  out.state = row.text(2);
  out.dataset = row.text(3);
  out.record = row.int64(4);
  out.field = row.text(5);
  out.owner = row.text(6);
  out.answers = row.text(7);
  out.asked_by = row.text(8);
  out.department = row.text(9);
  out.asked_at = row.int64(10);
  out.due = row.int64(11);
  out.decided_at = row.int64(12);
  out.decided_by = row.text(13);
  out.way = row.text(14);
  return out;
}

std::unexpected<Error> unknown(std::string_view id) {
  return fail(ErrorCode::kNotFound, {}, "Look at the list.", "there is no correction '{}'", id.substr(0, 80));
}

std::unexpected<Error> not_yours() {
  return fail(ErrorCode::kConstraint, {}, "Ask under a grant that opens the field, or about your own row.",
              "who may not see the value may not ask for its correction");
}

std::unexpected<Error> changed_since() {
  return fail(ErrorCode::kConflict, {}, "Look at the value again: perhaps it is right by now.",
              "the value has changed since it was seen");
}

std::string event_text(const Correction& correction) {
  return json::serialize(json::object{{"id", correction.id},
                                      {"state", correction.state},
                                      {"dataset", correction.dataset},
                                      {"field", correction.field},
                                      {"owner", correction.owner},
                                      {"answers", correction.answers},
                                      {"department", correction.department},
                                      {"due", correction.due}});
}

}  // namespace

Status Corrections::require(const identity::Actor& actor, std::string_view action, const std::string& department,
                            const std::string& account) const {
  const auto rules = requests_.rules();
  const auto decision = identity::decide(rules->policy, rules->areas, actor,
                                         {.action = action,
                                          .resource = kResource,
                                          .department = department,
                                          .area = {},
                                          .subject = account,
                                          .purpose = kPurpose,
                                          .grade = kGrade});
  if (decision.allowed) return {};
  return fail(ErrorCode::kConstraint, {}, identity::words_of(decision, identity::Language::kChinese), "{}: {}",
              identity::code_of(decision.reason), identity::words_of(decision, identity::Language::kEnglish));
}

/// The department that asks, empty for a resident. Who may not see the value learns nothing of it here.
Result<std::string> Corrections::asker(const identity::Actor& actor, const Claim& claim, int64_t record) const {
  if (!claim.grant.empty()) {
    ZHILI_ASSIGN(auto snapshot, requests_.ground().store.read());
    ZHILI_ASSIGN(const auto opening, gateway_.opens(actor, claim.grant)(snapshot));
    const auto field = std::ranges::find(opening.fields, claim.field, &vault::GrantedField::field);
    if (opening.refusal || opening.dataset != claim.dataset || field == opening.fields.end() || field->masked) {
      return not_yours();
    }
    ZHILI_TRY(require(actor, "create", opening.department, ""));
    return opening.department;
  }
  ZHILI_TRY(require(actor, "create", "", actor.account));
  ZHILI_ASSIGN(const auto own, vault::Bindings(vault_).of_account(actor.account));
  ZHILI_ASSIGN(const auto about, vault::Records(vault_).about(claim.dataset, record));
  const bool mine = about && std::ranges::any_of(own, [&](const auto& one) {
                      return one.kind == about->kind && one.id == about->subject;
                    });
  if (!mine) return not_yours();
  return std::string();
}

Result<Correction> Corrections::ask(const identity::Actor& actor, const Claim& claim) {
  ZHILI_TRY(require_reason(claim.reason));
  if (claim.proposed.size() > kReasonBytes || claim.seen == claim.proposed) {
    return fail(ErrorCode::kInput, {}, "Say what would be right.", "what is proposed is what is there, or too long");
  }
  const Ground& ground = requests_.ground();
  const catalog::Registry registry(ground.store, ground.log, ground.catalog, ground.area_id);
  ZHILI_ASSIGN(const auto listed, registry.find(claim.dataset));
  if (listed.dataset.find(claim.field) == nullptr) {
    return fail(ErrorCode::kInput, {}, "The catalogue lists its fields.", "the dataset has no such field");
  }
  ZHILI_ASSIGN(const int64_t record, vault::Records(vault_).number(claim.dataset, claim.key));
  Correction made;
  ZHILI_ASSIGN(made.department, asker(actor, claim, record));
  ZHILI_ASSIGN(auto entry, ground.log.draft(Action::kCreate, Ref::of_actor(actor.account)));
  made.id = entry.id();
  made.state = "submitted";
  made.dataset = claim.dataset;
  made.record = record;
  made.field = claim.field;
  made.owner = listed.dataset.provider;
  ZHILI_ASSIGN(made.answers, requests_.answers_for(made.owner));
  made.asked_by = actor.account;
  made.asked_at = ground.store.now();
  made.due = requests_.terms()->calendar.due(made.asked_at, requests_.terms()->correct.days);
  ZHILI_ASSIGN(auto hasher, audit::Hasher::create(audit::HashKind::kSha256));
  const std::string seen = audit::salted_digest(hasher, entry.salt(), claim.field, claim.seen);
  ZHILI_ASSIGN(made.held, door_.holds({made.dataset, made.record, made.field, entry.salt().bytes, seen}));
  if (made.held != vault::Held::kSame) return changed_since();
  const std::string text = json::serialize(json::object{{"proposed", claim.proposed}, {"reason", claim.reason}});
  const std::string text_id = made.id + "-proposal";
  ZHILI_ASSIGN(const std::string sealed, vault::seal_text(vault_, text_id, text));
  entry.object(Ref::by_id(Kind::kCase, made.id)).purpose(word_of(kPurpose)).personal(word_of(claim.field), claim.seen);
  const Status done = ground.store.commit([&](Transaction& tx) -> Status {
    ZHILI_TRY(vault::keep_text(tx, vault_, text_id, sealed));
    ZHILI_TRY(tx.execute(
        "INSERT INTO exchange_correction (area_id, id, version, state, dataset, record_id, field, owner, answers, "
        "asked_by, department, resident, salt, seen, asked_at, due, decided_at, decided_by, way, told) VALUES ($1, $2, "
        "1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, '', '', 0)",
        {ground.area_id, made.id, made.state, made.dataset, made.record, made.field, made.owner, made.answers,
         made.asked_by, made.department, made.department.empty() ? 1 : 0, Bytes{entry.salt().bytes}, seen,
         made.asked_at, made.due}));
    ZHILI_TRY(tx.publish("exchange.correction.submitted", event_text(made)));
    return ground.log.add(tx, entry);
  });
  ZHILI_TRY(done);
  return made;
}

Result<Correction> Corrections::read(std::string_view id) const {
  const Ground& ground = requests_.ground();
  ZHILI_ASSIGN(
      const auto rows,
      ground.store.query(fmt::format("SELECT {} FROM exchange_correction WHERE area_id = $1 AND id = $2", kColumns),
                         {ground.area_id, id}));
  if (rows.empty()) return unknown(id);
  return from_row(rows[0]);
}

Result<vault::Held> Corrections::held(const Correction& correction) const {
  const Ground& ground = requests_.ground();
  ZHILI_ASSIGN(const auto rows,
               ground.store.query("SELECT salt, seen FROM exchange_correction WHERE area_id = $1 AND id = $2",
                                  {ground.area_id, correction.id}));
  if (rows.empty()) return unknown(correction.id);
  return door_.holds({correction.dataset, correction.record, correction.field, std::string(rows[0].bytes(0)),
                      std::string(rows[0].text(1))});
}

bool Corrections::sees(const identity::Actor& actor, const Correction& correction) const {
  if (correction.department.empty() && correction.asked_by == actor.account) {
    return require(actor, "read", "", correction.asked_by).has_value();
  }
  for (const std::string* one : {&correction.owner, &correction.answers, &correction.department}) {
    if (!one->empty() && require(actor, "read", *one, "").has_value()) return true;
  }
  return false;
}

Result<Correction> Corrections::find(const identity::Actor& actor, std::string_view id) const {
  ZHILI_ASSIGN(auto found, read(id));
  if (!sees(actor, found)) return unknown(id);
  ZHILI_ASSIGN(found.held, held(found));
  return found;
}

Result<std::vector<Correction>> Corrections::search(const identity::Actor& actor, const Search& search) const {
  if (search.limit == 0 || search.limit > kRequestPage) {
    return fail(ErrorCode::kInput, {}, "Ask for the next page.", "a page has 1 to {} corrections", kRequestPage);
  }
  const Ground& ground = requests_.ground();
  std::string sql =
      fmt::format("SELECT {} FROM exchange_correction WHERE area_id = $1 AND ($2 = '' OR id < $2)", kColumns);
  std::vector<store::Value> params{ground.area_id, search.before};
  if (search.department.empty()) {
    params.emplace_back(actor.account);
    sql += " AND asked_by = $3";
  } else {
    params.emplace_back(search.department);
    sql += " AND (owner = $3 OR answers = $3 OR department = $3)";
  }
  if (search.open || search.overdue) sql += " AND state = 'submitted'";
  if (search.overdue) {
    params.emplace_back(ground.store.now());
    sql += " AND due < $4";
  }
  sql += " ORDER BY id DESC";
  ZHILI_ASSIGN(auto snapshot, ground.store.read());
  std::vector<Correction> out;
  ZHILI_TRY(snapshot.each(sql, params, [&](const store::Row& row) -> Status {
    if (out.size() == search.limit) return {};
    auto one = from_row(row);
    if (sees(actor, one)) out.push_back(std::move(one));
    return {};
  }));
  return out;
}

Result<Correction> Corrections::decide(const identity::Actor& actor, std::string_view id, int64_t known,
                                       std::string_view state, std::string_view way, const std::string& text) {
  const Ground& ground = requests_.ground();
  ZHILI_ASSIGN(Correction made, read(id));
  if (made.answers.empty()) {
    ZHILI_ASSIGN(made.answers, requests_.answers_for(made.owner));
  }
  ZHILI_TRY(require(actor, "decide", made.answers, made.asked_by));
  ZHILI_ASSIGN(made.held, held(made));
  const bool overtaken = made.held != vault::Held::kSame;
  ZHILI_ASSIGN(auto entry, ground.log.draft(Action::kDecide, Ref::of_actor(actor.account)));
  const std::string text_id = made.id + "-answer";
  ZHILI_ASSIGN(const std::string sealed, vault::seal_text(vault_, text_id, text));
  entry.object(Ref::by_id(Kind::kCase, made.id))
      .purpose(word_of(kPurpose))
      .change(fmt::format("{}|{}|{}", overtaken ? "overtaken" : state, way, text));
  const Status done = ground.store.commit([&](Transaction& tx) -> Status {
    ZHILI_ASSIGN(const auto rows, tx.query("SELECT version, state FROM exchange_correction WHERE area_id = $1 AND id = "
                                           "$2",
                                           {ground.area_id, made.id}));
    if (rows.empty()) return unknown(id);
    if (rows[0].int64(0) != known) return other_version(rows[0].int64(0));
    if (rows[0].text(1) != "submitted") return wrong_state(rows[0].text(1), state);
    made.version = known + 1;
    made.state = overtaken ? "overtaken" : std::string(state);
    made.way = overtaken ? "" : std::string(way);
    made.decided_at = ground.store.now();
    made.decided_by = actor.account;
    ZHILI_TRY(tx.execute(
        "UPDATE exchange_correction SET version = $3, state = $4, way = $5, decided_at = $6, "
        "decided_by = $7, answers = $8 WHERE area_id = $1 AND id = $2",
        {ground.area_id, made.id, made.version, made.state, made.way, made.decided_at, made.decided_by, made.answers}));
    if (!overtaken) ZHILI_TRY(vault::keep_text(tx, vault_, text_id, sealed));
    ZHILI_TRY(tx.publish(fmt::format("exchange.correction.{}", made.state), event_text(made)));
    return ground.log.add(tx, entry);
  });
  ZHILI_TRY(done);
  if (overtaken) return changed_since();
  return made;
}

Result<Correction> Corrections::accept(const identity::Actor& actor, std::string_view id, int64_t known, Way way,
                                       const std::string& answer) {
  if (answer.size() > kReasonBytes) return too_long();
  return decide(actor, id, known, "accepted", way == Way::kBatch ? "batch" : "mark", answer);
}

Result<Correction> Corrections::refuse(const identity::Actor& actor, std::string_view id, int64_t known,
                                       const std::string& reason) {
  ZHILI_TRY(require_reason(reason));
  return decide(actor, id, known, "refused", "", reason);
}

Result<vault::TextTold> Corrections::told(const identity::Actor& actor, std::string_view id, const std::string& basis,
                                          std::string_view part) const {
  ZHILI_ASSIGN(const auto found, read(id));
  if (!sees(actor, found)) return unknown(id);
  vault::TextAsk ask;
  ask.actor = actor;
  ask.purpose = kPurpose;
  ask.basis = basis;
  ask.id = found.id + std::string(part);
  ask.resource = kResource;
  ask.grade = kGrade;
  if (found.department.empty() && found.asked_by == actor.account) ask.account = found.asked_by;
  for (const std::string* one : {&found.owner, &found.answers, &found.department}) {
    if (!one->empty() && require(actor, "read", *one, "").has_value()) ask.department = *one;
  }
  return door_.text(ask);
}

Result<vault::TextTold> Corrections::proposal(const identity::Actor& actor, std::string_view id,
                                              const std::string& basis) const {
  return told(actor, id, basis, "-proposal");
}

Result<vault::TextTold> Corrections::answer(const identity::Actor& actor, std::string_view id,
                                            const std::string& basis) const {
  return told(actor, id, basis, "-answer");
}

Result<std::vector<std::string>> Corrections::marked(const std::string& dataset, int64_t record) const {
  const Ground& ground = requests_.ground();
  ZHILI_ASSIGN(const auto rows,
               ground.store.query(fmt::format("SELECT {} FROM exchange_correction WHERE area_id = $1 AND dataset = $2 "
                                              "AND record_id = $3 AND state = 'accepted' ORDER BY field",
                                              kColumns),
                                  {ground.area_id, dataset, record}));
  std::vector<std::string> out;
  for (const store::Row row : rows) {
    const Correction one = from_row(row);
    // Once the value is another, there is nothing to warn of.
    ZHILI_ASSIGN(const auto now, held(one));
    if (now == vault::Held::kSame && (out.empty() || out.back() != one.field)) out.push_back(one.field);
  }
  return out;
}

Result<size_t> Corrections::sweep() {
  const Ground& ground = requests_.ground();
  ZHILI_ASSIGN(const auto rows,
               ground.store.query(fmt::format("SELECT {} FROM exchange_correction WHERE area_id = $1 AND state = "
                                              "'submitted' AND due < $2 AND told = 0 ORDER BY id LIMIT {}",
                                              kColumns, kSweepAtOnce),
                                  {ground.area_id, ground.store.now()}));
  size_t out = 0;
  for (const store::Row row : rows) {
    const Correction one = from_row(row);
    bool told = false;
    const Status done = ground.store.commit([&](Transaction& tx) -> Status {
      ZHILI_ASSIGN(const int64_t noted,
                   tx.execute("UPDATE exchange_correction SET told = 1 WHERE area_id = $1 AND id = "
                              "$2 AND told = 0 AND state = 'submitted'",
                              {ground.area_id, one.id}));
      told = noted == 1;
      return told ? tx.publish("exchange.correction.overdue", event_text(one)) : Status();
    });
    ZHILI_TRY(done);
    if (told) ++out;
  }
  return out;
}

}  // namespace zhili::exchange
