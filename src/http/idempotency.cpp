#include "http/idempotency.hpp"

#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/clock.hpp"
#include "base/limits.hpp"
#include "http/contract.hpp"
#include "identity/digest.hpp"

namespace zhili::http {
namespace json = boost::json;

namespace {

// What became of the first request.
enum State : int64_t { kRunning = 0, kDone = 1, kUnknown = 2 };

constexpr int64_t kMargin = 60LL * 1'000'000;
constexpr int64_t kSweepEvery = 600LL * 1'000'000;
constexpr int64_t kSweptAtOnce = 250;

void part(std::string& out, std::string_view text) { out += fmt::format("{}:{}", text.size(), text); }

std::string text_of(const Request& request) {
  std::string out;
  part(out, request.operation->id);
  part(out, name_of(request.method));
  part(out, request.path);
  for (const auto& [name, value] : request.query) {
    part(out, name);
    part(out, value);
  }
  part(out, request.headers.find("content-type").value_or(""));
  part(out, request.headers.find("if-match").value_or(""));
  part(out, request.body);
  return out;
}

std::string text_of(const Response& response) {
  json::object out;
  out["status"] = response.status;
  out["type"] = response.content_type;
  out["body"] = response.content();
  out["secret"] = response.secret;
  out["code"] = response.code;
  json::array headers;
  for (const auto& [name, value] : response.headers) headers.push_back(json::array({name, value}));
  out["headers"] = std::move(headers);
  return json::serialize(out);
}

std::string string_of(const json::value& value) { return std::string(value.get_string()); }

Response response_of(const json::object& kept) {
  Response out;
  out.status = static_cast<int>(kept.at("status").as_int64());
  out.content_type = string_of(kept.at("type"));
  out.body = string_of(kept.at("body"));
  out.secret = kept.at("secret").as_bool();
  out.code = string_of(kept.at("code"));
  for (const json::value& entry : kept.at("headers").as_array()) {
    out.headers.emplace_back(string_of(entry.at(0)), string_of(entry.at(1)));
  }
  return out;
}

Problem other_request() {
  return {422,
          "key-of-other-request",
          {"幂等键已用于其他请求", "The key was used for another request"},
          {"请为新的请求使用新的 Idempotency-Key", "Take a new Idempotency-Key for another request"}};
}

Problem still_running() {
  Problem out{409,
              "still-running",
              {"请求正在处理", "It is worked on"},
              {"相同的请求正在处理，请稍后重试", "The same request is worked on; ask again in a moment"}};
  out.headers.emplace_back("Retry-After", "1");
  return out;
}

Problem nobody_knows() {
  return {409,
          "outcome-unknown",
          {"结果未知", "Outcome unknown"},
          {"上一次相同的请求中断，无法确认是否完成；请先查看，再以新的幂等键重复",
           "The same request was cut off; look whether it was done before you repeat it with a new key"}};
}

Problem bad_key() {
  return bad_request("bad-idempotency-key", {"Idempotency-Key 应为 1 至 255 个可见 ASCII 字符",
                                             "Idempotency-Key has to be 1 to 255 visible ASCII characters"});
}

bool is_key(std::string_view text) {
  if (text.empty() || text.size() > limits::kIdempotencyKeyBytes) return false;
  for (const char c : text) {
    if (c <= ' ' || c > '~') return false;
  }
  return true;
}

}  // namespace

/// One key of one caller, and the request that it is for.
struct Idempotency::Claim {
  std::string actor;
  std::string key;      // SHA-256.
  std::string request;  // SHA-256.
  std::string name() const { return actor + "/" + key; }
  std::string context() const { return "zhili http answer " + name(); }
};

/// Keeps the answer, and gives it on when that is durable.
class Idempotency::Keeper : public Answering {
 public:
  Keeper(std::shared_ptr<Idempotency> owner, Claim claim, const Request& request, Responder&& to)
      : owner_(std::move(owner)),
        claim_(std::move(claim)),
        language_(request.language),
        id_(request.id),
        to_(std::move(to)) {}

  void answer(Response&& response) override {
    auto kept = std::make_shared<Response>(std::move(response));
    auto to = std::make_shared<Responder>(std::move(to_));
    owner_->settle(claim_, *kept, [kept, to] { to->send(std::move(*kept)); });
  }
  void answer(const Problem& problem) override { answer(problem_response(problem, language_, id_)); }

 private:
  const std::shared_ptr<Idempotency> owner_;
  const Claim claim_;
  const Language language_;
  const std::string id_;
  Responder to_;
};

std::vector<store::Migration> Idempotency::migrations() {
  return {{"http", 1,
           "CREATE TABLE http_answer (area_id BIGINT NOT NULL, actor TEXT NOT NULL, key BYTEA NOT NULL, "
           "request BYTEA NOT NULL, state BIGINT NOT NULL, answer BYTEA, run TEXT NOT NULL, until BIGINT NOT NULL, "
           "created BIGINT NOT NULL, PRIMARY KEY (area_id, actor, key));"
           "CREATE INDEX http_answer_by_created ON http_answer (area_id, created);"}};
}

Result<std::shared_ptr<Idempotency>> Idempotency::create(store::Store& store, const identity::SealKeys& seal,
                                                         identity::Entropy& entropy, int64_t area_id) {
  ZHILI_ASSIGN(std::string run_id, identity::new_id(entropy));
  return std::shared_ptr<Idempotency>(new Idempotency(store, seal, entropy, area_id, std::move(run_id)));
}

bool Idempotency::begin_work(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  return working_.insert(name).second;
}

void Idempotency::end_work(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  working_.erase(name);
}

bool Idempotency::works_on(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  return working_.contains(name);
}

Result<Response> Idempotency::open(const Claim& claim, std::string_view sealed) const {
  ZHILI_ASSIGN(const std::string text, seal_.open(sealed, claim.context()));
  boost::system::error_code failed;
  const json::value kept = json::parse(text, failed);
  if (failed || !kept.is_object()) return fail(ErrorCode::kInternal, {}, {}, "A kept answer can't be read");
  Response out = response_of(kept.get_object());
  out.headers.emplace_back("Idempotency-Replayed", "true");
  return out;
}

void Idempotency::run(Request&& request, Responder&& responder, Go go) {
  std::string_view key = request.headers.find("idempotency-key").value_or("");
  if (key.size() > 2 && key.front() == '"' && key.back() == '"')
    key = key.substr(1, key.size() - 2);  // As the draft has it.
  if (!is_key(key)) return responder.send(bad_key());
  auto key_digest = identity::sha256(key);
  auto request_digest = identity::sha256(text_of(request));
  if (!key_digest || !request_digest) return responder.send(internal_problem());
  Claim claim{request.caller.actor().account, std::move(*key_digest), std::move(*request_digest)};
  const int64_t now = store_.now();
  const int64_t until =
      now + std::chrono::duration_cast<std::chrono::microseconds>(request.operation->time_limit).count() + kMargin;
  if (!is_within(swept_.load(), kSweepEvery, now)) sweep();

  struct Found {
    bool claimed = false;
    std::string request;
    std::string run;
    std::string answer;
    int64_t state = kRunning;
    int64_t until = 0;
    int64_t created = 0;
  };
  auto found = std::make_shared<Found>();
  store_.submit(
      [this, self = shared_from_this(), claim, now, until, found](store::Transaction& tx) -> Status {
        ZHILI_ASSIGN(
            const int64_t claimed,
            tx.execute("INSERT INTO http_answer (area_id, actor, key, request, state, answer, run, until, created) "
                       "VALUES ($1, $2, $3, $4, 0, NULL, $5, $6, $7) ON CONFLICT (area_id, actor, key) DO UPDATE SET "
                       "request = excluded.request, state = 0, answer = NULL, run = excluded.run, "
                       "until = excluded.until, created = excluded.created WHERE http_answer.created <= $8",
                       {area_id_, claim.actor, store::Bytes{claim.key}, store::Bytes{claim.request}, run_id_, until,
                        now, now - kKept}));
        found->claimed = claimed == 1;
        if (found->claimed) return {};
        ZHILI_ASSIGN(
            const store::Rows rows,
            tx.query("SELECT request, state, answer, run, until, created FROM http_answer WHERE area_id = $1 AND "
                     "actor = $2 AND key = $3",
                     {area_id_, claim.actor, store::Bytes{claim.key}}));
        if (rows.empty()) return fail(ErrorCode::kInternal, {}, {}, "A claim vanished");
        found->request = rows[0].bytes(0);
        found->state = rows[0].int64(1);
        found->answer = rows[0].bytes(2);
        found->run = rows[0].text(3);
        found->until = rows[0].int64(4);
        found->created = rows[0].int64(5);
        return {};
      },
      [this, self = shared_from_this(), claim, now, found, request = std::move(request),
       responder = std::move(responder), go = std::move(go)](const Status& done) mutable {
        if (!done) return responder.send(done.error());
        if (found->claimed) {
          begin_work(claim.name());
          Responder keeping(std::make_shared<Keeper>(self, std::move(claim), request, std::move(responder)));
          return go(std::move(request), std::move(keeping));
        }
        if (found->request != claim.request) return responder.send(other_request());
        if (found->state == kRunning) {
          const bool in_time = now < found->until && !was_set_back(found->created, now);
          const bool going = found->run == run_id_ ? works_on(claim.name()) : in_time;
          return responder.send(going ? still_running() : nobody_knows());
        }
        if (found->state != kDone || found->answer.empty()) return responder.send(nobody_knows());
        auto kept = open(claim, found->answer);
        if (!kept) return responder.send(nobody_knows());
        responder.send(std::move(*kept));
      });
}

void Idempotency::settle(const Claim& claim, const Response& response, std::function<void()> settled) {
  const bool nothing_done = response.code == "too-busy" || response.code == "unavailable" || response.status == 429;
  std::string answer;
  if (!nothing_done && response.status < 500 && response.content().size() <= limits::kKeptAnswerBytes) {
    auto sealed = seal_.seal(entropy_, text_of(response), claim.context());
    if (sealed) answer = std::move(*sealed);
  }
  store_.submit(
      [this, self = shared_from_this(), claim, nothing_done,
       answer = std::move(answer)](store::Transaction& tx) -> Status {
        if (nothing_done) {
          ZHILI_TRY(tx.execute("DELETE FROM http_answer WHERE area_id = $1 AND actor = $2 AND key = $3",
                               {area_id_, claim.actor, store::Bytes{claim.key}}));
        } else {
          ZHILI_TRY(tx.execute(
              "UPDATE http_answer SET state = $4, answer = $5 WHERE area_id = $1 AND actor = $2 AND key = $3",
              {area_id_, claim.actor, store::Bytes{claim.key}, static_cast<int64_t>(answer.empty() ? kUnknown : kDone),
               store::Bytes{answer}}));
        }
        return {};
      },
      // If it could not be kept, the change is made all the same: who repeats it is told that nobody knows.
      [this, self = shared_from_this(), claim, settled = std::move(settled)](const Status& /*kept*/) {
        end_work(claim.name());
        settled();
      });
}

void Idempotency::sweep() {
  swept_ = store_.now();
  sweep_older(store_.now() - kKept);
}

/// A slice after the other, so that no other change waits for long.
void Idempotency::sweep_older(int64_t created) {
  auto removed = std::make_shared<int64_t>(0);
  store_.submit(
      [this, self = shared_from_this(), created, removed](store::Transaction& tx) -> Status {
        ZHILI_ASSIGN(*removed, tx.execute("DELETE FROM http_answer WHERE (area_id, actor, key) IN (SELECT area_id, "
                                          "actor, key FROM http_answer WHERE area_id = $1 AND created <= $2 LIMIT $3)",
                                          {area_id_, created, kSweptAtOnce}));
        return {};
      },
      [this, self = shared_from_this(), created, removed](const Status& done) {
        if (done && *removed == kSweptAtOnce) sweep_older(created);
      });
}

}  // namespace zhili::http
