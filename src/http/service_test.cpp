#include "http/service.hpp"

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <thread>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include "http/cursor.hpp"
#include "http/etag.hpp"
#include "http/server.hpp"
#include "http/test_client.hpp"
#include "http/test_contract.hpp"
#include "identity/test_ground.hpp"

namespace zhili::http {
namespace {

namespace json = boost::json;

/// The whole of the room on a real store, with accounts and keys.
class ServiceTest : public identity::GroundTest {
 protected:
  void SetUp() override {
    identity::GroundTest::SetUp();
    if (IsSkipped()) return;
    reopen();
    account_ = make_account("zhang");
    ASSERT_TRUE(identity::Directory(ground()).set_areas(
        identity::AreaTree::create({{"city", "", "city", "市", "city"}}).value(), ""));
    serve();
  }
  void TearDown() override {
    server_.reset();
    service_.reset();
    idempotency_.reset();
    callers_.reset();
    identity::GroundTest::TearDown();
  }

  /// The store with this room's tables.
  void reopen() {
    store_.reset();
    std::vector<store::Migration> all = identity::migrations();
    for (const auto& more : {identity::TableSink::tables(), Idempotency::migrations()}) {
      for (const store::Migration& migration : more) all.push_back(migration);
    }
    store_ = database().open(all, {.now = [this] { return now_.load(); }});
  }

  Handlers handlers() {
    Handlers out;
    const Handler who = [](Request&& request, Responder&& responder) {
      responder.send(Response::text(request.caller.known() ? request.caller.actor().account : "nobody"));
    };
    for (const char* id : {"me", "session", "anyone", "check"}) out.add(id, who);
    out.add("listThings", [this](Request&& request, Responder&& responder) {
      const Cursors cursors(*seal_, entropy_);
      const auto at = cursors.position(request);
      if (!at) return responder.send(at.error());
      const int64_t from = at->has_value() ? std::stoll(**at) : 0;
      const int64_t limit = request.query_integer("limit").value_or(0);
      json::object page;
      page["from"] = from;
      page["next"] = cursors.next(request, std::to_string(from + limit)).value();
      responder.send(Response::json(page));
    });
    out.add("addThing", [this](Request&& request, Responder&& responder) {
      const int64_t n = request.json.at("n").to_number<int64_t>();
      const int made = ++made_;
      if (n == 13) return responder.send(fail(ErrorCode::kBusy, {}, {}, "Not now").error());
      if (n == 14) return responder.send(fail(ErrorCode::kInternal, {}, {}, "A bug").error());
      if (n == 15) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return open_; });
      }
      responder.send(Response::json({{"made", made}}, 201).with("Location", "/things/" + std::to_string(made)));
    });
    return out;
  }

  void serve(ServiceOptions options = {}) {
    server_.reset();
    service_.reset();
    callers_ = std::make_shared<Callers>(identity::Sessions(ground()), identity::ApiKeys(ground()));
    auto idempotency = Idempotency::create(*store_, *seal_, entropy_, 7);
    ASSERT_TRUE(idempotency);
    idempotency_ = *idempotency;
    options.callers = callers_;
    options.idempotency = idempotency_;
    options.now = [this] { return now_.load(); };
    options.log = [this](std::string_view lines) {
      const std::scoped_lock lock(mutex_);
      log_ += lines;
    };
    auto contract = Contract::parse(kSignedContract, "test.yaml");
    ASSERT_TRUE(contract) << contract.error().text();
    auto service = Service::create(*contract, handlers(), std::move(options));
    ASSERT_TRUE(service) << service.error().text();
    service_ = std::move(*service);
    auto server = Server::start(*service_, {});
    ASSERT_TRUE(server) << server.error().text();
    server_ = std::move(*server);
  }

  Client client() { return Client(server_->port()); }
  Answer ask(const std::string& request) { return client().ask(request); }
  static std::string code_of(const Answer& answer) {
    boost::system::error_code failed;
    const json::value body = json::parse(answer.body, failed);
    const auto* object = body.if_object();
    const auto* code = object != nullptr ? object->if_contains("code") : nullptr;
    return code != nullptr ? std::string(code->as_string()) : answer.body;
  }
  std::string session() { return sign_in("zhang", identity::kGoodPassword).token; }
  static std::string cookie(const std::string& token) { return "Cookie: other=1; zhili=" + token + "\r\n"; }
  static std::string csrf(const std::string& token) {
    return "X-CSRF-Token: " + identity::Sessions::csrf_token(token).value() + "\r\n";
  }
  std::string key() {
    auto issued = identity::ApiKeys(ground()).issue("device", {"device", "", "city"}, now() + identity::kDay, "");
    EXPECT_TRUE(issued) << issued.error().text();
    return issued.value_or("");
  }
  static std::string bearer(const std::string& key) { return "Authorization: Bearer " + key + "\r\n"; }
  std::string log() {
    server_->stop();
    service_->tick();
    const std::scoped_lock lock(mutex_);
    return log_;
  }

  std::string account_;
  std::shared_ptr<Callers> callers_;
  std::shared_ptr<Idempotency> idempotency_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<Server> server_;
  std::atomic<int> made_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  std::string log_;
};
ZHILI_ON_BOTH_ENGINES(ServiceTest);

TEST_P(ServiceTest, KnowsCallersBySessionAndKey) {
  const std::string token = session();
  EXPECT_EQ(ask(get("/me", cookie(token))).body, account_);
  EXPECT_EQ(ask(get("/session", cookie(token))).body, account_);
  const std::string api_key = key();
  EXPECT_EQ(ask(get("/me", bearer(api_key))).body, api_key.substr(0, api_key.find('.')));
  EXPECT_EQ(code_of(ask(get("/session", bearer(api_key)))), "wrong-credential");
  EXPECT_EQ(ask(get("/me")).status, 401);
  EXPECT_EQ(ask(get("/me")).header("www-authenticate"), "Bearer");
  EXPECT_EQ(ask(get("/anyone")).body, "nobody");
  EXPECT_EQ(ask(get("/anyone", cookie(token))).body, account_);
  // A key counts before a cookie, also a bad one.
  EXPECT_EQ(ask(get("/me", cookie(token) + bearer("key_x.y"))).status, 401);
}

TEST_P(ServiceTest, RefusesForgedCredentials) {
  const std::string token = session();
  const std::string api_key = key();
  std::string other = token;
  other[5] = other[5] == 'A' ? 'B' : 'A';
  for (const std::string& bad :
       {other, token + "A", token.substr(1), std::string(43, 'A'), std::string("' OR 1=1 --")}) {
    EXPECT_EQ(ask(get("/me", cookie(bad))).status, 401) << bad;
    EXPECT_EQ(ask(get("/anyone", cookie(bad))).body, "nobody") << bad;
  }
  std::string other_key = api_key;
  other_key[other_key.size() - 5] ^= 1;
  for (const std::string& bad : {other_key, api_key + "A", api_key.substr(0, api_key.find('.')), token}) {
    EXPECT_EQ(ask(get("/me", bearer(bad))).status, 401) << bad;
  }
  EXPECT_EQ(ask(get("/me", "Authorization: Basic " + api_key + "\r\n")).status, 401);
  EXPECT_EQ(ask(get("/me", bearer(api_key) + bearer(api_key))).status, 401);
  // Two cookies of the name: someone has set one over the other.
  EXPECT_EQ(ask(get("/me", cookie(token) + cookie(other))).status, 401);
}

TEST_P(ServiceTest, ForgetsAtOnceWhatThisServerEnds) {
  const std::string token = session();
  EXPECT_EQ(ask(get("/me", cookie(token))).status, 200);
  identity::Sessions sessions(ground());
  ASSERT_TRUE(sessions.sign_out(token));
  callers_->forget_all();
  EXPECT_EQ(ask(get("/me", cookie(token))).status, 401);
}

TEST_P(ServiceTest, EndsSessionsByTheClockEvenIfRemembered) {
  const std::string token = session();
  EXPECT_EQ(ask(get("/me", cookie(token))).status, 200);
  wait(13 * identity::kHour);  // The clock jumps; the caller is still remembered.
  EXPECT_EQ(ask(get("/me", cookie(token))).status, 401);
  wait(-14 * identity::kHour);
  EXPECT_LT(ask(get("/me", cookie(token))).status, 500);
}

TEST_P(ServiceTest, AsksForTheSecondFactorFirst) {
  auto factor = accounts().begin_second_factor(account_, "test");
  ASSERT_TRUE(factor);
  // What waits for the second factor has a session of its own.
  store_
      ->commit([&](store::Transaction& tx) -> Status {
        return identity::open_session(tx, *seal_, std::string(43, 'w'), account_, identity::SessionStage::kWaiting,
                                      now());
      })
      .value();
  const std::string token(43, 'w');
  EXPECT_EQ(code_of(ask(get("/me", cookie(token)))), "second-factor-needed");
  EXPECT_EQ(ask(get("/session", cookie(token))).body, account_);
  EXPECT_EQ(ask(get("/anyone", cookie(token))).body, "nobody");
}

TEST_P(ServiceTest, RefusesWhatAnotherSiteSends) {
  const std::string token = session();
  const auto add = [&](const std::string& headers) { return ask(post("/things", R"({"n":1})", headers)); };
  EXPECT_EQ(add(cookie(token) + csrf(token)).status, 201);
  EXPECT_EQ(code_of(add(cookie(token))), "forged");
  EXPECT_EQ(code_of(add(cookie(token) + csrf(std::string(43, 'x')))), "forged");
  EXPECT_EQ(code_of(add(cookie(token) + csrf(token) + "Sec-Fetch-Site: cross-site\r\n")), "forged");
  EXPECT_EQ(code_of(add(cookie(token) + csrf(token) + "Sec-Fetch-Site: same-site\r\n")), "forged");
  EXPECT_EQ(code_of(add(cookie(token) + csrf(token) + "Origin: https://evil.example\r\n")), "forged");
  EXPECT_EQ(code_of(add(cookie(token) + csrf(token) + "Origin: null\r\n")), "forged");
  EXPECT_EQ(add(cookie(token) + csrf(token) + "Origin: http://test\r\nSec-Fetch-Site: same-origin\r\n").status, 201);
  EXPECT_EQ(add(bearer(key())).status, 201);
  // What is no write by meaning is sent with the cookie all the same.
  EXPECT_EQ(code_of(ask(post("/check", "{}", cookie(token)))), "forged");
  EXPECT_EQ(ask(post("/check", "{}", cookie(token) + csrf(token))).status, 200);
}

TEST_P(ServiceTest, DoesAWriteOnceForOneKey) {
  const std::string who = bearer(key());
  const std::string once = who + "Idempotency-Key: 8e03978e-40d5-43e8-bc93-6894a57f9324\r\n";
  const Answer first = ask(post("/things", R"({"n":1})", once));
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(first.header("idempotency-replayed"), "");
  const Answer again = ask(post("/things", R"({"n":1})", once));
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("location"), first.header("location"));
  EXPECT_EQ(again.header("idempotency-replayed"), "true");
  EXPECT_EQ(made_, 1);
  EXPECT_EQ(code_of(ask(post("/things", R"({"n":2})", once))), "key-of-other-request");
  // Another caller's key is another key.
  const std::string token = session();
  EXPECT_EQ(ask(post("/things", R"({"n":1})",
                     cookie(token) + csrf(token) + "Idempotency-Key: \"8e03978e-40d5-43e8-bc93-6894a57f9324\"\r\n"))
                .header("idempotency-replayed"),
            "");
  EXPECT_EQ(made_, 2);
  EXPECT_EQ(code_of(ask(post("/things", R"({"n":1})", who + "Idempotency-Key: a b\r\n"))), "bad-idempotency-key");
  // A day later the key may be used again.
  wait(25 * identity::kHour);
  const std::string later = bearer(key()) + "Idempotency-Key: k\r\n";
  EXPECT_EQ(ask(post("/things", R"({"n":1})", later)).status, 201);
  wait(24 * identity::kHour - identity::kSecond);
  EXPECT_EQ(made_, 3);
}

TEST_P(ServiceTest, KeepsNoAnswerThatSaysNothingWasDone) {
  const std::string once = bearer(key()) + "Idempotency-Key: k\r\n";
  EXPECT_EQ(code_of(ask(post("/things", R"({"n":13})", once))), "too-busy");
  EXPECT_EQ(code_of(ask(post("/things", R"({"n":13})", once))), "too-busy");
  EXPECT_EQ(made_, 2);
  const std::string bug = bearer(key()) + "Idempotency-Key: k\r\n";
  EXPECT_EQ(code_of(ask(post("/things", R"({"n":14})", bug))), "internal");
  EXPECT_EQ(code_of(ask(post("/things", R"({"n":14})", bug))), "outcome-unknown");
  EXPECT_EQ(made_, 3);
}

TEST_P(ServiceTest, SaysThatItIsStillWorkedOnAndKeepsALateAnswer) {
  const std::string once = bearer(key()) + "Idempotency-Key: k\r\n";
  // The handler takes longer than it may: the client hears so, and the key waits for the answer.
  EXPECT_EQ(code_of(ask(post("/things", R"({"n":15})", once))), "time-limit");
  const Answer meanwhile = ask(post("/things", R"({"n":15})", once));
  EXPECT_EQ(code_of(meanwhile), "still-running");
  EXPECT_EQ(meanwhile.header("retry-after"), "1");
  {
    const std::scoped_lock lock(mutex_);
    open_ = true;
  }
  changed_.notify_all();
  Answer late;
  do {
    late = ask(post("/things", R"({"n":15})", once));
  } while (code_of(late) == "still-running");
  EXPECT_EQ(late.status, 201);
  EXPECT_EQ(late.header("idempotency-replayed"), "true");
  EXPECT_EQ(made_, 1);
}

TEST_P(ServiceTest, SaysThatNobodyKnowsWhereACrashCameBetween) {
  const std::string api_key = key();
  const std::string once = bearer(api_key) + "Idempotency-Key: k\r\n";
  EXPECT_EQ(ask(post("/things", R"({"n":1})", once)).status, 201);
  // As if the process had ended before it kept the answer: its number is another's then.
  const Status crashed = store_->commit([&](store::Transaction& tx) -> Status {
    ZHILI_TRY(tx.execute("UPDATE http_answer SET state = 0, answer = NULL, run = 'gone'"));
    return {};
  });
  ASSERT_TRUE(crashed);
  EXPECT_EQ(code_of(ask(post("/things", R"({"n":1})", once))), "still-running");  // Another server's, for all it knows.
  // Where the clock was set back, its time would not be over for that long.
  wait(-identity::kHour);
  EXPECT_EQ(code_of(ask(post("/things", R"({"n":1})", once))), "outcome-unknown");
  wait(identity::kHour + 2 * identity::kMinute);
  EXPECT_EQ(code_of(ask(post("/things", R"({"n":1})", once))), "outcome-unknown");
  EXPECT_EQ(made_, 1);
}

TEST_P(ServiceTest, ForgetsAnswersOfYesterdayHoweverManyThereAre) {
  constexpr int64_t kMany = 700;
  const Status filled = store_->commit([&](store::Transaction& tx) -> Status {
    for (int64_t i = 0; i < kMany; ++i) {
      ZHILI_TRY(
          tx.execute("INSERT INTO http_answer (area_id, actor, key, request, state, run, until, created) VALUES "
                     "(7, 'somebody', $1, $1, 1, '', 0, $2)",
                     {store::Bytes{std::to_string(i)}, now() - (i < 600 ? 25 : 23) * identity::kHour}));
    }
    return {};
  });
  ASSERT_TRUE(filled);
  EXPECT_EQ(ask(post("/things", R"({"n":1})", bearer(key()) + "Idempotency-Key: k\r\n")).status, 201);
  const auto left = [&] {
    const auto rows = store_->query("SELECT count(*) FROM http_answer WHERE actor = 'somebody'");
    return rows ? (*rows)[0].int64(0) : -1;
  };
  for (int looks = 0; looks < 500 && left() != 100; ++looks) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(left(), 100);
}

TEST_P(ServiceTest, PagesByCursorsThatCantBeMade) {
  const std::string token = session();
  const auto page = [&](const std::string& query, const std::string& who) { return ask(get("/things?" + query, who)); };
  const auto next_of = [](const Answer& answer) {
    return std::string(json::parse(answer.body).at("next").as_string());
  };
  const Answer first = page("name=x", cookie(token));
  ASSERT_EQ(first.status, 200) << first.body;
  const std::string next = next_of(first);
  const Answer second = page("limit=5&cursor=" + next + "&name=x", cookie(token));
  EXPECT_EQ(json::parse(second.body).at("from"), 2);
  EXPECT_EQ(json::parse(page("cursor=" + next_of(second) + "&name=x", cookie(token)).body).at("from"), 7);
  // Of other filters, of another caller, bent, made up.
  EXPECT_EQ(code_of(page("cursor=" + next + "&name=y", cookie(token))), "bad-cursor");
  EXPECT_EQ(code_of(page("cursor=" + next, cookie(token))), "bad-cursor");
  EXPECT_EQ(code_of(page("name=x&cursor=" + next, bearer(key()))), "bad-cursor");
  std::string bent = next;
  bent[next.size() / 2] = bent[next.size() / 2] == 'A' ? 'B' : 'A';
  for (const std::string& bad : {bent, std::string("AAAA"), std::string("x'--"), std::string(), next + "A"}) {
    EXPECT_EQ(code_of(page("name=x&cursor=" + bad, cookie(token))), "bad-cursor") << bad;
  }
}

TEST_P(ServiceTest, SendsTheHeadersOfABrowsersSafety) {
  const Answer answer = ask(get("/anyone"));
  EXPECT_EQ(answer.header("content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
  EXPECT_EQ(answer.header("x-content-type-options"), "nosniff");
  EXPECT_EQ(answer.header("cache-control"), "no-store");
  EXPECT_EQ(answer.header("strict-transport-security"), "");
  ServiceOptions options;
  options.behind_tls = true;
  serve(std::move(options));
  EXPECT_NE(ask(get("/anyone")).header("strict-transport-security"), "");
  // Behind TLS the cookie is the one that is for TLS alone.
  const std::string token = session();
  EXPECT_EQ(ask(get("/me", cookie(token))).status, 401);
  EXPECT_EQ(ask(get("/me", "Cookie: __Host-zhili=" + token + "\r\n")).status, 200);
}

TEST_P(ServiceTest, LogsNothingOfPeople) {
  const std::string token = session();
  ask(get("/things?name=%E5%BC%A0%E4%B8%89",
          cookie(token) + "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n"));
  ask(post("/things", R"({"n":1,"name":"Lisi"})", cookie(token) + csrf(token)));
  ask(get("/no/such/Lisi"));
  const std::string lines = log();
  std::vector<json::object> parsed;
  for (size_t at = 0; at < lines.size();) {
    const size_t end = lines.find('\n', at);
    parsed.push_back(json::parse(lines.substr(at, end - at)).as_object());
    at = end + 1;
  }
  ASSERT_EQ(parsed.size(), 3U) << lines;
  EXPECT_EQ(parsed[0].at("operation"), "listThings");
  EXPECT_EQ(parsed[0].at("trace"), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(parsed[0].at("account"), json::value(account_));
  EXPECT_EQ(parsed[1].at("status"), 201);
  EXPECT_EQ(parsed[1].at("in"), 21);
  EXPECT_EQ(parsed[2].at("operation"), "none");
  EXPECT_EQ(parsed[2].at("code"), "not-found");
  for (const char* word : {"张", "Lisi", "%E5", "name", "zhang"})
    EXPECT_EQ(lines.find(word), std::string::npos) << word;
  EXPECT_EQ(lines.find(token), std::string::npos);
}

TEST_P(ServiceTest, ShowsFiguresToThisMachineAndHealthToAll) {
  ask(get("/me"));
  service_->metrics().add_source([](MetricText& out) {
    out.family("zhili_store_changes_total", MetricText::Kind::kCounter, "Changes.");
    out.sample("zhili_store_changes_total", "", 5);
  });
  const Answer figures = ask(get("/metrics"));
  EXPECT_EQ(figures.status, 200);
  EXPECT_NE(figures.body.find("zhili_http_requests_total{operation=\"me\",status=\"4xx\"} 1\n"), std::string::npos)
      << figures.body;
  EXPECT_NE(figures.body.find("zhili_store_changes_total 5\n"), std::string::npos);
  EXPECT_EQ(ask(get("/metrics", "X-Forwarded-For: 192.0.2.1\r\n")).status, 403);
  EXPECT_EQ(ask(get("/healthz")).body, R"({"status":"ok","checks":{}})");
  ServiceOptions options;
  options.proxies = {"127.0.0.1"};
  options.metrics_key = "secret-of-the-scraper";
  options.health = [] { return std::vector<HealthCheck>{{"store", ""}, {"audit", "behind"}}; };
  serve(std::move(options));
  EXPECT_EQ(ask(get("/healthz")).status, 503);
  EXPECT_EQ(ask(get("/healthz")).body, R"({"status":"failing","checks":{"store":"ok","audit":"behind"}})");
  EXPECT_EQ(ask(get("/healthz/live")).status, 200);
  EXPECT_EQ(ask(get("/metrics", "X-Forwarded-For: 127.0.0.1, 192.0.2.1\r\n")).status, 403);
  EXPECT_EQ(
      ask(get("/metrics", "X-Forwarded-For: 192.0.2.1\r\nAuthorization: Bearer secret-of-the-scraper\r\n")).status,
      200);
  EXPECT_EQ(
      ask(get("/metrics", "X-Forwarded-For: 192.0.2.1\r\nAuthorization: Bearer secret-of-the-scrapez\r\n")).status,
      403);
  // Through a proxy of this machine that nobody named, while another is named.
  options = {};
  options.proxies = {"192.0.2.7"};
  serve(std::move(options));
  EXPECT_EQ(ask(get("/metrics")).status, 200);
  EXPECT_EQ(ask(get("/metrics", "X-Forwarded-For: 192.0.2.1\r\n")).status, 403);
}

}  // namespace
}  // namespace zhili::http
