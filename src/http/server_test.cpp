
#include <thread>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "http/test_edge.hpp"

namespace zhili::http {
namespace {

namespace json = boost::json;

class ServerTest : public EdgeTest {
 protected:
  void SetUp() override { start(); }
  static json::object problem_in(const Answer& answer) {
    EXPECT_EQ(answer.header("content-type"), "application/problem+json");
    boost::system::error_code failed;
    json::value parsed = json::parse(answer.body, failed);
    EXPECT_FALSE(failed) << answer.body;
    return parsed.is_object() ? parsed.get_object() : json::object();
  }
  static std::string type_of(const Answer& answer) {
    const json::object problem = problem_in(answer);
    const json::value* type = problem.if_contains("type");
    return type != nullptr && type->is_string() ? std::string(type->get_string()) : "";
  }
};

TEST_F(ServerTest, AnswersAndKeepsTheConnection) {
  Client one = client();
  Answer answer = one.ask(get("/api/v1/hello"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "hello world");
  EXPECT_EQ(answer.header("x-request-id").size(), 32U);
  answer = one.ask(get("/api/v1/hello?name=%E5%BC%A0%E4%B8%89+x"));
  EXPECT_EQ(answer.body, "hello 张三 x");
  // HEAD is as GET without the body, and the next answer is in its place.
  one.send("HEAD /api/v1/hello HTTP/1.1\r\nHost: test\r\n\r\n");
  answer = one.read(false);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("content-length"), "11");
  EXPECT_EQ(one.ask(get("/api/v1/hello")).body, "hello world");
  EXPECT_EQ(one.ask(get("/api/v1/hello", "Connection: close\r\n")).header("connection"), "close");
  EXPECT_TRUE(one.ended());
  Client old = client();
  EXPECT_EQ(old.ask("GET /api/v1/hello HTTP/1.0\r\n\r\n").status, 200);
  EXPECT_TRUE(old.ended());
}

TEST_F(ServerTest, AnswersPipelinedRequestsInTheirOrder) {
  answer_later(2);
  Client one = client();
  std::string all;
  for (int i = 0; i < 50; ++i) {
    all += get("/api/v1/hello?name=" + std::to_string(i));
    if (i % 25 == 0) all += post("/api/v1/later", "{\"n\":" + std::to_string(i) + "}");
  }
  one.send(all);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(one.read().body, "hello " + std::to_string(i));
    if (i % 25 == 0) {
      EXPECT_EQ(one.read().body, "{\"n\":" + std::to_string(i) + "}");
    }
  }
}

TEST_F(ServerTest, RoutesByTheContract) {
  Client one = client();
  Answer answer = one.ask(get("/api/v1/things/a1?tag=x&tag=y&limit=7"));
  EXPECT_EQ(answer.body, R"({"id":"a1","limit":7,"tags":2})");
  EXPECT_EQ(one.ask(get("/api/v1/things/a1")).body, R"({"id":"a1","limit":20,"tags":0})");
  EXPECT_EQ(one.ask(get("/api/v1/nothing")).status, 404);
  answer = one.ask("DELETE /api/v1/things/a1 HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.header("allow"), "GET, HEAD, PUT");
  EXPECT_EQ(one.ask("BREW /api/v1/hello HTTP/1.1\r\nHost: test\r\n\r\n").status, 405);
  answer = one.ask(get("/api/v1/openapi.json"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(json::parse(answer.body).at("openapi"), "3.1.0");
}

TEST_F(ServerTest, SaysWhatBreaksTheContract) {
  Client one = client();
  Answer answer = one.ask(get("/api/v1/things/A?limit=0&fields=name,age&other=1&limit=x", "Accept-Language: en\r\n"));
  EXPECT_EQ(answer.status, 400);
  const json::object problem = problem_in(answer);
  EXPECT_EQ(problem.at("type"), "/problems/invalid-request");
  EXPECT_EQ(problem.at("instance"), json::value(answer.header("x-request-id")));
  std::string found;
  for (const json::value& error : problem.at("errors").as_array()) {
    found += std::string(error.at("parameter").as_string()) + ":" + std::string(error.at("code").as_string()) + " ";
  }
  EXPECT_EQ(found, "other:unknown_parameter limit:doubled fields:not_a_choice id:wrong_form ");
  // It is said in both languages, and in the one that was asked for where others look.
  EXPECT_EQ(problem.at("title"), "The request breaks the contract");
  EXPECT_EQ(problem.at("en").at("title"), problem.at("title"));
  EXPECT_EQ(problem.at("zh").at("title"), "请求不符合接口约定");
  const json::object& first = problem.at("errors").as_array().front().as_object();
  EXPECT_EQ(first.at("message"), first.at("en"));
  EXPECT_NE(first.at("zh"), first.at("en"));
  const auto put = [&](std::string_view body, std::string_view type = "application/json") {
    return one.ask("PUT /api/v1/things/a HTTP/1.1\r\nHost: t\r\nContent-Type: " + std::string(type) +
                   "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
  };
  EXPECT_EQ(put(R"({"name":"张三李四王","count":null,"parts":[{"name":"x"}]})").status, 204);
  EXPECT_EQ(put(R"({"name":"x"})", "application/json; charset=utf-8").status, 204);
  answer = put(R"({"name":"张三李四王五","more":1,"count":-1,"born":"2026-02-30","parts":[{}]})");
  EXPECT_EQ(answer.status, 400);
  found.clear();
  const json::object second = problem_in(answer);
  for (const json::value& error : second.at("errors").as_array()) {
    found += std::string(error.at("pointer").as_string()) + ":" + std::string(error.at("code").as_string()) + " ";
  }
  EXPECT_EQ(found, "/name:too_long :unknown_member /count:too_small /born:wrong_form /parts/0/name:missing ");
  EXPECT_EQ(type_of(put(R"({"name":"x\u0000"})")), "/problems/invalid-request");
  EXPECT_EQ(type_of(put("{\"name\":\"\xff\"}")), "/problems/invalid-request");
  EXPECT_EQ(type_of(put(R"({"name":)")), "/problems/invalid-request");
  EXPECT_EQ(put("").status, 400);
  EXPECT_EQ(put("{}", "multipart/form-data; boundary=x").status, 415);
  EXPECT_EQ(put("{}", "text/plain").header("accept"), "application/json");
  EXPECT_EQ(one.ask(post("/api/v1/hello", "{}")).status, 405);
  // In Chinese where nothing else is asked for.
  EXPECT_EQ(problem_in(one.ask(get("/api/v1/nothing"))).at("title"), "未找到");
  EXPECT_EQ(problem_in(one.ask(get("/api/v1/nothing", "Accept-Language: zh;q=0.5, en-GB\r\n"))).at("title"),
            "Not found");
}

TEST_F(ServerTest, RefusesToStartWhereContractAndHandlersDiffer) {
  const auto contract = Contract::parse(kTestContract, "test.yaml");
  ASSERT_TRUE(contract);
  Handlers handlers;
  handlers.add("hello", [](Request&&, Responder&&) {});
  handlers.add("goodbye", [](Request&&, Responder&&) {});
  const auto service = Service::create(*contract, std::move(handlers));
  ASSERT_FALSE(service);
  EXPECT_EQ(service.error().message,
            "Operations without handler: readThing writeThing later; handlers without operation, or doubled: goodbye");
}

TEST_F(ServerTest, ReadsBodiesInPieces) {
  answer_later(3);
  Client one = client();
  const std::string body = R"({"text":")" + std::string(50'000, 'x') + R"("})";
  EXPECT_EQ(one.ask(post("/api/v1/later", body)).body, body);
  one.send(
      "POST /api/v1/later HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
  one.send("5;x=y\r\n{\"a\":\r\n");
  one.send("3\r\n\"b\"\r\n1\r\n}\r\n0\r\nX: y\r\n\r\n");
  EXPECT_EQ(one.read().body, R"({"a":"b"})");
  one.send(
      "POST /api/v1/later HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_EQ(one.read().status, 100);
  one.send("{}");
  EXPECT_EQ(one.read().body, "{}");
}

TEST_F(ServerTest, AnswersWithinTheTimeOfTheOperationWhateverTheHandlerDoes) {
  Client one = client();
  const Answer answer = one.ask(post("/api/v1/later", "{}"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(type_of(answer), "/problems/time-limit");
  wait_for(1);
  answer_later(1);  // Too late: dropped.
  answering_.join();
  EXPECT_EQ(one.ask(get("/api/v1/hello")).status, 200);
}

TEST_F(ServerTest, AnswersForAHandlerThatForgets) {
  Client one = client();
  one.send(post("/api/v1/later", "{}"));
  wait_for(1);
  {
    const std::scoped_lock lock(mutex_);
    waiting_.clear();
  }
  EXPECT_EQ(one.read().status, 500);
}

TEST_F(ServerTest, StopsWhenWhatWasTakenIsAnswered) {
  std::vector<Client> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(client());
    clients.back().send(post("/api/v1/later", "{\"n\":" + std::to_string(i) + "}"));
  }
  Client idle = client();
  EXPECT_EQ(idle.ask(get("/api/v1/hello")).status, 200);
  wait_for(20);
  std::thread stopping([this] { server_->stop(); });
  EXPECT_TRUE(idle.ended());
  answer_later(20);
  for (int i = 0; i < 20; ++i) {
    const Answer answer = clients[static_cast<size_t>(i)].read();
    EXPECT_EQ(answer.body, "{\"n\":" + std::to_string(i) + "}");
    EXPECT_EQ(answer.header("connection"), "close");
    clients[static_cast<size_t>(i)].close();
  }
  stopping.join();
  EXPECT_FALSE(Client(server_->port()).connected());
}

TEST_F(ServerTest, ResponderMayOutliveTheServer) {
  ServerOptions options;
  options.times.stop = std::chrono::milliseconds(50);
  start(options);
  Client one = client();
  one.send(post("/api/v1/later", "{}"));
  wait_for(1);
  std::deque<std::pair<std::string, Responder>> kept;
  {
    const std::scoped_lock lock(mutex_);
    kept.swap(waiting_);
  }
  one.close();
  start(options);  // The old server ends.
  for (auto& [body, responder] : kept) responder.send(Response::json_text(std::move(body)));
  EXPECT_EQ(client().ask(get("/api/v1/hello")).status, 200);
}

}  // namespace
}  // namespace zhili::http
