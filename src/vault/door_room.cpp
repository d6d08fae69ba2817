#include "vault/door_room.hpp"

#include <algorithm>
#include <utility>

#include "vault/mask.hpp"
#include "vault/refusals.hpp"
#include "vault/words.hpp"

namespace zhili::vault {
namespace {

using catalog::Field;
using identity::Decision;
using identity::Reason;

const store::Appendable line_rows("vault_disclosure",
                                  {"area_id", "kind", "subject_id", "entry_id", "at", "actor", "purpose", "basis",
                                   "action", "clear", "masked", "how", "department", "withheld_until"});

constexpr std::string_view kAccount =
    "(SELECT account FROM vault_binding b WHERE b.area_id = s.area_id AND b.kind = s.kind AND "
    "b.subject_id = s.subject_id)";
const std::string select_golden = fmt::format(
    "SELECT s.place, {}, s.version, s.golden FROM vault_subject s WHERE s.area_id = $1 AND s.kind = $2 AND "
    "s.subject_id = $3",
    kAccount);
const std::string select_provenance = fmt::format(
    "SELECT s.place, {}, s.version, s.provenance FROM vault_subject s WHERE s.area_id = $1 AND s.kind = $2 AND "
    "s.subject_id = $3",
    kAccount);
const std::string select_matches = fmt::format(
    "SELECT s.subject_id, s.place, {}, s.version, s.golden FROM vault_index i JOIN vault_subject s ON "
    "s.area_id = i.area_id AND s.kind = i.kind AND s.subject_id = i.subject_id WHERE i.area_id = $1 AND i.kind = $2 "
    "AND "
    "i.digest = $3 ORDER BY i.subject_id LIMIT $4",
    kAccount);
/// Lines about the subject's own values, and about rows that are linked to it: those of one entry and dataset as one.
constexpr std::string_view kLines =
    "(SELECT entry_id, at, actor, purpose, basis, action, clear, masked, how, department, withheld_until, '' AS "
    "dataset, "
    "'' AS grant_id, CAST(0 AS BIGINT) AS told FROM vault_disclosure WHERE area_id = $1 AND kind = $2 AND "
    "subject_id = $3 UNION ALL SELECT r.entry_id, r.at, r.actor, r.purpose, r.basis, r.action, r.clear, r.masked, "
    "r.how, r.department, r.withheld_until, l.dataset, r.grant_id, count(*) AS told FROM vault_record_link k JOIN "
    "vault_record_line l ON l.area_id = k.area_id AND l.dataset = k.dataset AND l.record_id = k.record_id JOIN "
    "vault_release r ON r.area_id = l.area_id AND r.entry_id = l.entry_id WHERE k.area_id = $1 AND k.kind = $2 AND "
    "k.subject_id = $3 GROUP BY r.entry_id, r.at, r.actor, r.purpose, r.basis, r.action, r.clear, r.masked, r.how, "
    "r.department, r.withheld_until, l.dataset, r.grant_id) AS lines";
const std::string select_lines = fmt::format(
    "SELECT entry_id, at, actor, purpose, basis, action, clear, masked, how, department, withheld_until, dataset, "
    "grant_id, told FROM {} WHERE ($4 = '' OR (entry_id, dataset) < ($4, $5)) AND (CAST($6 AS BIGINT) = 1 OR "
    "withheld_until <= $7) ORDER BY entry_id DESC, dataset DESC LIMIT $8",
    kLines);
const std::string count_withheld =
    fmt::format("SELECT count(*), coalesce(max(withheld_until), 0) FROM {} WHERE withheld_until > $4", kLines);
constexpr char kCursorGap = '|';
constexpr int64_t kDay = int64_t{86'400} * 1'000'000;

constexpr std::string_view kLedgerResource = "disclosure";
constexpr std::string_view kWithheldResource = "withheld_disclosure";
constexpr int kLedgerGrade = 3;  // It tells of a person who saw what, though no value.

Result<const catalog::EntityKind*> kind_of(const catalog::Catalog& catalog, const std::string& kind) {
  if (const auto* found = catalog.kind(kind)) return found;
  return wrong_ask("there is no kind of entity", kind, "The catalogue lists the kinds.");
}

Result<std::vector<const Field*>> wanted_fields(const catalog::EntityKind& kind, const Ask& ask) {
  std::vector<const Field*> out;
  out.reserve(kind.fields.size());
  for (const std::string& name : ask.fields) {
    const Field* field = kind.find(name);
    if (field == nullptr) return wrong_ask("the kind has no field", name, "The catalogue lists the fields.");
    if (std::ranges::find(out, field) == out.end()) out.push_back(field);
  }
  if (ask.fields.empty()) {
    for (const Field& field : kind.fields) out.push_back(&field);
  }
  return out;
}

int lowest_grade(const std::vector<const Field*>& wanted) {
  int lowest = limits::kGrades;
  for (const Field* field : wanted) lowest = std::min(lowest, field->grade);
  return lowest;
}

}  // namespace

class DoorRoom::Decisions {
 public:
  /// Views into `stored`, which outlives it.
  Decisions(const Asking& asking, const std::optional<Stored>& stored)
      : Decisions(asking, stored ? std::string_view(stored->place) : std::string_view(),
                  stored ? std::string_view(stored->account) : std::string_view()) {}
  Decisions(const Asking& asking, std::string_view place, std::string_view account) : asking_(asking) {
    request_ = {.action = asking.action,
                .resource = asking.resource,
                .department = {},
                // A place that the tree does not know is none: that says no more than "outside".
                .area = asking.rules.areas.has(place) ? place : std::string_view(),
                .subject = account,
                .purpose = asking.purpose,
                .grade = 1};
  }
  const Decision& at(int grade) {
    auto& known = known_.at(static_cast<size_t>(grade));
    if (!known) {
      request_.grade = grade;
      known = identity::decide(asking_.rules.policy, asking_.rules.areas, asking_.actor, request_);
    }
    return *known;
  }
  bool masked(const Field& field) { return field.mask != catalog::MaskKind::kNone && at(field.masked_grade).allowed; }
  /// Whether any of the fields may be shown, whole or masked.
  bool any(const std::vector<const Field*>& wanted) {
    return std::ranges::any_of(wanted, [&](const Field* field) { return at(field->grade).allowed || masked(*field); });
  }

 private:
  const Asking& asking_;
  identity::Request request_;
  std::array<std::optional<Decision>, limits::kGrades + 1> known_;
};

Result<audit::EntryDraft> DoorRoom::draft(const Asking& asking) {
  const auto actor = audit::Ref::of_actor(asking.actor.account);
  ZHILI_ASSIGN(auto entry, vault_.log().draft(audit::Action::kDisclose, actor));
  entry.purpose(word_of(asking.purpose)).basis(word_of(asking.basis));
  return entry;
}

Result<std::string> DoorRoom::note_refusal(const Asking& asking, const Stored* stored, Notes& notes) {
  ZHILI_ASSIGN(auto entry, draft(asking));
  entry.count(word_of("refused"), 1);
  if (stored != nullptr) {
    ZHILI_ASSIGN(const audit::Ref subject, ref_of_subject(asking.kind.id, stored->id));
    entry.object(subject);
  }
  notes.entries.push_back(std::move(entry));
  return notes.entries.back().id();
}

Result<Refusal> DoorRoom::refuse(const Asking& asking, const Decision& decision, const Stored* stored, Notes& notes) {
  Refusal refusal = decision.allowed ? refusal_of(kNotFound) : refusal_of(decision);
  ZHILI_ASSIGN(refusal.entry, note_refusal(asking, stored, notes));
  return refusal;
}

Result<std::optional<Refusal>> DoorRoom::refuse_basis(const Asking& asking, Notes& notes) {
  const std::string_view wrong = wrong_basis(vault_.catalog(), asking.basis, asking.purpose);
  if (wrong.empty()) return std::optional<Refusal>();
  Refusal refusal = refusal_of(wrong == kUnknownBasis.code ? kUnknownBasis : kOtherPurpose);
  ZHILI_ASSIGN(refusal.entry, note_refusal(asking, nullptr, notes));
  return std::optional(std::move(refusal));
}

Result<std::string> DoorRoom::note_disclosure(const Asking& asking, const Stored& stored, const Shown& shown,
                                              const Field* by, const std::string& value, bool line, Notes& notes) {
  ZHILI_ASSIGN(auto entry, draft(asking));
  ZHILI_ASSIGN(const audit::Ref subject, ref_of_subject(asking.kind.id, stored.id));
  entry.object(subject).count(word_of("clear"), shown.clear.size()).count(word_of("masked"), shown.masked.size());
  if (auto area = audit::Area::create(stored.place)) entry.area(*area);
  if (by != nullptr) entry.personal(word_of(by->id), standard_form(by->type, value));
  const std::string clear = joined(shown.clear);
  const std::string masked = joined(shown.masked);
  const int64_t now = vault_.store().now();
  const std::string department = department_of(asking.actor);
  const int64_t until = withheld_until(asking.rules.withheld, asking.basis, now);
  // The entry vouches for the line: whoever has the salt can hold one against the other.
  entry.change(fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}", asking.kind.id, stored.id, now, asking.actor.account,
                           asking.purpose, asking.basis, asking.action, clear, masked, asking.how, department, until));
  if (line) {
    notes.lines.push_back({vault_.area_id(), asking.kind.id, stored.id, entry.id(), now, asking.actor.account,
                           asking.purpose, asking.basis, asking.action, clear, masked, asking.how, department, until});
  }
  notes.entries.push_back(std::move(entry));
  return notes.entries.back().id();
}

Result<std::string> DoorRoom::open(SealContext::Part part, const std::string& kind, const Stored& stored) {
  const SealContext context{vault_.area_id(), part, kind, stored.id};
  auto opened = sealer_.open(*vault_.keys().keys(), context, stored.sealed);
  if (opened || opened.error().code != ErrorCode::kNotFound) return opened;
  // Another server has made a key meanwhile.
  ZHILI_TRY(vault_.keys().load());
  opened = sealer_.open(*vault_.keys().keys(), context, stored.sealed);
  if (opened || opened.error().code != ErrorCode::kNotFound) return opened;
  return fail(ErrorCode::kBusy, {}, "Ask again.", "the vault's key was changed while the question was answered");
}

Result<std::optional<DoorRoom::Stored>> DoorRoom::find(store::Snapshot& snapshot, const std::string& kind,
                                                       const std::string& id, bool provenance) {
  ZHILI_ASSIGN(const auto rows,
               snapshot.query(provenance ? select_provenance : select_golden, {vault_.area_id(), kind, id}));
  if (rows.empty()) return std::optional<Stored>();
  const store::Row row = rows[0];
  return std::optional(
      Stored{id, std::string(row.text(0)), std::string(row.text(1)), row.int64(2), std::string(row.bytes(3))});
}

Result<std::optional<Disclosed>> DoorRoom::show(const Asking& asking, Decisions& decisions, const Stored& stored,
                                                const std::vector<const Field*>& wanted, const Field* by,
                                                const std::string& value, Notes& notes) {
  Disclosed out{.subject = stored.id,
                .place = stored.place,
                .version = stored.version,
                .fields = {},
                .refused = {},
                .entry = {},
                .time = 0};
  Shown shown;
  for (const Field* field : wanted) {
    const Decision& whole = decisions.at(field->grade);
    if (whole.allowed) {
      shown.clear.push_back(field->id);
    } else if (decisions.masked(*field)) {
      shown.masked.push_back(field->id);
    } else {
      const bool no_mask = decisions.at(field->masked_grade).allowed && whole.reason == Reason::kAllowed;
      out.refused.push_back({field->id, no_mask ? refusal_of(kNoMask) : refusal_of(whole)});
      continue;
    }
    out.fields.push_back({.field = field->id, .masked = !whole.allowed});
  }
  if (out.fields.empty()) return std::optional<Disclosed>();
  ZHILI_ASSIGN(const std::string opened, open(SealContext::Part::kGolden, asking.kind.id, stored));
  ZHILI_ASSIGN(auto values, decode_values(opened));
  if (by != nullptr) {
    // The index only proposes: what the subject says counts.
    const auto found = std::ranges::find(values, by->id, &Value::field);
    if (found == values.end() || standard_form(by->type, found->text) != standard_form(by->type, value)) {
      return std::optional<Disclosed>();
    }
  }
  for (ShownField& field : out.fields) {
    const auto found = std::ranges::find(values, field.field, &Value::field);
    if (found == values.end()) continue;
    field.known = true;
    field.value = field.masked ? mask(asking.kind.find(field.field)->mask, found->text) : std::move(found->text);
    field.source = std::move(found->source);
    if (!field.masked) field.record = std::move(found->record);
    field.time = std::move(found->time);
    field.differs = found->differs;
  }
  ZHILI_ASSIGN(out.entry, note_disclosure(asking, stored, shown, by, value, true, notes));
  out.time = notes.lines.back()[4].int64();
  return std::optional(std::move(out));
}

Result<Answer> DoorRoom::read_one(const Asking& asking, const Ask& ask, const std::vector<const Field*>& wanted,
                                  store::Snapshot& snapshot, Notes& notes) {
  ZHILI_ASSIGN(const auto stored, find(snapshot, ask.kind, ask.subject, false));
  // Of an unknown subject it is decided as of one that lies nowhere: who is bound to areas is told the same.
  Decisions decisions(asking, stored);
  Answer answer;
  if (stored) {
    ZHILI_ASSIGN(auto shown, show(asking, decisions, *stored, wanted, nullptr, ask.value, notes));
    if (shown) {
      answer.subjects.push_back(std::move(*shown));
      return answer;
    }
  }
  const Stored* about = stored ? &*stored : nullptr;
  ZHILI_ASSIGN(answer.refusal, refuse(asking, decisions.at(lowest_grade(wanted)), about, notes));
  return answer;
}

Result<std::vector<DoorRoom::Stored>> DoorRoom::matches(const Asking& asking, const Field& by, const std::string& value,
                                                        store::Snapshot& snapshot) {
  // Another server may have made a key, and sealed by it what is looked for.
  ZHILI_ASSIGN(
      const auto newest,
      snapshot.query("SELECT coalesce(max(key_number), 0) FROM vault_key WHERE area_id = $1", {vault_.area_id()}));
  if (newest[0].int64(0) != vault_.keys().keys()->newest().number) ZHILI_TRY(vault_.keys().load());
  const auto keys = vault_.keys().keys();
  std::vector<Stored> out;
  for (const DataKey& key : keys->all()) {
    ZHILI_ASSIGN(std::string digest, index_digest(sealer_, key, asking.kind.id, by, value));
    if (digest.empty()) break;
    ZHILI_ASSIGN(const auto rows,
                 snapshot.query(select_matches, {vault_.area_id(), asking.kind.id, store::Bytes{std::move(digest)},
                                                 static_cast<int64_t>(limits::kMatchesSeen + 1)}));
    for (const store::Row row : rows) {
      out.push_back({std::string(row.text(0)), std::string(row.text(1)), std::string(row.text(2)), row.int64(3),
                     std::string(row.bytes(4))});
    }
  }
  return out;
}

DoorRoom::Reach DoorRoom::reach(const Asking& asking, const std::vector<const Field*>& wanted) {
  Reach out;
  std::vector<std::string_view> places = {""};
  for (const auto& post : asking.actor.assignments) places.emplace_back(post.area);
  // A rule that holds at some place by a post holds at the post's own area too; so these tell of all places.
  for (const std::string_view place : places) {
    for (const std::string_view account : {std::string_view(), std::string_view(asking.actor.account)}) {
      Decisions decisions(asking, place, account);
      if (decisions.any(wanted)) {
        out.somewhere = true;
        continue;
      }
      out.everywhere = false;
      const Decision& why = decisions.at(lowest_grade(wanted));
      if (!out.why || why.reason > out.why->reason) out.why = why;
    }
  }
  return out;
}

Result<Answer> DoorRoom::look_up(const Asking& asking, const Ask& ask, const std::vector<const Field*>& wanted,
                                 store::Snapshot& snapshot, Notes& notes) {
  const Field* by = asking.kind.find(ask.by);
  if (by == nullptr || !by->look_up) {
    return wrong_ask("nobody is looked up by", ask.by, "The catalogue says by which fields.");
  }
  Answer answer;
  // Who may see nothing anywhere is told so before anything is looked for; behind that, no answer depends on what may
  // not be shown.
  const Reach reached = reach(asking, wanted);
  if (!reached.somewhere) {
    ZHILI_ASSIGN(answer.refusal, refuse(asking, reached.why.value_or(Decision{}), nullptr, notes));
    return answer;
  }
  answer.bounded = !reached.everywhere;
  ZHILI_ASSIGN(const auto found, matches(asking, *by, ask.value, snapshot));
  answer.more = found.size() > limits::kMatchesSeen;
  uint64_t outside = 0;
  for (const Stored& stored : found) {
    Decisions decisions(asking, stored.place, stored.account);
    if (!decisions.any(wanted)) {
      ++outside;
      continue;
    }
    if (answer.subjects.size() == limits::kMatches) {
      answer.more = true;
      break;
    }
    ZHILI_ASSIGN(auto shown, show(asking, decisions, stored, wanted, by, ask.value, notes));
    if (shown) answer.subjects.push_back(std::move(*shown));
  }
  if (!answer.subjects.empty()) return answer;
  ZHILI_ASSIGN(auto entry, draft(asking));
  entry.personal(word_of(by->id), standard_form(by->type, ask.value));
  entry.count(word_of("outside"), outside).count(word_of("found"), 0);
  notes.entries.push_back(std::move(entry));
  return answer;
}

Result<Answer> DoorRoom::disclose(const Ask& ask, const Rules& rules, store::Snapshot& snapshot, Notes& notes) {
  ZHILI_ASSIGN(const catalog::EntityKind* kind, kind_of(vault_.catalog(), ask.kind));
  ZHILI_ASSIGN(const auto wanted, wanted_fields(*kind, ask));
  if (ask.subject.empty() == ask.by.empty()) {
    return fail(ErrorCode::kInput, {}, "Name a subject, or a field and its value.",
                "one thing is asked for at a time: a subject by its id, or by a value");
  }
  const Asking asking{
      rules, ask.actor, ask.purpose, ask.basis, *kind, ask.how, ask.by.empty() ? "read" : "look_up", kind->resource};
  Answer answer;
  ZHILI_ASSIGN(answer.refusal, refuse_basis(asking, notes));
  if (answer.refusal) return answer;
  return ask.by.empty() ? read_one(asking, ask, wanted, snapshot, notes)
                        : look_up(asking, ask, wanted, snapshot, notes);
}

Status DoorRoom::read_lines(const Asking& asking, const LedgerAsk& ask, const Stored& stored, store::Snapshot& snapshot,
                            LedgerPage& page) const {
  Asking withheld = asking;
  withheld.resource = kWithheldResource;
  Decisions decisions(withheld, stored.place, stored.account);
  const bool all = decisions.at(kLedgerGrade).allowed;
  const int64_t now = vault_.store().now();
  const size_t gap = std::min(ask.before.find(kCursorGap), ask.before.size());
  const std::string_view before(ask.before);
  ZHILI_ASSIGN(const auto rows,
               snapshot.query(select_lines, {vault_.area_id(), ask.kind, ask.subject, before.substr(0, gap),
                                             before.substr(std::min(gap + 1, before.size())), all ? 1 : 0, now,
                                             static_cast<int64_t>(ask.limit + 1)}));
  page.lines.reserve(std::min(rows.size(), ask.limit));
  for (const store::Row row : rows) {
    if (page.lines.size() == ask.limit) {
      const LedgerLine& last = page.lines.back();
      page.next = last.dataset.empty() ? last.entry : last.entry + kCursorGap + last.dataset;
      break;
    }
    page.lines.push_back({.entry = std::string(row.text(0)),
                          .time = row.int64(1),
                          .actor = std::string(row.text(2)),
                          .purpose = std::string(row.text(3)),
                          .basis = std::string(row.text(4)),
                          .action = std::string(row.text(5)),
                          .clear = split(row.text(6)),
                          .masked = split(row.text(7)),
                          .how = std::string(row.text(8)),
                          .department = std::string(row.text(9)),
                          .dataset = std::string(row.text(11)),
                          .grant = std::string(row.text(12)),
                          .rows = static_cast<uint64_t>(row.int64(13)),
                          .withheld = row.int64(10) > now});
  }
  if (all) return {};
  ZHILI_ASSIGN(const auto hidden, snapshot.query(count_withheld, {vault_.area_id(), ask.kind, ask.subject, now}));
  page.withheld = static_cast<uint64_t>(hidden[0].int64(0));
  // To the day: the moment would tell when it was.
  if (page.withheld > 0) page.withheld_until = (hidden[0].int64(1) / kDay + 1) * kDay;
  return {};
}

Result<LedgerPage> DoorRoom::ledger(const LedgerAsk& ask, const Rules& rules, store::Snapshot& snapshot, Notes& notes) {
  ZHILI_ASSIGN(const catalog::EntityKind* kind, kind_of(vault_.catalog(), ask.kind));
  if (ask.limit == 0 || ask.limit > limits::kLedgerPage) {
    return fail(ErrorCode::kInput, {}, "Ask for the next page by its cursor.", "a page has 1 to {} lines",
                limits::kLedgerPage);
  }
  Asking asking{rules, ask.actor, ask.purpose, ask.basis, *kind, ask.how, "read", kLedgerResource};
  LedgerPage page;
  ZHILI_ASSIGN(page.refusal, refuse_basis(asking, notes));
  if (page.refusal) return page;
  ZHILI_ASSIGN(const auto stored, find(snapshot, ask.kind, ask.subject, false));
  Decisions decisions(asking, stored);
  const Decision& decision = decisions.at(kLedgerGrade);
  if (!stored || !decision.allowed) {
    ZHILI_ASSIGN(page.refusal, refuse(asking, decision, stored ? &*stored : nullptr, notes));
    return page;
  }
  ZHILI_TRY(read_lines(asking, ask, *stored, snapshot, page));
  asking.action = "ledger";
  const bool own = !stored->account.empty() && stored->account == ask.actor.account;
  ZHILI_ASSIGN(page.entry, note_disclosure(asking, *stored, {}, nullptr, "", !own, notes));
  return page;
}

Result<Reasons> DoorRoom::reasons(const ReasonsAsk& ask, const Rules& rules, store::Snapshot& snapshot, Notes& notes) {
  ZHILI_ASSIGN(const catalog::EntityKind* kind, kind_of(vault_.catalog(), ask.kind));
  Asking asking{rules, ask.actor, ask.purpose, ask.basis, *kind, ask.how, "read", kind->resource};
  Reasons out;
  ZHILI_ASSIGN(out.refusal, refuse_basis(asking, notes));
  if (out.refusal) return out;
  ZHILI_ASSIGN(const auto stored, find(snapshot, ask.kind, ask.subject, true));
  Decisions decisions(asking, stored);
  const Decision& decision = decisions.at(kind->reasons_grade);
  if (!stored || !decision.allowed) {
    ZHILI_ASSIGN(out.refusal, refuse(asking, decision, stored ? &*stored : nullptr, notes));
    return out;
  }
  ZHILI_ASSIGN(const std::string opened, open(SealContext::Part::kProvenance, ask.kind, *stored));
  ZHILI_ASSIGN(out.provenance, decode_provenance(opened));
  asking.action = "reasons";
  ZHILI_ASSIGN(out.entry, note_disclosure(asking, *stored, {}, nullptr, "", true, notes));
  return out;
}

DoorRoom::Considered DoorRoom::consider(AnyQuestion& any, store::Snapshot& snapshot) {
  Notes notes;
  if (auto* question = std::get_if<Question<Ask, Answer>>(&any)) {
    auto told = disclose(question->ask, *question->rules, snapshot, notes);
    return {std::move(told), std::move(notes)};
  }
  if (auto* question = std::get_if<Question<LedgerAsk, LedgerPage>>(&any)) {
    auto told = ledger(question->ask, *question->rules, snapshot, notes);
    return {std::move(told), std::move(notes)};
  }
  auto& question = std::get<Question<ReasonsAsk, Reasons>>(any);
  auto told = reasons(question.ask, *question.rules, snapshot, notes);
  return {std::move(told), std::move(notes)};
}

namespace {

/// Tells one who waits: the error, or what was found.
void tell(AnyQuestion& question, const Error& error) {
  std::visit([&](auto& one) { one.done(std::unexpected(error)); }, question);
}

template <class Told>
void tell(AnyQuestion& question, Result<Told>& told) {
  std::visit(
      [&](auto& one) {
        if constexpr (requires { one.done(std::move(told)); }) one.done(std::move(told));
      },
      question);
}

}  // namespace

void DoorRoom::answer(std::vector<AnyQuestion> questions) {
  struct Batch {
    std::vector<AnyQuestion> questions;
    std::vector<Considered> considered;
  };
  auto batch = std::make_shared<Batch>();
  {
    auto snapshot = vault_.store().read();
    if (!snapshot) {
      for (AnyQuestion& question : questions) tell(question, snapshot.error());
      return;
    }
    batch->questions.reserve(questions.size());
    batch->considered.reserve(questions.size());
    for (AnyQuestion& question : questions) {
      if (auto* rows = std::get_if<Question<RowsAsk, RowsAnswer>>(&question)) {
        rows_.answer(std::move(*rows), *snapshot);
        continue;
      }
      auto considered = consider(question, *snapshot);
      const bool failed = std::visit([](const auto& told) { return !told; }, considered.told);
      if (failed) {
        std::visit([&](auto& told) { tell(question, told); }, considered.told);
        continue;
      }
      batch->questions.push_back(std::move(question));
      batch->considered.push_back(std::move(considered));
    }
  }
  if (batch->questions.empty()) return;
  // The room may be gone when the change runs: the vault is not.
  const auto write = [&vault = vault_, batch](store::Transaction& tx) -> Status {
    for (const Considered& one : batch->considered) {
      for (const auto& line : one.notes.lines) ZHILI_TRY(tx.append(line_rows, line));
      for (const auto& entry : one.notes.entries) ZHILI_TRY(vault.log().add(tx, entry));
    }
    return {};
  };
  vault_.store().submit(write, [batch](const Status& done) {
    for (size_t i = 0; i < batch->questions.size(); ++i) {
      if (!done) {
        tell(batch->questions[i], done.error());
      } else {
        std::visit([&](auto& told) { tell(batch->questions[i], told); }, batch->considered[i].told);
      }
    }
  });
}

}  // namespace zhili::vault
