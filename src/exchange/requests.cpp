#include "exchange/requests.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "exchange/words.hpp"
#include "identity/directory.hpp"

namespace zhili::exchange {
namespace {

using audit::Action;
using audit::Kind;
using audit::Ref;
using store::Transaction;

constexpr std::string_view kTables =
    "CREATE TABLE exchange_request (area_id BIGINT NOT NULL, id TEXT NOT NULL, version BIGINT NOT NULL, "
    "state TEXT NOT NULL, department TEXT NOT NULL, owner TEXT NOT NULL, dataset TEXT NOT NULL, answers TEXT NOT NULL, "
    "requested_by TEXT NOT NULL, created_at BIGINT NOT NULL, submitted_at BIGINT NOT NULL, answer_due BIGINT NOT NULL, "
    "deliver_due BIGINT NOT NULL, delivered_at BIGINT NOT NULL, decided_at BIGINT NOT NULL, decided_by TEXT NOT NULL, "
    "until BIGINT NOT NULL, reason TEXT NOT NULL, entry_id TEXT NOT NULL, told BIGINT NOT NULL, wanted TEXT NOT NULL, "
    "conditions TEXT NOT NULL, PRIMARY KEY (area_id, id));"
    "CREATE INDEX exchange_request_by_state ON exchange_request (area_id, state, id);"
    "CREATE TABLE exchange_step (area_id BIGINT NOT NULL, id TEXT NOT NULL, version BIGINT NOT NULL, "
    "step TEXT NOT NULL, by_account TEXT NOT NULL, at BIGINT NOT NULL, entry_id TEXT NOT NULL, "
    "PRIMARY KEY (area_id, id, version));"

    // What was used: counts for both sides, and the windows that limits are held in.
    "CREATE TABLE exchange_use (area_id BIGINT NOT NULL, grant_id TEXT NOT NULL, day BIGINT NOT NULL, "
    "calls BIGINT NOT NULL, told BIGINT NOT NULL, refused BIGINT NOT NULL, PRIMARY KEY (area_id, grant_id, day));"
    "CREATE TABLE exchange_window (area_id BIGINT NOT NULL, grant_id TEXT NOT NULL, minute BIGINT NOT NULL, "
    "in_minute BIGINT NOT NULL, day BIGINT NOT NULL, in_day BIGINT NOT NULL, PRIMARY KEY (area_id, grant_id));"
    "CREATE TABLE exchange_call (area_id BIGINT NOT NULL, grant_id TEXT NOT NULL, entry_id TEXT NOT NULL, "
    "at BIGINT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, told BIGINT NOT NULL, refusal TEXT NOT NULL, "
    "PRIMARY KEY (area_id, grant_id, entry_id));"

    "CREATE TABLE exchange_file (area_id BIGINT NOT NULL, id TEXT NOT NULL, grant_id TEXT NOT NULL, "
    "ordered_by TEXT NOT NULL, made_at BIGINT NOT NULL, state TEXT NOT NULL, told BIGINT NOT NULL, "
    "bytes BIGINT NOT NULL, digest TEXT NOT NULL, job TEXT NOT NULL, signed TEXT NOT NULL, "
    "PRIMARY KEY (area_id, id));";

/// Requests for correction, and what residents ask about lines of their ledgers. What people wrote lies in the vault.
constexpr std::string_view kVoiceTables =
    "CREATE TABLE exchange_correction (area_id BIGINT NOT NULL, id TEXT NOT NULL, version BIGINT NOT NULL, "
    "state TEXT NOT NULL, dataset TEXT NOT NULL, record_id BIGINT NOT NULL, field TEXT NOT NULL, owner TEXT NOT NULL, "
    "answers TEXT NOT NULL, asked_by TEXT NOT NULL, department TEXT NOT NULL, resident BIGINT NOT NULL, "
    "salt BYTEA NOT NULL, seen TEXT NOT NULL, asked_at BIGINT NOT NULL, due BIGINT NOT NULL, "
    "decided_at BIGINT NOT NULL, decided_by TEXT NOT NULL, way TEXT NOT NULL, told BIGINT NOT NULL, "
    "PRIMARY KEY (area_id, id));"
    "CREATE INDEX exchange_correction_by_record ON exchange_correction (area_id, dataset, record_id);"
    "CREATE TABLE exchange_question (area_id BIGINT NOT NULL, id TEXT NOT NULL, state TEXT NOT NULL, "
    "kind TEXT NOT NULL, subject_id TEXT NOT NULL, line TEXT NOT NULL, department TEXT NOT NULL, "
    "answers TEXT NOT NULL, asked_by TEXT NOT NULL, asked_at BIGINT NOT NULL, due BIGINT NOT NULL, "
    "answered_at BIGINT NOT NULL, answered_by TEXT NOT NULL, told BIGINT NOT NULL, PRIMARY KEY (area_id, id));"
    "CREATE INDEX exchange_question_by_subject ON exchange_question (area_id, kind, subject_id, line);";

constexpr std::string_view kColumns =
    "id, version, state, department, owner, dataset, answers, requested_by, created_at, submitted_at, answer_due, "
    "deliver_due, delivered_at, decided_at, decided_by, reason, entry_id, wanted, conditions";
const std::string select_one = fmt::format("SELECT {} FROM exchange_request WHERE area_id = $1 AND id = $2", kColumns);

constexpr std::array<std::string_view, 7> kStates = {"draft",     "submitted", "approved", "refused",
                                                     "withdrawn", "expired",   "revoked"};
constexpr std::array<std::string_view, 6> kSteps = {"submitted", "approved", "refused",
                                                    "withdrawn", "expired",  "revoked"};
constexpr std::string_view kResource = "grant";
constexpr int64_t kMostYears = int64_t{5} * 366 * 86'400 * 1'000'000;

std::unexpected<Error> unknown(std::string_view id) {
  return fail(ErrorCode::kNotFound, {}, "Look at the list of requests.", "there is no request '{}'", id.substr(0, 80));
}

Result<Request> from_row(const store::Row& row) {
  Request out;
  out.id = row.text(0);
  out.version = row.int64(1);
  out.state = state_of(row.text(2)).value_or(State::kDraft);
  out.owner = row.text(4);
  out.answers = row.text(6);
  out.requested_by = row.text(7);
  out.created_at = row.int64(8);
  out.submitted_at = row.int64(9);
  out.answer_due = row.int64(10);
  out.deliver_due = row.int64(11);
  out.delivered_at = row.int64(12);
  out.decided_at = row.int64(13);
  out.decided_by = row.text(14);
  out.reason = row.text(15);
  out.entry = row.text(16);
  ZHILI_ASSIGN(out.wanted, wanted_from_json(row.text(17)));
  if (!row.text(18).empty()) {
    ZHILI_ASSIGN(out.conditions, conditions_from_json(row.text(18)));
  }
  return out;
}

template <class Reading>
Result<Request> read_one(Reading& reading, int64_t area_id, std::string_view id) {
  ZHILI_ASSIGN(const auto rows, reading.query(select_one, {area_id, id}));
  if (rows.empty()) return unknown(id);
  return from_row(rows[0]);
}

/// An entry whose id can be a request's.
Result<audit::EntryDraft> begin_entry(const Ground& ground, Action action, const std::string& by) {
  return ground.log.draft(action, Ref::of_actor(by));
}

Action action_of(std::string_view step) {
  if (step == "created") return Action::kCreate;
  if (step == "approved") return Action::kGrant;
  if (step == "revoked" || step == "expired") return Action::kRevoke;
  return step == "refused" ? Action::kDecide : Action::kChange;
}

}  // namespace

std::string_view name_of(State state) { return kStates.at(static_cast<size_t>(state)); }
std::string_view name_of(Step step) { return kSteps.at(static_cast<size_t>(step)); }

std::optional<State> state_of(std::string_view name) {
  const auto found = std::ranges::find(kStates, name);
  if (found == kStates.end()) return std::nullopt;
  return static_cast<State>(found - kStates.begin());
}

std::optional<State> next(State state, Step step) {
  struct Way {
    State from;
    Step step;
    State to;
  };
  static constexpr std::array<Way, 8> kWays = {{{State::kDraft, Step::kSubmit, State::kSubmitted},
                                                {State::kDraft, Step::kWithdraw, State::kWithdrawn},
                                                {State::kSubmitted, Step::kApprove, State::kApproved},
                                                {State::kSubmitted, Step::kRefuse, State::kRefused},
                                                {State::kSubmitted, Step::kWithdraw, State::kWithdrawn},
                                                {State::kApproved, Step::kExpire, State::kExpired},
                                                {State::kApproved, Step::kRevoke, State::kRevoked},
                                                {State::kApproved, Step::kWithdraw, State::kWithdrawn}}};
  for (const Way& way : kWays) {
    if (way.from == state && way.step == step) return way.to;
  }
  return std::nullopt;
}

std::vector<store::Migration> Requests::migrations() {
  return {{"exchange", 1, kTables}, {"exchange", 2, kVoiceTables}};
}

Requests::Requests(Ground ground, std::shared_ptr<const Terms> terms, std::shared_ptr<const vault::Rules> rules)
    : ground_(ground), terms_(std::move(terms)), rules_(std::move(rules)) {}

void Requests::use(std::shared_ptr<const Terms> terms, std::shared_ptr<const vault::Rules> rules) {
  const std::scoped_lock lock(mutex_);
  terms_ = std::move(terms);
  rules_ = std::move(rules);
}

std::shared_ptr<const Terms> Requests::terms() const {
  const std::scoped_lock lock(mutex_);
  return terms_;
}

std::shared_ptr<const vault::Rules> Requests::rules() const {
  const std::scoped_lock lock(mutex_);
  return rules_;
}

Result<Request> Requests::read(store::Snapshot& snapshot, std::string_view id) const {
  return read_one(snapshot, ground_.area_id, id);
}

Result<Request> Requests::read(Transaction& tx, std::string_view id) const { return read_one(tx, ground_.area_id, id); }

identity::Decision Requests::decide(const identity::Actor& actor, std::string_view action,
                                    const std::string& department, const std::string& subject,
                                    std::string_view purpose) const {
  const auto rules = this->rules();
  identity::Decision out = identity::decide(rules->policy, rules->areas, actor,
                                            {.action = action,
                                             .resource = kResource,
                                             .department = department,
                                             .area = {},
                                             .subject = subject,
                                             .purpose = purpose,
                                             .grade = 1});
  // Rules are of a policy that may be replaced: what is told of them is told now.
  if (!out.allowed) out.rule = out.nearest = nullptr;
  return out;
}

Status Requests::require(const identity::Actor& actor, std::string_view action, const std::string& department,
                         const std::string& subject) const {
  if (department.empty()) {
    return fail(ErrorCode::kConstraint, {}, "Appoint an officer of the department, or of one above it.",
                "nobody answers for this department now");
  }
  const auto decision = decide(actor, action, department, subject);
  if (decision.allowed) return {};
  return fail(ErrorCode::kConstraint, {}, identity::words_of(decision, identity::Language::kChinese), "{}: {}",
              identity::code_of(decision.reason), identity::words_of(decision, identity::Language::kEnglish));
}

Result<catalog::Dataset> Requests::dataset_of(const std::string& id) const {
  const catalog::Registry registry(ground_.store, ground_.log, ground_.catalog, ground_.area_id);
  ZHILI_ASSIGN(auto listed, registry.find(id));
  return std::move(listed.dataset);
}

Status Requests::check(const Wanted& wanted, const catalog::Dataset& dataset) const {
  std::vector<Error> mistakes;
  const auto add = [&](std::string_view path, std::string_view zh, std::string_view en) {
    mistakes.push_back(mistake(path, zh, en));
  };
  if (wanted.department == dataset.provider) add("/dataset", "是本部门自己的数据", "it is the department's own");
  if (wanted.fields.empty() || wanted.fields.size() > kRequestFields)
    add("/fields", "没有信息项，或太多", "there is none, or too many");
  std::set<std::string_view> seen;
  for (size_t i = 0; i < wanted.fields.size(); ++i) {
    if (dataset.find(wanted.fields[i]) == nullptr || !seen.insert(wanted.fields[i]).second) {
      add(fmt::format("/fields/{}", i), "数据集没有此信息项，或重复",
          "the dataset has no such field, or it comes twice");
    }
  }
  const catalog::LegalBasis* basis = ground_.catalog.legal_basis(wanted.basis);
  if (basis == nullptr) {
    add("/basis", "目录中没有此法律依据", "the catalogue knows no such legal basis");
  } else if (!basis->carries(wanted.purpose)) {
    add("/purpose", "该法律依据不支持此目的", "the legal basis does not carry it");
  }
  if (wanted.reason.empty() || wanted.reason.size() > kReasonBytes)
    add("/reason", "未填写，或太长", "it is missing or too long");
  if (wanted.rows.size() > kRequestConditions) add("/rows", "条件太多", "there are too many");
  for (size_t i = 0; i < wanted.rows.size(); ++i) {
    const auto& one = wanted.rows[i];
    if (dataset.find(one.field) == nullptr)
      add(fmt::format("/rows/{}/field", i), "数据集没有此信息项", "the dataset has no such field");
    if (one.values.empty() || one.values.size() > vault::kConditionValues) {
      add(fmt::format("/rows/{}/values", i), "没有值，或太多", "there is none, or too many");
    }
  }
  const int64_t now = ground_.store.now();
  if (wanted.until <= now || wanted.until > now + kMostYears)
    add("/until", "已过期，或超过五年", "it is over, or more than five years away");
  if (wanted.per_minute < 1 || wanted.per_minute > kMostCalls) add("/per_minute", "超出范围", "it is out of bounds");
  if (wanted.per_day < 1 || wanted.per_day > kMostCalls) add("/per_day", "超出范围", "it is out of bounds");
  if (mistakes.empty()) return {};
  return fail(Error{ErrorCode::kInput,
                    fmt::format("{} mistakes in the request", mistakes.size()),
                    {},
                    "Correct them.",
                    std::move(mistakes)});
}

/// Writes a request as it is now, its step, entry and event.
Status Requests::write(Transaction& tx, Request& request, std::string_view step, const std::string& by) const {
  static const store::Appendable step_rows("exchange_step",
                                           {"area_id", "id", "version", "step", "by_account", "at", "entry_id"});
  ZHILI_ASSIGN(auto entry, begin_entry(ground_, action_of(step), by));
  if (request.id.empty()) request.id = entry.id();
  const std::string wanted = to_json(request.wanted);
  const std::string conditions = request.decided_at == 0 ? std::string() : to_json(request.conditions);
  entry.object(Ref::by_id(Kind::kGrant, request.id))
      .purpose(word_of(request.wanted.purpose))
      .basis(word_of(request.wanted.basis))
      .count(word_of("version"), static_cast<uint64_t>(request.version))
      .change(fmt::format("{}|{}|{}|{}|{}", step, name_of(request.state), wanted, conditions, request.reason));
  request.entry = entry.id();
  ZHILI_TRY(tx.execute(
      "INSERT INTO exchange_request (area_id, id, version, state, department, owner, dataset, answers, requested_by, "
      "created_at, submitted_at, answer_due, deliver_due, delivered_at, decided_at, decided_by, until, reason, "
      "entry_id, told, wanted, conditions) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, "
      "$16, $17, $18, $19, 0, $20, $21) ON CONFLICT (area_id, id) DO UPDATE SET version = excluded.version, state = "
      "excluded.state, department = excluded.department, owner = excluded.owner, dataset = excluded.dataset, answers = "
      "excluded.answers, submitted_at = excluded.submitted_at, answer_due = excluded.answer_due, deliver_due = "
      "excluded.deliver_due, decided_at = excluded.decided_at, decided_by = excluded.decided_by, until = "
      "excluded.until, reason = excluded.reason, entry_id = excluded.entry_id, wanted = excluded.wanted, conditions = "
      "excluded.conditions",
      {ground_.area_id,
       request.id,
       request.version,
       name_of(request.state),
       request.wanted.department,
       request.owner,
       request.wanted.dataset,
       request.answers,
       request.requested_by,
       request.created_at,
       request.submitted_at,
       request.answer_due,
       request.deliver_due,
       request.delivered_at,
       request.decided_at,
       request.decided_by,
       request.conditions.until,
       request.reason,
       entry.id(),
       wanted,
       conditions}));
  ZHILI_TRY(
      tx.append(step_rows, {ground_.area_id, request.id, request.version, step, by, ground_.store.now(), entry.id()}));
  ZHILI_TRY(tx.publish(fmt::format("exchange.request.{}", step), event_of(request)));
  return ground_.log.add(tx, entry);
}

Result<Request> Requests::create(const identity::Actor& actor, const Wanted& wanted) {
  ZHILI_TRY(require(actor, "create", wanted.department, ""));
  ZHILI_ASSIGN(const auto dataset, dataset_of(wanted.dataset));
  ZHILI_TRY(check(wanted, dataset));
  Request made;
  const Status done = ground_.store.commit([&](Transaction& tx) -> Status {
    made = Request{};
    made.wanted = wanted;
    made.owner = dataset.provider;
    made.requested_by = actor.account;
    made.created_at = ground_.store.now();
    return write(tx, made, "created", actor.account);
  });
  ZHILI_TRY(done);
  return made;
}

Result<Request> Requests::change(const identity::Actor& actor, std::string_view id, int64_t known,
                                 const Wanted& wanted) {
  ZHILI_ASSIGN(const auto dataset, dataset_of(wanted.dataset));
  ZHILI_TRY(check(wanted, dataset));
  Request made;
  const Status done = ground_.store.commit([&](Transaction& tx) -> Status {
    ZHILI_ASSIGN(made, read(tx, id));
    ZHILI_TRY(require(actor, "update", made.wanted.department, ""));
    ZHILI_TRY(require(actor, "update", wanted.department, ""));
    if (made.version != known) return other_version(made.version);
    if (made.state != State::kDraft) return wrong_state(name_of(made.state), "changed");
    made.wanted = wanted;
    made.owner = dataset.provider;
    ++made.version;
    return write(tx, made, "changed", actor.account);
  });
  ZHILI_TRY(done);
  return made;
}

Result<Request> Requests::step(const identity::Actor& actor, std::string_view id, int64_t known, Step step,
                               const Make& make) {
  Request made;
  const Status done = ground_.store.commit([&](Transaction& tx) -> Status {
    ZHILI_ASSIGN(made, read(tx, id));
    const bool decides = step == Step::kApprove || step == Step::kRefuse || step == Step::kRevoke;
    ZHILI_TRY(decides ? require(actor, "decide", made.answers, made.requested_by)
                      : require(actor, "update", made.wanted.department, ""));
    if (made.version != known) return other_version(made.version);
    const auto to = next(made.state, step);
    if (!to) return wrong_state(name_of(made.state), name_of(step));
    made.state = *to;
    ++made.version;
    if (decides) {
      made.decided_by = actor.account;
      made.decided_at = ground_.store.now();
    }
    ZHILI_TRY(make(made));
    return write(tx, made, name_of(made.state), actor.account);
  });
  ZHILI_TRY(done);
  return made;
}

/// What the machine may decide: to grant what is shared without condition, and to say that a law forbids it.
Status Requests::open_at_once(Request& request, const catalog::Dataset& dataset) const {
  const int64_t now = request.submitted_at;
  if (dataset.sharing == catalog::Sharing::kNotShared) {
    const catalog::LegalBasis* law = ground_.catalog.legal_basis(dataset.basis);
    request.state = State::kRefused;
    request.decided_at = now;
    request.answer_due = 0;
    request.reason = fmt::format("不予共享：{}", law == nullptr ? dataset.basis : law->title);
    return {};
  }
  if (dataset.sharing != catalog::Sharing::kUnconditional) return {};
  request.state = State::kApproved;
  request.decided_at = now;
  request.answer_due = 0;
  request.deliver_due = terms()->calendar.due(now, terms()->deliver.days);
  for (const std::string& field : request.wanted.fields) request.conditions.fields.push_back({field, false});
  request.conditions.rows = request.wanted.rows;
  request.conditions.until = request.wanted.until;
  request.conditions.per_minute = request.wanted.per_minute;
  request.conditions.per_day = request.wanted.per_day;
  return {};
}

Result<Request> Requests::submit(const identity::Actor& actor, std::string_view id, int64_t known) {
  Request seen;
  {
    ZHILI_ASSIGN(auto snapshot, ground_.store.read());
    ZHILI_ASSIGN(seen, read(snapshot, id));
  }
  ZHILI_ASSIGN(const auto dataset, dataset_of(seen.wanted.dataset));
  ZHILI_TRY(check(seen.wanted, dataset));
  ZHILI_ASSIGN(const std::string answers, answers_for(dataset.provider));
  return step(actor, id, known, Step::kSubmit, [&](Request& request) -> Status {
    const auto terms = this->terms();
    const int days = dataset.sharing == catalog::Sharing::kUnconditional ? terms->answer_unconditional.days
                                                                         : terms->answer_conditional.days;
    request.owner = dataset.provider;
    request.answers = answers;
    request.submitted_at = ground_.store.now();
    request.answer_due = terms->calendar.due(request.submitted_at, days);
    return open_at_once(request, dataset);
  });
}

Result<Request> Requests::withdraw(const identity::Actor& actor, std::string_view id, int64_t known) {
  return step(actor, id, known, Step::kWithdraw, [](Request& request) -> Status {
    request.answer_due = request.deliver_due = 0;
    return {};
  });
}

Result<Request> Requests::approve(const identity::Actor& actor, std::string_view id, int64_t known,
                                  const Conditions& conditions, const std::string& reason) {
  if (reason.size() > kReasonBytes) return too_long();
  return step(actor, id, known, Step::kApprove, [&](Request& request) -> Status {
    ZHILI_TRY(require_within(conditions, request.wanted, request.decided_at));
    request.conditions = conditions;
    // What was asked for in fewer rows is not opened in more.
    for (const auto& row : request.wanted.rows) {
      if (std::ranges::find(request.conditions.rows, row) == request.conditions.rows.end()) {
        request.conditions.rows.push_back(row);
      }
    }
    request.reason = reason;
    request.answer_due = 0;
    request.deliver_due = terms()->calendar.due(request.decided_at, terms()->deliver.days);
    return {};
  });
}

Result<Request> Requests::refuse(const identity::Actor& actor, std::string_view id, int64_t known,
                                 const std::string& reason) {
  ZHILI_TRY(require_reason(reason));
  return step(actor, id, known, Step::kRefuse, [&](Request& request) -> Status {
    request.reason = reason;
    request.answer_due = 0;
    return {};
  });
}

Result<Request> Requests::revoke(const identity::Actor& actor, std::string_view id, int64_t known,
                                 const std::string& reason) {
  ZHILI_TRY(require_reason(reason));
  return step(actor, id, known, Step::kRevoke, [&](Request& request) -> Status {
    request.reason = reason;
    request.deliver_due = 0;
    return {};
  });
}

bool Requests::sees(const identity::Actor& actor, const Request& request, std::string_view purpose) const {
  // A draft is the requester's own.
  const bool draft = request.state == State::kDraft;
  for (const std::string* department : {&request.wanted.department, &request.owner, &request.answers}) {
    if (draft && department != &request.wanted.department) continue;
    if (!department->empty() && decide(actor, "read", *department, "", purpose).allowed) return true;
  }
  return false;
}

Result<Request> Requests::find(const identity::Actor& actor, std::string_view id, std::string_view purpose) const {
  ZHILI_ASSIGN(auto snapshot, ground_.store.read());
  ZHILI_ASSIGN(auto found, read(snapshot, id));
  if (!sees(actor, found, purpose)) return unknown(id);
  return found;
}

Result<std::vector<Request>> Requests::search(const identity::Actor& actor, const Search& search,
                                              std::string_view purpose) const {
  if (search.limit == 0 || search.limit > kRequestPage) {
    return fail(ErrorCode::kInput, {}, "Ask for the next page.", "a page has 1 to {} requests", kRequestPage);
  }
  std::string sql =
      fmt::format("SELECT {} FROM exchange_request WHERE area_id = $1 AND ($2 = '' OR id < $2)", kColumns);
  std::vector<store::Value> params{ground_.area_id, search.before};
  const auto add = [&](std::string_view condition, store::Value value) {
    params.push_back(std::move(value));
    sql += fmt::format(fmt::runtime(condition), params.size());
  };
  if (!search.department.empty()) {
    constexpr std::array<std::string_view, 3> kSides = {
        " AND (department = ${0} OR ((owner = ${0} OR answers = ${0}) AND state <> 'draft'))", " AND department = ${0}",
        " AND (owner = ${0} OR answers = ${0}) AND state <> 'draft'"};
    add(kSides.at(static_cast<size_t>(search.side)), search.department);
  }
  if (!search.dataset.empty()) add(" AND dataset = ${}", search.dataset);
  if (search.state) add(" AND state = ${}", name_of(*search.state));
  if (search.overdue) {
    add(" AND ((state = 'submitted' AND answer_due < ${0}) OR (state = 'approved' AND delivered_at = 0 AND "
        "deliver_due < ${0}))",
        ground_.store.now());
  }
  if (search.orphaned) sql += " AND state = 'submitted' AND answers = ''";
  sql += " ORDER BY id DESC";
  ZHILI_ASSIGN(auto snapshot, ground_.store.read());
  std::vector<Request> out;
  // What may not be seen leaves no gap in a page.
  ZHILI_TRY(snapshot.each(sql, params, [&](const store::Row& row) -> Status {
    if (out.size() == search.limit) return {};
    ZHILI_ASSIGN(auto request, from_row(row));
    if (sees(actor, request, purpose)) out.push_back(std::move(request));
    return {};
  }));
  return out;
}

Result<std::string> Requests::answers_for(const std::string& department) const {
  ZHILI_ASSIGN(const auto all, identity::staffing(ground_.store, terms()->officers));
  const auto own = std::ranges::find(all, department, &identity::Staffing::department);
  if (own == all.end()) return std::string();
  if (own->staffed) return department;
  const auto rules = this->rules();
  for (const identity::Area* area = rules->areas.find(own->area); area != nullptr && !area->parent.empty();) {
    area = rules->areas.find(area->parent);
    if (area == nullptr) break;
    for (const auto& one : all) {
      if (one.staffed && one.area == area->id) return one.department;
    }
  }
  return std::string();
}

/// What time does to one request; `topic` is the event that tells of it, empty where nothing happens.
Status Requests::move_on(Request& request, int64_t now, Answering& answering, std::string& topic) const {
  if (request.state == State::kApproved && request.conditions.until <= now) {
    request.state = State::kExpired;
    request.deliver_due = 0;
    topic = "expired";
    return {};
  }
  if (request.state == State::kSubmitted) {
    auto found = answering.find(request.owner);
    if (found == answering.end()) {
      ZHILI_ASSIGN(auto asked, answers_for(request.owner));
      found = answering.emplace(request.owner, std::move(asked)).first;
    }
    const std::string& answers = found->second;
    if (answers != request.answers) {
      request.answers = answers;
      topic = answers.empty() ? "orphaned" : "passed_on";
    }
  }
  return {};
}

Result<size_t> Requests::sweep() {
  const int64_t now = ground_.store.now();
  ZHILI_ASSIGN(const auto rows,
               ground_.store.query("SELECT id FROM exchange_request WHERE area_id = $1 AND (state = 'submitted' OR "
                                   "(state = 'approved' AND (until <= $2 OR (delivered_at = 0 AND deliver_due < $2 "
                                   "AND told = 0)))) ORDER BY id",
                                   {ground_.area_id, now}));
  size_t moved = 0;
  Answering answering;
  for (const store::Row row : rows) {
    if (moved == kSweepAtOnce) break;
    const std::string id(row.text(0));
    Request seen;
    {
      ZHILI_ASSIGN(auto snapshot, ground_.store.read());
      ZHILI_ASSIGN(seen, read(snapshot, id));
    }
    std::string topic;
    Request to = seen;
    ZHILI_TRY(move_on(to, now, answering, topic));
    if (!topic.empty()) {
      const Status done = ground_.store.commit([&](Transaction& tx) -> Status {
        ZHILI_ASSIGN(const auto current, read(tx, id));
        if (current.version != seen.version) return {};  // Somebody was faster.
        Request made = to;
        ++made.version;
        return write(tx, made, topic, "");
      });
      ZHILI_TRY(done);
      ++moved;
      continue;
    }
    // Told once: a request is overdue with its answer, or with its data.
    const bool answer = seen.state == State::kSubmitted && seen.answer_due != 0 && seen.answer_due < now;
    const bool data = seen.state == State::kApproved && seen.delivered_at == 0 && seen.deliver_due < now;
    if (!answer && !data) continue;
    const int64_t mark = answer ? 1 : 2;
    bool told = false;
    const Status done = ground_.store.commit([&](Transaction& tx) -> Status {
      ZHILI_ASSIGN(const int64_t noted, tx.execute("UPDATE exchange_request SET told = $3 WHERE area_id = $1 AND "
                                                   "id = $2 AND told < $3",
                                                   {ground_.area_id, id, mark}));
      told = noted == 1;
      return told ? tx.publish("exchange.request.overdue", event_of(seen)) : Status();
    });
    ZHILI_TRY(done);
    if (told) ++moved;
  }
  return moved;
}

}  // namespace zhili::exchange
