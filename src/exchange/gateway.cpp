#include "exchange/gateway.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include <boost/json.hpp>

#include "exchange/words.hpp"

namespace zhili::exchange {
namespace {

namespace json = boost::json;
using store::Transaction;
using vault::Refusal;
using vault::RowsAnswer;

constexpr int64_t kMinute = int64_t{60} * 1'000'000;
constexpr size_t kGrantBytes = 64;
constexpr int64_t kYear = 366;

struct Words {
  std::string_view code;
  std::string_view zh;
  std::string_view en;
};
constexpr std::array<Words, 8> kRefusals = {
    {{"grant_unknown", "没有此共享授权", "there is no such grant"},
     {"grant_not_yours", "该共享授权属于其他部门", "the grant is another department's"},
     {"grant_not_in_force", "该共享授权未生效或已撤回", "the grant is not in force"},
     {"grant_expired", "该共享授权已到期", "the grant has expired"},
     {"grant_revoked", "该共享授权已被提供部门终止", "the owner has ended the grant"},
     {"over_rate_minute", "超过每分钟调用次数上限", "more calls in this minute than the grant allows"},
     {"over_rate_day", "超过每日调用次数上限", "more calls on this day than the grant allows"},
     {"file_gone", "文件已不再提供", "the file is not offered any more"}}};

const store::Appendable call_rows("exchange_call",
                                  {"area_id", "grant_id", "entry_id", "at", "actor", "action", "told", "refusal"});

/// Why a grant opens nothing; empty where it does.
std::string_view closed_by(const Request& request, int64_t now) {
  switch (request.state) {
    case State::kApproved:
      return request.conditions.until <= now ? "grant_expired" : "";
    case State::kExpired:
      return "grant_expired";
    case State::kRevoked:
      return "grant_revoked";
    default:
      return "grant_not_in_force";
  }
}

bool acts_for(const identity::Actor& actor, const std::string& department) {
  return std::ranges::any_of(actor.assignments, [&](const auto& post) { return post.department == department; });
}

}  // namespace

Refusal refusal_by(std::string_view code) {
  const auto found = std::ranges::find(kRefusals, code, &Words::code);
  if (found == kRefusals.end()) return {std::string(code), {}, {}, {}, {}};
  return {std::string(code), {}, std::string(found->zh), std::string(found->en), {}};
}

std::string answer_json(const RowsAnswer& answer) {
  json::array fields;
  if (!answer.rows.empty()) {
    for (const auto& cell : answer.rows.front().cells) {
      fields.push_back(json::object{{"field", cell.field}, {"masked", cell.masked}});
    }
  }
  json::array rows;
  for (const auto& row : answer.rows) {
    json::array cells;
    for (const auto& cell : row.cells) cells.push_back(cell.known ? json::value(cell.value) : json::value(nullptr));
    rows.push_back(std::move(cells));
  }
  // In the order of the keys: the bytes are what is signed.
  return json::serialize(json::object{{"dataset", answer.dataset},
                                      {"entry", answer.entry},
                                      {"fields", std::move(fields)},
                                      {"grant", answer.grant},
                                      {"more", answer.more},
                                      {"rows", std::move(rows)},
                                      {"time", answer.time}});
}

struct Gateway::State {
  struct Waiting {
    RowsAnswer rows;
    vault::Answered<Used> done;
  };
  State(Requests& requests_in, vault::Door& door_in, Signer signer_in)
      : requests(requests_in), door(door_in), signer(std::move(signer_in)) {}

  void push(Waiting one);
  void work();
  Result<std::optional<Refusal>> admit(Transaction& tx, const RowsAnswer& answer, const identity::Actor& actor,
                                       const std::string& grant, const std::string& action, bool counts) const;
  Result<std::optional<Refusal>> limits(Transaction& tx, const Request& request, int64_t now) const;
  Status count(Transaction& tx, const RowsAnswer& answer, const Call& call, const std::string& grant,
               bool counts) const;

  Requests& requests;
  vault::Door& door;
  const Signer signer;
  std::mutex mutex;
  std::condition_variable came;
  std::condition_variable idle;
  std::deque<Waiting> waiting;
  size_t under_way = 0;
  bool stopping = false;
  std::thread thread;
};

void Gateway::State::push(Waiting one) {
  std::unique_lock lock(mutex);
  if (waiting.size() < kSignQueue) {
    waiting.push_back(std::move(one));
    lock.unlock();
    came.notify_one();
    return;
  }
  lock.unlock();
  one.done(fail(ErrorCode::kBusy, {}, "Ask again in a moment.", "too many answers wait for their signature"));
}

/// A signature takes longer than the store's writer may wait.
void Gateway::State::work() {
  std::unique_lock lock(mutex);
  for (;;) {
    came.wait(lock, [this] { return stopping || !waiting.empty(); });
    if (waiting.empty()) return;
    Waiting one = std::move(waiting.front());
    waiting.pop_front();
    lock.unlock();
    Used out;
    out.rows = std::move(one.rows);
    Status made;
    if (!out.rows.refusal) {
      out.answer = answer_json(out.rows);
      auto note = signer.sign({.grant = out.rows.grant,
                               .dataset = out.rows.dataset,
                               .entry = out.rows.entry,
                               .time = out.rows.time,
                               .digest = {},
                               .bytes = 0},
                              out.answer);
      if (note) {
        out.note = std::move(*note);
      } else {
        made = fail(std::move(note).error());
      }
    }
    if (made) {
      one.done(std::move(out));
    } else {
      one.done(fail(std::move(made).error()));
    }
    lock.lock();
  }
}

/// The windows of a minute and of a day, in one row of the store: so they hold over all servers.
Result<std::optional<Refusal>> Gateway::State::limits(Transaction& tx, const Request& request, int64_t now) const {
  const int64_t area_id = requests.ground().area_id;
  const int64_t minute = now / kMinute;
  const int64_t day = requests.terms()->calendar.day_of(now).time_since_epoch().count();
  ZHILI_ASSIGN(const auto rows, tx.query("SELECT minute, in_minute, day, in_day FROM exchange_window WHERE area_id = "
                                         "$1 AND grant_id = $2",
                                         {area_id, request.id}));
  const int64_t in_minute = !rows.empty() && rows[0].int64(0) == minute ? rows[0].int64(1) : 0;
  const int64_t in_day = !rows.empty() && rows[0].int64(2) == day ? rows[0].int64(3) : 0;
  if (in_day >= request.conditions.per_day) return std::optional(refusal_by("over_rate_day"));
  if (in_minute >= request.conditions.per_minute) return std::optional(refusal_by("over_rate_minute"));
  ZHILI_TRY(
      tx.execute("INSERT INTO exchange_window (area_id, grant_id, minute, in_minute, day, in_day) VALUES ($1, "
                 "$2, $3, $4, $5, $6) ON CONFLICT (area_id, grant_id) DO UPDATE SET minute = excluded.minute, "
                 "in_minute = excluded.in_minute, day = excluded.day, in_day = excluded.in_day",
                 {area_id, request.id, minute, in_minute + 1, day, in_day + 1}));
  return std::optional<Refusal>();
}

Status Gateway::State::count(Transaction& tx, const RowsAnswer& answer, const Call& call, const std::string& grant,
                             bool counts) const {
  const int64_t area_id = requests.ground().area_id;
  const int64_t refused = call.refusal.empty() ? 0 : 1;
  const int64_t day = requests.terms()->calendar.day_of(answer.time).time_since_epoch().count();
  ZHILI_TRY(tx.execute(
      "INSERT INTO exchange_use (area_id, grant_id, day, calls, told, refused) VALUES ($1, $2, $3, $6, "
      "$4, $5) ON CONFLICT (area_id, grant_id, day) DO UPDATE SET calls = exchange_use.calls + excluded.calls, "
      "told = exchange_use.told + excluded.told, refused = exchange_use.refused + excluded.refused",
      {area_id, grant, day, call.rows, refused, counts ? 1 : 0}));
  return tx.append(call_rows,
                   {area_id, grant, call.entry, call.time, call.actor, call.action, call.rows, call.refusal});
}

Result<std::optional<Refusal>> Gateway::State::admit(Transaction& tx, const RowsAnswer& answer,
                                                     const identity::Actor& actor, const std::string& grant,
                                                     const std::string& action, bool counts) const {
  auto request = requests.read(tx, grant);
  if (!request) {
    // What nobody granted is no grant's use: the audit log alone tells of it.
    if (request.error().code != ErrorCode::kNotFound) return fail(std::move(request).error());
    return std::optional(refusal_by("grant_unknown"));
  }
  std::optional<Refusal> out = answer.refusal;
  if (!out) {
    const std::string_view closed = closed_by(*request, answer.time);
    if (!closed.empty()) out = refusal_by(closed);
  }
  if (!out && counts) {
    ZHILI_ASSIGN(out, limits(tx, *request, answer.time));
  }
  if (!out && request->delivered_at == 0) {
    ZHILI_TRY(
        tx.execute("UPDATE exchange_request SET delivered_at = $3 WHERE area_id = $1 AND id = $2 AND "
                   "delivered_at = 0",
                   {requests.ground().area_id, request->id, answer.time}));
  }
  const Call call{.entry = out ? answer.refusal_entry : answer.entry,
                  .time = answer.time,
                  .actor = actor.account,
                  .action = action,
                  .rows = out ? 0 : static_cast<int64_t>(answer.rows.size()),
                  .refusal = out ? out->code : std::string()};
  ZHILI_TRY(count(tx, answer, call, grant, counts));
  return out;
}

Gateway::Gateway(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Gateway>> Gateway::open(Requests& requests, vault::Door& door, Signer signer) {
  auto state = std::make_unique<State>(requests, door, std::move(signer));
  State* shared = state.get();
  state->thread = std::thread([shared] { shared->work(); });
  return std::unique_ptr<Gateway>(new Gateway(std::move(state)));
}

Gateway::~Gateway() {
  {
    std::unique_lock lock(state_->mutex);
    // What the door was asked comes back here.
    state_->idle.wait(lock, [this] { return state_->under_way == 0; });
    state_->stopping = true;
  }
  state_->came.notify_all();
  state_->thread.join();
}

vault::OpenGrant Gateway::opens(const identity::Actor& actor, const std::string& grant) const {
  return [this, actor, grant](store::Snapshot& snapshot) -> Result<vault::Opening> {
    vault::Opening out;
    out.grant = grant.substr(0, kGrantBytes);
    auto found = state_->requests.read(snapshot, grant);
    if (!found) {
      if (found.error().code != ErrorCode::kNotFound) return fail(std::move(found).error());
      out.refusal = refusal_by("grant_unknown");
      return out;
    }
    const Request& request = *found;
    out.department = request.wanted.department;
    out.dataset = request.wanted.dataset;
    out.fields = request.conditions.fields;
    out.rows = request.conditions.rows;
    out.purpose = request.wanted.purpose;
    out.basis = request.wanted.basis;
    const std::string_view closed = acts_for(actor, request.wanted.department)
                                        ? closed_by(request, state_->requests.ground().store.now())
                                        : "grant_not_yours";
    if (!closed.empty()) out.refusal = refusal_by(closed);
    return out;
  };
}

vault::Admit Gateway::admits(const identity::Actor& actor, const std::string& grant, const std::string& action,
                             bool counts) const {
  return [this, actor, grant, action, counts](Transaction& tx, const RowsAnswer& answer) {
    return state_->admit(tx, answer, actor, grant, action, counts);
  };
}

void Gateway::use(Use use, vault::Answered<Used> done) {
  vault::RowsAsk ask;
  ask.actor = use.actor;
  ask.open = opens(use.actor, use.grant);
  ask.keys = std::move(use.keys);
  ask.by = std::move(use.by);
  ask.value = std::move(use.value);
  ask.fields = std::move(use.fields);
  ask.how = std::move(use.how);
  ask.admit = admits(use.actor, use.grant, ask.by.empty() ? "read" : "look_up");
  {
    const std::scoped_lock lock(state_->mutex);
    ++state_->under_way;
  }
  state_->door.rows(std::move(ask), [state = state_.get(), done = std::move(done)](Result<RowsAnswer> rows) mutable {
    if (rows) {
      state->push({std::move(*rows), std::move(done)});
    } else {
      done(fail(std::move(rows).error()));
    }
    const std::scoped_lock lock(state->mutex);
    --state->under_way;
    state->idle.notify_all();
  });
}

Result<Used> Gateway::use_now(Use question) {
  std::promise<Result<Used>> promise;
  auto future = promise.get_future();
  use(std::move(question), [&promise](Result<Used> used) { promise.set_value(std::move(used)); });
  return future.get();
}

Result<std::vector<Gateway::Day>> Gateway::days(const identity::Actor& actor, std::string_view grant,
                                                std::string_view purpose) const {
  ZHILI_ASSIGN(const auto request, state_->requests.find(actor, grant, purpose));
  const Ground& ground = state_->requests.ground();
  ZHILI_ASSIGN(const auto rows, ground.store.query("SELECT day, calls, told, refused FROM exchange_use WHERE area_id = "
                                                   "$1 AND grant_id = $2 ORDER BY day DESC LIMIT $3",
                                                   {ground.area_id, request.id, kYear}));
  std::vector<Day> out;
  out.reserve(rows.size());
  for (const store::Row row : rows) out.push_back({row.int64(0), row.int64(1), row.int64(2), row.int64(3)});
  return out;
}

Result<std::vector<Gateway::Call>> Gateway::calls(const identity::Actor& actor, std::string_view grant,
                                                  std::string_view before, size_t limit,
                                                  std::string_view purpose) const {
  if (limit == 0 || limit > kCallPage) {
    return fail(ErrorCode::kInput, {}, "Ask for the next page.", "a page has 1 to {} calls", kCallPage);
  }
  ZHILI_ASSIGN(const auto request, state_->requests.find(actor, grant, purpose));
  const Ground& ground = state_->requests.ground();
  ZHILI_ASSIGN(
      const auto rows,
      ground.store.query("SELECT entry_id, at, actor, action, told, refusal FROM exchange_call WHERE area_id = "
                         "$1 AND grant_id = $2 AND ($3 = '' OR entry_id < $3) ORDER BY entry_id DESC LIMIT $4",
                         {ground.area_id, request.id, before, static_cast<int64_t>(limit)}));
  std::vector<Call> out;
  out.reserve(rows.size());
  for (const store::Row row : rows) {
    out.push_back({std::string(row.text(0)), row.int64(1), std::string(row.text(2)), std::string(row.text(3)),
                   row.int64(4), std::string(row.text(5))});
  }
  return out;
}

Result<audit::VerifyKey> Gateway::verify_key() const { return state_->signer.verify_key(); }
const Signer& Gateway::signer() const { return state_->signer; }

}  // namespace zhili::exchange
