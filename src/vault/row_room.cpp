#include "vault/row_room.hpp"

#include <algorithm>
#include <deque>
#include <future>
#include <utility>

#include "audit/hash.hpp"
#include "base/clock.hpp"
#include "catalog/registry.hpp"
#include "vault/blind_index.hpp"
#include "vault/jobs.hpp"
#include "vault/key_ring.hpp"
#include "vault/mask.hpp"
#include "vault/refusals.hpp"
#include "vault/words.hpp"

namespace zhili::vault {
namespace {

using catalog::DatasetField;
using catalog::MaskKind;
using catalog::ValueType;
using identity::Decision;
using store::Bytes;

constexpr std::string_view kResource = "record";
constexpr size_t kReleaseGroup = 1000;  // Rows of one change.
constexpr size_t kReleaseAhead = 3;     // Such groups under way.
constexpr RefusalWords kWithdrawn{"dataset_withdrawn", "该数据集已从目录中撤下",
                                  "the dataset is not in the catalogue any more"};
constexpr RefusalWords kNothing{"not_granted", "共享授权不含所请求的字段", "the grant opens none of the fields"};

const store::Appendable release_rows("vault_release",
                                     {"area_id", "entry_id", "at", "actor", "department", "purpose", "basis",
                                      "grant_id", "action", "clear", "masked", "how", "withheld_until"});
const store::Appendable line_rows("vault_record_line", {"area_id", "dataset", "record_id", "entry_id"});

constexpr std::string_view kPage =
    "SELECT record_id, version, batch, changed_at, row_sealed FROM vault_record WHERE area_id = $1 AND dataset = $2 "
    "AND "
    "record_id > $3 ORDER BY record_id LIMIT $4";

std::string find_sql(size_t digests) {
  std::string sql =
      "SELECT r.record_id, r.version, r.batch, r.changed_at, r.row_sealed FROM vault_record_index i JOIN vault_record "
      "r "
      "ON r.area_id = i.area_id AND r.dataset = $2 AND r.record_id = i.record_id WHERE i.area_id = $1 AND i.digest IN "
      "(";
  for (size_t i = 0; i < digests; ++i) sql += fmt::format("{}${}", i == 0 ? "" : ", ", i + 4);
  return sql + ") ORDER BY r.record_id LIMIT $3";
}

MaskKind mask_of(ValueType type) {
  switch (type) {
    case ValueType::kPersonName:
      return MaskKind::kName;
    case ValueType::kIdNumber:
      return MaskKind::kIdNumber;
    case ValueType::kPhone:
      return MaskKind::kPhone;
    case ValueType::kAddress:
      return MaskKind::kAddress;
    case ValueType::kDate:
      return MaskKind::kYear;
    case ValueType::kText:
    case ValueType::kCreditCode:
      return MaskKind::kFirst;
    default:
      return MaskKind::kNone;
  }
}

std::string_view text_of(const std::vector<Cell>& row, std::string_view field) {
  const auto found = std::ranges::find(row, field, &Cell::field);
  return found == row.end() ? std::string_view() : std::string_view(found->text);
}

/// Decisions on the fields of one dataset by grade.
class Grades {
 public:
  Grades(const Rules& rules, const identity::Actor& actor, std::string_view action, const Opening& opening,
         const catalog::Dataset& dataset)
      : rules_(rules), actor_(actor) {
    request_ = {.action = action,
                .resource = kResource,
                .department = dataset.provider,
                .area = {},
                .subject = {},
                .purpose = opening.purpose,
                .grade = 1};
  }
  const Decision& at(int grade) {
    auto& known = known_.at(static_cast<size_t>(grade));
    if (!known) {
      request_.grade = grade;
      known = identity::decide(rules_.policy, rules_.areas, actor_, request_);
    }
    return *known;
  }

 private:
  const Rules& rules_;
  const identity::Actor& actor_;
  identity::Request request_;
  std::array<std::optional<Decision>, limits::kGrades + 1> known_;
};

}  // namespace

struct RowRoom::Considered {
  RowsAnswer answer;
  std::unique_ptr<audit::EntryDraft> entry;    // About what is told.
  std::unique_ptr<audit::EntryDraft> refusal;  // About that nothing is.
  std::vector<store::Value> release;
  std::vector<int64_t> records;
  std::string listed;  // What the entry digests of the records.
  Admit admit;
  std::optional<Refusal> refused;  // Set by the change, read when it is durable.

  Status write(store::Transaction& tx, const Vault& vault);
};

/// Lines and entry, or the refusal's. May run several times.
Status RowRoom::Considered::write(store::Transaction& tx, const Vault& vault) {
  refused = answer.refusal;
  if (admit) {
    ZHILI_ASSIGN(auto said, admit(tx, answer));
    if (!refused) refused = std::move(said);
  }
  if (refused) return vault.log().add(tx, *refusal);
  if (!records.empty()) ZHILI_TRY(tx.append(release_rows, release));
  for (const int64_t record : records) {
    ZHILI_TRY(tx.append(line_rows, {vault.area_id(), answer.dataset, record, entry->id()}));
  }
  return vault.log().add(tx, *entry);
}

void RowRoom::decide_fields(Asking& asking, const std::vector<std::string>& fields) const {
  const auto& granted = asking.opening.fields;
  std::vector<std::string> names = fields;
  if (names.empty()) {
    for (const GrantedField& one : granted) names.push_back(one.field);
  }
  Grades grades(asking.rules, asking.actor, asking.action, asking.opening, asking.dataset);
  for (const std::string& name : names) {
    const auto grant = std::ranges::find(granted, name, &GrantedField::field);
    const DatasetField* field = asking.dataset.find(name);
    if (grant == granted.end() || field == nullptr) {
      asking.refused.push_back({name, refusal_of(kNotGranted)});
      continue;
    }
    const Decision& whole = grades.at(field->grade);
    if (whole.allowed && !grant->masked) {
      asking.wanted.push_back({field, false});
      continue;
    }
    const Decision& part = grades.at(std::max(1, field->grade - 1));
    if (!whole.allowed && !part.allowed) {
      asking.refused.push_back({name, refusal_of(whole)});
    } else if (mask_of(field->type) == MaskKind::kNone) {
      asking.refused.push_back({name, refusal_of(kNoMask)});
    } else {
      asking.wanted.push_back({field, true});
    }
  }
  if (!asking.wanted.empty()) return;
  asking.refusal = asking.refused.empty() ? refusal_of(kNothing) : asking.refused.front().why;
}

Result<RowRoom::Asking> RowRoom::begin(const identity::Actor& actor, const std::vector<std::string>& fields,
                                       const std::string& how, std::string_view action, const OpenGrant& open,
                                       const Rules& rules, store::Snapshot& snapshot) {
  ZHILI_ASSIGN(Opening opening, open(snapshot));
  Asking asking{rules, actor, how, action, std::move(opening), {}, {}, {}, {}};
  asking.refusal = asking.opening.refusal;
  if (asking.refusal) return asking;
  const auto wrong = wrong_basis(vault_.catalog(), asking.opening.basis, asking.opening.purpose);
  if (!wrong.empty()) {
    asking.refusal = refusal_of(wrong == kUnknownBasis.code ? kUnknownBasis : kOtherPurpose);
    return asking;
  }
  const catalog::Registry registry(vault_.store(), vault_.log(), vault_.catalog(), vault_.area_id());
  auto listed = registry.find(asking.opening.dataset);
  if (!listed) {
    if (listed.error().code != ErrorCode::kNotFound) return fail(std::move(listed).error());
    asking.refusal = refusal_of(kWithdrawn);
    return asking;
  }
  asking.dataset = std::move(listed->dataset);
  decide_fields(asking, fields);
  return asking;
}

Status RowRoom::refresh_keys(store::Snapshot& snapshot) {
  // Another server may have made a key, and sealed by it what is looked for.
  ZHILI_ASSIGN(
      const auto newest,
      snapshot.query("SELECT coalesce(max(key_number), 0) FROM vault_key WHERE area_id = $1", {vault_.area_id()}));
  if (newest[0].int64(0) != vault_.keys().keys()->newest().number) return vault_.keys().load();
  return {};
}

Result<std::vector<RowRoom::Stored>> RowRoom::find(const Asking& asking, const std::vector<std::string>& digests,
                                                   size_t limit, store::Snapshot& snapshot) {
  static const std::string find_one = find_sql(1);
  static const std::string find_many = find_sql(kRowsAsked);
  std::vector<Stored> out;
  if (digests.empty()) return out;
  const size_t width = digests.size() == 1 ? 1 : kRowsAsked;
  for (size_t first = 0; first < digests.size(); first += width) {
    std::vector<store::Value> params{vault_.area_id(), asking.dataset.id, static_cast<int64_t>(limit)};
    params.reserve(width + 3);
    for (size_t i = 0; i < width; ++i) params.emplace_back(Bytes{digests[std::min(first + i, digests.size() - 1)]});
    ZHILI_ASSIGN(const auto rows, snapshot.query(width == 1 ? find_one : find_many, params));
    out.reserve(out.size() + rows.size());
    for (const store::Row row : rows) {
      out.push_back({row.int64(0), row.int64(1), std::string(row.text(2)), row.int64(3), std::string(row.bytes(4))});
    }
  }
  return out;
}

Result<std::vector<Cell>> RowRoom::open(const std::string& dataset, const Stored& stored) {
  const std::string number = std::to_string(stored.record);
  const SealContext context{vault_.area_id(), SealContext::Part::kRecord, dataset, number};
  auto opened = sealer_.open(*vault_.keys().keys(), context, stored.sealed);
  if (!opened && opened.error().code == ErrorCode::kNotFound) {
    // Another server has made a key meanwhile.
    ZHILI_TRY(vault_.keys().load());
    opened = sealer_.open(*vault_.keys().keys(), context, stored.sealed);
  }
  if (!opened && opened.error().code == ErrorCode::kNotFound) {
    return fail(ErrorCode::kBusy, {}, "Ask again.", "the vault's key was changed while the question was answered");
  }
  ZHILI_TRY(opened);
  return decode_row(*opened);
}

bool RowRoom::admits(const Asking& asking, const std::vector<Cell>& row) {
  return std::ranges::all_of(asking.opening.rows, [&](const RowCondition& condition) {
    const std::string_view value = text_of(row, condition.field);
    return std::ranges::any_of(condition.values, [&](const std::string& one) {
      return condition.kind == RowCondition::Kind::kOneOf ? value == one : asking.rules.areas.within(value, one);
    });
  });
}

ShownRow RowRoom::show(const Asking& asking, const Stored& stored, const std::vector<Cell>& row) {
  ShownRow out{.record = stored.record,
               .version = stored.version,
               .batch = stored.batch,
               .changed_at = stored.changed_at,
               .cells = {}};
  out.cells.reserve(asking.wanted.size());
  for (const Wanted& wanted : asking.wanted) {
    const std::string_view text = text_of(row, wanted.field->id);
    ShownCell& cell = out.cells.emplace_back(ShownCell{.field = wanted.field->id, .masked = wanted.masked});
    cell.known = !text.empty();
    cell.value = wanted.masked ? mask(mask_of(wanted.field->type), text) : std::string(text);
  }
  return out;
}

Status RowRoom::find_keys(const Asking& asking, const RowsAsk& ask, store::Snapshot& snapshot, RowsAnswer& answer) {
  const auto width = static_cast<size_t>(std::ranges::count(asking.dataset.fields, true, &DatasetField::key));
  std::vector<std::string> wanted;
  wanted.reserve(ask.keys.size());
  for (const auto& key : ask.keys) {
    if (key.size() != width) {
      return fail(ErrorCode::kInput, {}, "Give the values of all key fields, in the order of the dataset.",
                  "a key of dataset '{}' has {} values", asking.dataset.id, width);
    }
    wanted.push_back(record_key({key.begin(), key.end()}));
  }
  std::ranges::sort(wanted);
  wanted.erase(std::ranges::unique(wanted).begin(), wanted.end());
  ZHILI_TRY(refresh_keys(snapshot));
  const auto keys = vault_.keys().keys();
  for (const DataKey& key : keys->all()) {
    std::vector<std::string> digests;
    digests.reserve(wanted.size());
    for (const std::string& one : wanted) {
      ZHILI_ASSIGN(std::string digest, key_digest(sealer_, key, asking.dataset.id, one));
      digests.push_back(std::move(digest));
    }
    ZHILI_ASSIGN(const auto found, find(asking, digests, wanted.size(), snapshot));
    for (const Stored& stored : found) {
      ZHILI_ASSIGN(const auto row, open(asking.dataset.id, stored));
      // The index only proposes: what the row says counts.
      if (!std::ranges::binary_search(wanted, record_key(asking.dataset, row)) || !admits(asking, row)) continue;
      answer.rows.push_back(show(asking, stored, row));
    }
  }
  return {};
}

Status RowRoom::look_up(const Asking& asking, const RowsAsk& ask, store::Snapshot& snapshot, RowsAnswer& answer) {
  const DatasetField* by = asking.dataset.find(ask.by);
  if (by == nullptr || !is_look_up(by->type)) {
    return wrong_ask("no row is looked up by", ask.by, "By ID numbers, credit codes, telephones and names.");
  }
  ZHILI_TRY(refresh_keys(snapshot));
  const auto keys = vault_.keys().keys();
  const std::string standard = standard_form(by->type, ask.value);
  for (const DataKey& key : keys->all()) {
    ZHILI_ASSIGN(std::string digest, record_digest(sealer_, key, asking.dataset.id, by->id, by->type, ask.value));
    if (digest.empty()) break;
    ZHILI_ASSIGN(const auto found, find(asking, {std::move(digest)}, limits::kMatchesSeen + 1, snapshot));
    if (found.size() > limits::kMatchesSeen) answer.more = true;
    for (const Stored& stored : found) {
      ZHILI_ASSIGN(const auto row, open(asking.dataset.id, stored));
      if (standard_form(by->type, text_of(row, by->id)) != standard || !admits(asking, row)) continue;
      if (answer.rows.size() == kRowsTold) {
        answer.more = true;
        break;
      }
      answer.rows.push_back(show(asking, stored, row));
    }
  }
  return {};
}

Status RowRoom::note(const Asking& asking, const RowsAsk* ask, const std::string& job, Considered& made) {
  const Opening& opening = asking.opening;
  const auto object =
      job.empty() ? audit::Ref::by_id(audit::Kind::kGrant, opening.grant) : audit::Ref::by_id(audit::Kind::kJob, job);
  const auto begun = [&]() -> Result<std::unique_ptr<audit::EntryDraft>> {
    ZHILI_ASSIGN(auto entry, vault_.log().draft(audit::Action::kDisclose, audit::Ref::of_actor(asking.actor.account)));
    entry.object(object).purpose(word_of(opening.purpose)).basis(word_of(opening.basis));
    return std::make_unique<audit::EntryDraft>(std::move(entry));
  };
  ZHILI_ASSIGN(made.refusal, begun());
  made.refusal->count(word_of("refused"), 1);
  made.answer.refusal_entry = made.refusal->id();
  made.answer.grant = opening.grant;
  made.answer.dataset = opening.dataset;
  made.answer.refused = asking.refused;
  made.answer.time = vault_.store().now();
  made.answer.refusal = asking.refusal;
  if (made.answer.refusal) return {};
  ZHILI_ASSIGN(made.entry, begun());
  std::vector<std::string> clear;
  std::vector<std::string> masked;
  for (const Wanted& one : asking.wanted) (one.masked ? masked : clear).push_back(one.field->id);
  made.records.reserve(made.answer.rows.size());
  std::string listed = fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}|{}|{}\n", opening.dataset, opening.department,
                                   made.answer.time, asking.actor.account, opening.purpose, opening.basis,
                                   opening.grant, asking.action, joined(clear), joined(masked), asking.how);
  for (const ShownRow& row : made.answer.rows) {
    made.records.push_back(row.record);
    listed += fmt::format("{}\n", row.record);
  }
  made.entry->count(word_of("rows"), made.records.size())
      .count(word_of("clear"), clear.size())
      .count(word_of("masked"), masked.size())
      .change(listed);
  if (!asking.refused.empty()) made.entry->count(word_of("refused"), asking.refused.size());
  if (ask != nullptr && !ask->by.empty()) {
    made.entry->personal(word_of(ask->by), standard_form(asking.dataset.find(ask->by)->type, ask->value));
  } else if (ask != nullptr) {
    std::string keys;
    for (const auto& key : ask->keys) keys += record_key({key.begin(), key.end()});
    made.entry->personal(word_of("key"), keys);
  }
  made.answer.entry = made.entry->id();
  made.release = {vault_.area_id(),
                  made.entry->id(),
                  made.answer.time,
                  asking.actor.account,
                  opening.department,
                  opening.purpose,
                  opening.basis,
                  opening.grant,
                  asking.action,
                  joined(clear),
                  joined(masked),
                  asking.how,
                  withheld_until(asking.rules.withheld, opening.basis, made.answer.time)};
  return {};
}

Result<std::shared_ptr<RowRoom::Considered>> RowRoom::consider(const RowsAsk& ask, const Rules& rules,
                                                               store::Snapshot& snapshot) {
  if (ask.keys.empty() == ask.by.empty() || ask.keys.size() > kRowsAsked) {
    return fail(ErrorCode::kInput, {}, "Name rows by their keys, or a field and its value.",
                "rows are asked for by 1 to {} keys, or by one value", kRowsAsked);
  }
  ZHILI_ASSIGN(Asking asking,
               begin(ask.actor, ask.fields, ask.how, ask.by.empty() ? "read" : "look_up", ask.open, rules, snapshot));
  if (!asking.refusal && !ask.by.empty() &&
      std::ranges::find(asking.opening.fields, ask.by, &GrantedField::field) == asking.opening.fields.end()) {
    asking.refusal = refusal_of(kNotGranted);
  }
  auto made = std::make_shared<Considered>();
  made->admit = ask.admit;
  if (!asking.refusal) {
    ZHILI_TRY(ask.by.empty() ? find_keys(asking, ask, snapshot, made->answer)
                             : look_up(asking, ask, snapshot, made->answer));
  }
  ZHILI_TRY(note(asking, &ask, "", *made));
  return made;
}

void RowRoom::answer(Question<RowsAsk, RowsAnswer> question, store::Snapshot& snapshot) {
  auto made = consider(question.ask, *question.rules, snapshot);
  if (!made) {
    question.done(fail(std::move(made).error()));
    return;
  }
  // The room may be gone when the change runs: the vault is not.
  const auto shared = *made;
  vault_.store().submit([shared, &vault = vault_](store::Transaction& tx) { return shared->write(tx, vault); },
                        [shared, done = std::move(question.done)](Status written) mutable {
                          if (!written) {
                            done(fail(std::move(written).error()));
                            return;
                          }
                          RowsAnswer& told = shared->answer;
                          if (shared->refused) {
                            told.rows.clear();
                            told.more = false;
                            Refusal why = shared->refused.value_or(Refusal{});
                            why.entry = told.entry = shared->refusal->id();
                            told.refusal = std::move(why);
                          }
                          done(std::move(told));
                        });
}

/// A release under way.
struct RowRoom::Releasing {
  struct Group {
    std::shared_ptr<Considered> made;
    std::vector<ShownRow> rows;
    std::future<Status> written;
  };
  Asking& asking;
  const ReleaseAsk& ask;
  const Door::TakeRows& take;
  Released out;
  int64_t after = 0;
  bool end = false;
  int64_t last_sign = 0;
  std::deque<Group> under_way;

  /// Waits for the oldest group, and hands it over. False where the grant did not admit it.
  Result<bool> settle() {
    Group group = std::move(under_way.front());
    under_way.pop_front();
    ZHILI_TRY(group.written.get());
    if (group.made->refused) {
      if (!out.refusal) {
        Refusal why = group.made->refused.value_or(Refusal{});
        why.entry = group.made->refusal->id();
        out.refusal = std::move(why);
      }
      return false;
    }
    if (out.refusal) return false;
    out.rows += group.rows.size();
    ZHILI_TRY(take(group.rows));
    return true;
  }
};

Status RowRoom::release_group(Releasing& releasing) {
  ZHILI_ASSIGN(const auto rows, vault_.store().query(kPage, {vault_.area_id(), releasing.asking.dataset.id,
                                                             releasing.after, static_cast<int64_t>(kReleaseGroup)}));
  releasing.end = rows.size() < kReleaseGroup;
  auto made = std::make_shared<Considered>();
  made->admit = releasing.ask.admit;
  std::vector<ShownRow> shown;
  shown.reserve(rows.size());
  for (const store::Row row : rows) {
    const Stored stored{row.int64(0), row.int64(1), std::string(row.text(2)), row.int64(3), std::string(row.bytes(4))};
    releasing.after = stored.record;
    ZHILI_ASSIGN(const auto cells, open(releasing.asking.dataset.id, stored));
    if (!admits(releasing.asking, cells)) continue;
    shown.push_back(show(releasing.asking, stored, cells));
    made->answer.rows.push_back(ShownRow{.record = stored.record});
  }
  const std::string job = releasing.out.job;
  if (shown.empty()) {
    const int64_t now = vault_.store().now();
    if (is_within(releasing.last_sign, kJobSilence / 4, now)) return {};
    releasing.last_sign = now;
    return vault_.store().commit([&](store::Transaction& tx) { return note_progress(tx, vault_, job, {}); });
  }
  ZHILI_TRY(note(releasing.asking, nullptr, job, *made));
  auto written = std::make_shared<std::promise<Status>>();
  releasing.under_way.push_back({made, std::move(shown), written->get_future()});
  vault_.store().submit(
      [made, job, &vault = vault_](store::Transaction& tx) -> Status {
        ZHILI_TRY(made->write(tx, vault));
        return note_progress(tx, vault, job, {0, 0, made->refused ? 0 : made->records.size(), 0});
      },
      [written](Status done) { written->set_value(std::move(done)); });
  return {};
}

Result<Released> RowRoom::release(const ReleaseAsk& ask, const Rules& rules, const Cancel& cancel,
                                  const Door::TakeRows& take) {
  std::optional<Asking> asking;
  {
    ZHILI_ASSIGN(auto snapshot, vault_.store().read());
    auto begun = begin(ask.actor, ask.fields, ask.how, "export", ask.open, rules, snapshot);
    if (!begun) return fail(std::move(begun).error());
    asking.emplace(std::move(*begun));
  }
  Releasing releasing{*asking, ask, take, {}, 0, false, 0, {}};
  Released& out = releasing.out;
  out.refused = asking->refused;
  if (asking->refusal) {
    auto made = std::make_shared<Considered>();
    made->admit = ask.admit;
    ZHILI_TRY(note(*asking, nullptr, "", *made));
    ZHILI_TRY(vault_.store().commit([&](store::Transaction& tx) { return made->write(tx, vault_); }));
    Refusal why = made->refused.value_or(Refusal{});
    why.entry = made->refusal->id();
    out.refusal = std::move(why);
    return std::move(out);
  }
  std::vector<std::string> fields;
  for (const Wanted& one : asking->wanted) {
    out.fields.push_back({one.field->id, one.masked});
    fields.push_back(one.field->id);
  }
  ZHILI_ASSIGN(out.job, begin_job(vault_, {.work = "release",
                                           .kind = asking->opening.grant,
                                           .actor = ask.actor.account,
                                           .purpose = asking->opening.purpose,
                                           .basis = asking->opening.basis,
                                           .fields = joined(fields)}));
  const auto work = [&]() -> Status {
    {
      ZHILI_ASSIGN(auto snapshot, vault_.store().read());
      ZHILI_TRY(refresh_keys(snapshot));
    }
    while (!releasing.end && !out.refusal) {
      ZHILI_TRY(cancel.check());
      ZHILI_TRY(release_group(releasing));
      while (releasing.under_way.size() > kReleaseAhead) ZHILI_TRY(releasing.settle());
    }
    while (!releasing.under_way.empty()) ZHILI_TRY(releasing.settle());
    return {};
  };
  const Status done = work();
  // What was handed to the store refers to what is here.
  for (auto& group : releasing.under_way) group.written.wait();
  const Status ended = end_job(vault_, out.job, done && !out.refusal ? "done" : "broken_off");
  ZHILI_TRY(done);
  ZHILI_TRY(ended);
  return std::move(out);
}

std::optional<Refusal> RowRoom::refuse_survey(const SurveyAsk& ask, const catalog::Dataset& dataset,
                                              const Rules& rules) const {
  const auto wrong = wrong_basis(vault_.catalog(), ask.basis, ask.purpose);
  if (!wrong.empty()) return refusal_of(wrong == kUnknownBasis.code ? kUnknownBasis : kOtherPurpose);
  int grade = 1;
  for (const std::string& name : ask.fields) grade = std::max(grade, dataset.find(name)->grade);
  const Decision decision = identity::decide(rules.policy, rules.areas, ask.actor,
                                             {.action = ask.action,
                                              .resource = ask.resource,
                                              .department = dataset.provider,
                                              .area = {},
                                              .subject = {},
                                              .purpose = ask.purpose,
                                              .grade = grade});
  if (decision.allowed) return std::nullopt;
  return refusal_of(decision);
}

Status RowRoom::survey_rows(const SurveyAsk& ask, const Cancel& cancel, const Door::TakeCells& take, Surveyed& out) {
  {
    ZHILI_ASSIGN(auto snapshot, vault_.store().read());
    ZHILI_TRY(refresh_keys(snapshot));
  }
  std::vector<std::string_view> cells(ask.fields.size());
  int64_t after = 0;
  int64_t last_sign = vault_.store().now();
  for (bool end = false; !end;) {
    ZHILI_TRY(cancel.check());
    ZHILI_ASSIGN(const auto rows, vault_.store().query(kPage, {vault_.area_id(), ask.dataset, after,
                                                               static_cast<int64_t>(kReleaseGroup)}));
    end = rows.size() < kReleaseGroup;
    for (const store::Row row : rows) {
      const Stored stored{row.int64(0), row.int64(1), std::string(row.text(2)), row.int64(3),
                          std::string(row.bytes(4))};
      after = stored.record;
      ZHILI_ASSIGN(const auto opened, open(ask.dataset, stored));
      for (size_t i = 0; i < cells.size(); ++i) cells[i] = text_of(opened, ask.fields[i]);
      ZHILI_TRY(take(cells));
      ++out.rows;
    }
    const int64_t now = vault_.store().now();
    if (is_within(last_sign, kJobSilence / 4, now)) continue;
    last_sign = now;
    ZHILI_TRY(vault_.store().commit([&](store::Transaction& tx) { return note_progress(tx, vault_, out.job, {}); }));
  }
  return {};
}

Result<Surveyed> RowRoom::survey(const SurveyAsk& ask, const Rules& rules, const Cancel& cancel,
                                 const Door::TakeCells& take) {
  const catalog::Registry registry(vault_.store(), vault_.log(), vault_.catalog(), vault_.area_id());
  ZHILI_ASSIGN(const auto listed, registry.find(ask.dataset));
  for (const std::string& name : ask.fields) {
    if (listed.dataset.find(name) == nullptr) {
      return wrong_ask("the dataset has no field", name, "The catalogue lists its fields.");
    }
  }
  Surveyed out;
  out.refusal = refuse_survey(ask, listed.dataset, rules);
  if (out.refusal) {
    ZHILI_ASSIGN(auto entry, vault_.log().draft(audit::Action::kDisclose, audit::Ref::of_actor(ask.actor.account)));
    entry.object(audit::Ref::by_id(audit::Kind::kDataset, word_id(ask.dataset)))
        .purpose(word_of(ask.purpose))
        .basis(word_of(ask.basis))
        .count(word_of("refused"), 1);
    out.refusal->entry = entry.id();
    ZHILI_TRY(vault_.log().add(entry));
    return out;
  }
  ZHILI_ASSIGN(out.job, begin_job(vault_, {.work = "survey",
                                           .kind = ask.dataset,
                                           .actor = ask.actor.account,
                                           .purpose = ask.purpose,
                                           .basis = ask.basis,
                                           .fields = joined(ask.fields)}));
  const Status done = survey_rows(ask, cancel, take, out);
  const Status ended = end_job(vault_, out.job, done ? "done" : "broken_off", out.rows);
  ZHILI_TRY(done);
  ZHILI_TRY(ended);
  return out;
}

Result<Held> RowRoom::holds(const SeenValue& seen) {
  ZHILI_ASSIGN(auto snapshot, vault_.store().read());
  ZHILI_TRY(refresh_keys(snapshot));
  ZHILI_ASSIGN(const auto rows, snapshot.query("SELECT version, batch, changed_at, row_sealed FROM vault_record WHERE "
                                               "area_id = $1 AND dataset = $2 AND record_id = $3",
                                               {vault_.area_id(), seen.dataset, seen.record}));
  if (rows.empty()) return Held::kGone;
  const store::Row row = rows[0];
  const Stored stored{seen.record, row.int64(0), std::string(row.text(1)), row.int64(2), std::string(row.bytes(3))};
  ZHILI_ASSIGN(const auto cells, open(seen.dataset, stored));
  ZHILI_ASSIGN(auto hasher, audit::Hasher::create(audit::HashKind::kSha256));
  const auto digest = audit::salted_digest(hasher, {seen.salt}, seen.field, text_of(cells, seen.field));
  return digest == seen.digest ? Held::kSame : Held::kOther;
}

Result<TextTold> RowRoom::text(const TextAsk& ask, const Rules& rules) {
  ZHILI_ASSIGN(auto snapshot, vault_.store().read());
  ZHILI_TRY(refresh_keys(snapshot));
  ZHILI_ASSIGN(const auto rows, snapshot.query("SELECT sealed FROM vault_file_key WHERE area_id = $1 AND dataset = $2 "
                                               "AND batch = $3",
                                               {vault_.area_id(), kTexts, ask.id}));
  if (rows.empty()) return fail(ErrorCode::kNotFound, {}, "", "there is no such text");
  const Decision decision = identity::decide(rules.policy, rules.areas, ask.actor,
                                             {.action = "read",
                                              .resource = ask.resource,
                                              .department = ask.department,
                                              .area = {},
                                              .subject = ask.account,
                                              .purpose = ask.purpose,
                                              .grade = ask.grade});
  TextTold out;
  const auto wrong = wrong_basis(vault_.catalog(), ask.basis, ask.purpose);
  if (!wrong.empty()) {
    out.refusal = refusal_of(wrong == kUnknownBasis.code ? kUnknownBasis : kOtherPurpose);
  } else if (!decision.allowed) {
    out.refusal = refusal_of(decision);
  }
  ZHILI_ASSIGN(auto entry, vault_.log().draft(audit::Action::kDisclose, audit::Ref::of_actor(ask.actor.account)));
  entry.object(audit::Ref::by_id(audit::Kind::kCase, ask.id)).purpose(word_of(ask.purpose)).basis(word_of(ask.basis));
  if (out.refusal) entry.count(word_of("refused"), 1);
  out.entry = entry.id();
  if (out.refusal) {
    out.refusal->entry = entry.id();
  } else {
    const SealContext context{vault_.area_id(), SealContext::Part::kFileKey, kTexts, ask.id};
    ZHILI_ASSIGN(out.text, sealer_.open(*vault_.keys().keys(), context, rows[0].bytes(0)));
  }
  ZHILI_TRY(vault_.log().add(entry));
  return out;
}

}  // namespace zhili::vault
