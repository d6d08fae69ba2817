#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <zlib.h>

#include "base/random.hpp"
#include "http/test_edge.hpp"

namespace zhili::http {
namespace {

using std::chrono::milliseconds;

/// What bad and hostile clients send. After each of them the server serves others as before.
class Attack : public EdgeTest {
 protected:
  void SetUp() override { start(); }
  void expect_well() { EXPECT_EQ(ask(get("/api/v1/hello")).body, "hello world"); }
};

TEST_F(Attack, TooLarge) {
  Answer answer = ask(get("/api/v1/hello?name=" + std::string(5'000, 'x')));
  EXPECT_EQ(answer.status, 414);
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_EQ(ask("GET /" + std::string(100'000, 'x')).status, 414);  // No line's end ever comes.
  EXPECT_EQ(ask(get("/api/v1/hello", "X: " + std::string(20'000, 'x') + "\r\n")).status, 431);
  std::string many;
  for (int i = 0; i < 100; ++i) many += "X-" + std::to_string(i) + ": y\r\n";
  EXPECT_EQ(ask(get("/api/v1/hello", many)).status, 431);
  EXPECT_EQ(ask("GET / HTTP/1.1\r\n" + many + many + std::string(20'000, 'x')).status,
            431);  // No empty line ever comes.
  // Bodies: announced, and in pieces that don't say.
  answer =
      ask("POST /api/v1/later HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\nContent-Length: 100001\r\n\r\n");
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_EQ(ask("POST /api/v1/later HTTP/1.1\r\nHost: t\r\nContent-Length: 99999999999999999999\r\n\r\n").status, 400);
  Client pieces = client();
  pieces.send(
      "POST /api/v1/later HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 20; ++i) {
    if (!pieces.send("2000\r\n" + std::string(0x2000, 'x') + "\r\n")) break;
  }
  EXPECT_EQ(pieces.read().status, 413);
  EXPECT_EQ(
      ask("POST /api/v1/later HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n").status,
      413);
  EXPECT_EQ(
      ask("POST /api/v1/later HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(100'000, 'x'))
          .status,
      400);
  EXPECT_EQ(ask("POST /api/v1/later HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" +
                std::string(100'000, 'x'))
                .status,
            400);
  // A body where none is taken is not stored either.
  EXPECT_EQ(ask("GET /api/v1/hello HTTP/1.1\r\nHost: t\r\nContent-Length: 70000\r\n\r\n").status, 413);
  EXPECT_EQ(ask("GET /api/v1/hello HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\n\r\n{}").status, 400);
  expect_well();
}

TEST_F(Attack, NestedDeeply) {
  for (const char* open : {"[", "{\"a\":"}) {
    std::string body = "{\"x\":";
    for (int i = 0; i < 10'000; ++i) body += open;
    const Answer answer = ask(post("/api/v1/later", body));
    EXPECT_EQ(answer.status, 400);
    EXPECT_NE(answer.body.find("too_deep"), std::string::npos);
  }
  expect_well();
}

TEST_F(Attack, TwoReadingsOfOneMessage) {
  const std::string head = "POST /api/v1/later HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n";
  const std::vector<std::string> bad = {
      head + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
      head + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
      head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
      head + "Content-Length: 2, 2\r\n\r\n{}",
      head + "Content-Length: +2\r\n\r\n{}",
      head + "Content-Length: 0x2\r\n\r\n{}",
      head + "Content-Length: -1\r\n\r\n{}",
      head + "Content-Length: \r\n\r\n{}",
      head + "Content-Length : 2\r\n\r\n{}",
      head + "Transfer-Encoding: chunked, identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
      head + "Transfer-Encoding: identity, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
      head + "Transfer-Encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
      head +
          "Transfer-Encoding:\x0b"
          "chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
      head + "Transfer-Encoding\r\n : chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n",
      head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}0\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\n\r\n2 2\r\n{}\r\n0\r\n\r\n",
      head + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}xx\r\n0\r\n\r\n",
      head + "X: a\r\n folded\r\nContent-Length: 2\r\n\r\n{}",
      head + "X: a\nContent-Length: 2\r\n\r\n{}",
      head + "X: a\rContent-Length: 2\r\n\r\n{}",
      head + "X: a" + std::string(1, '\0') + "b\r\nContent-Length: 2\r\n\r\n{}",
      head + " X: a\r\nContent-Length: 2\r\n\r\n{}",
      head + "X\x80: a\r\nContent-Length: 2\r\n\r\n{}",
      head + "Host: other\r\nContent-Length: 2\r\n\r\n{}",
      "POST /api/v1/later HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}",
      "GET /api/v1/hello HTTP/1.1\nHost: t\n\n",
      "GET  /api/v1/hello HTTP/1.1\r\nHost: t\r\n\r\n",
      "GET /api/v1/hello\r\n\r\n",
      "GET /api/v1/hello HTTP/1.1 x\r\nHost: t\r\n\r\n",
      "GET /api/v1/hello http/1.1\r\nHost: t\r\n\r\n",
      "GET /api/v1/hello HTTP/2.0\r\nHost: t\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 15),
      "G\xc3\x89T / HTTP/1.1\r\nHost: t\r\n\r\n",
  };
  for (const std::string& message : bad) {
    Client one = client();
    // What is smuggled behind it must never be answered.
    one.send(message + get("/api/v1/hello?name=smuggled"));
    const Answer answer = one.read();
    EXPECT_GE(answer.status, 400) << message;
    EXPECT_LT(answer.status, 600) << message;
    EXPECT_EQ(answer.header("connection"), "close") << message;
    EXPECT_TRUE(one.ended()) << message;
  }
  EXPECT_EQ(waiting(), 0U);
  expect_well();
}

TEST_F(Attack, TargetsWithTricks) {
  for (const char* target : {"/api/v1/../../etc/passwd",
                             "/api/v1/%2e%2e/x",
                             "/api/v1/things/..%2f..%2fetc",
                             "/api//v1/hello",
                             "/api/v1/hello%00",
                             "/api/v1/things/a%00",
                             "/api/v1/hello?name=%00",
                             "/api/v1/hello?name=%ff",
                             "/api/v1/hello?name=%c0%ae",
                             "/%c0%ae%c0%ae/",
                             "/api/v1/hello?name=%e0%80%af",
                             "/api/v1/hello?name=%ed%a0%80",
                             "/api/v1/hello?name=%",
                             "/api/v1/hello?name=%4",
                             "/api/v1/hello?name=%zz",
                             "/api\\v1\\hello",
                             "/api/v1/%5c",
                             "/api/v1/hello#x",
                             "http://t/api/v1/hello",
                             "*",
                             "api",
                             "//evil.example/x",
                             "/api/v1/./hello",
                             "/api/v1/hello%0d%0aX:%20y",
                             "/%7f"}) {
    const Answer answer = ask(get(target));
    EXPECT_EQ(answer.status, 400) << target;
  }
  EXPECT_EQ(ask("CONNECT t:443 HTTP/1.1\r\nHost: t\r\n\r\n").status, 400);
  EXPECT_EQ(ask(get("/api/v1/hello/")).status, 404);
  // Words of SQL are words.
  EXPECT_EQ(ask(get("/api/v1/hello?name=%27%20OR%201--")).body, "hello ' OR 1--");
  std::string many = "/api/v1/hello?";
  for (int i = 0; i < 200; ++i) many += "a=1&";
  EXPECT_EQ(ask(get(many)).status, 400);
  expect_well();
}

TEST_F(Attack, BodiesThatAreNotWhatTheySay) {
  std::string bomb(100, '\0');
  const std::string zeros(1 << 20, 'x');
  uLongf size = ::compressBound(zeros.size());
  bomb.resize(size);
  ::compress(reinterpret_cast<Bytef*>(bomb.data()), &size, reinterpret_cast<const Bytef*>(zeros.data()), zeros.size());
  bomb.resize(size);
  for (const char* coding : {"gzip", "deflate", "br", "gzip, gzip"}) {
    const Answer answer = ask(post("/api/v1/later", bomb, "Content-Encoding: " + std::string(coding) + "\r\n"));
    EXPECT_EQ(answer.status, 415) << coding;
    EXPECT_EQ(code_of(answer), "unsupported-coding");
  }
  const std::string multipart = "--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"../../x\"\r\n\r\n\r\n--";
  EXPECT_EQ(code_of(ask(post("/api/v1/later", multipart, "", "multipart/form-data; boundary=x"))),
            "unsupported-media-type");
  EXPECT_EQ(code_of(ask(post("/api/v1/later", multipart, "", "multipart/form-data"))), "unsupported-media-type");
  EXPECT_EQ(code_of(ask(post("/api/v1/later", "a=1", "", "application/x-www-form-urlencoded"))),
            "unsupported-media-type");
  EXPECT_EQ(code_of(ask(post("/api/v1/later", "{}", "", ""))), "unsupported-media-type");
  for (const char* bad : {"{", "{}{}", "[1,]", "{\"a\":1e999999}", "nul", "\xef\xbb\xbf{}", "{\"a\":\"\xc0\xaf\"}",
                          "{\"a\":\"\\ud800\"}", "{'a':1}", "{\"a\":01}", "NaN", "\"x", ""}) {
    EXPECT_EQ(ask(post("/api/v1/later", bad)).status, 400) << bad;
  }
  EXPECT_EQ(waiting(), 0U);
  expect_well();
}

TEST_F(Attack, HeadersDontComeBack) {
  // Nothing of a request is written into a header of its answer.
  const Answer answer = ask(get("/api/v1/nothing?x=%0d%0aSet-Cookie:%20a=b", "X-Request-Id: evil\r\n"));
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.header("set-cookie"), "");
  EXPECT_EQ(answer.header("x-request-id").size(), 32U);
  EXPECT_EQ(answer.body.find("evil"), std::string::npos);
}

TEST_F(Attack, RandomBytesAndBentRequests) {
  Random random(7);
  const std::string good = post("/api/v1/later", R"({"a":[1,2,{"b":"c"}]})", "X: y\r\n");
  for (int round = 0; round < 400; ++round) {
    std::string bytes = good;
    if (round % 4 == 0) {
      bytes.resize(random.below(400));
      for (char& c : bytes) c = static_cast<char>(random.next());
    } else {
      for (uint64_t i = 0; i <= random.below(4); ++i)
        bytes[random.below(bytes.size())] = static_cast<char>(random.next());
    }
    Client one = client();
    one.send(bytes);
    ::shutdown(one.socket(), SHUT_WR);
    if (round % 3 == 0) one.read();
  }
  {
    const std::scoped_lock lock(mutex_);
    waiting_.clear();
  }
  expect_well();
}

TEST_F(Attack, SlowClientsAreCut) {
  ServerOptions options;
  options.times = {
      .head = milliseconds(300), .body = milliseconds(300), .idle = milliseconds(600), .write = milliseconds(300)};
  start(options);
  Client head = client();
  head.send("GET /api/v1/hel");
  Client body = client();
  body.send("POST /api/v1/later HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{");
  Client silent = client();
  Client between = client();
  EXPECT_EQ(between.ask(get("/api/v1/hello")).status, 200);
  EXPECT_EQ(head.read().status, 408);
  EXPECT_TRUE(head.ended());
  EXPECT_EQ(body.read().status, 408);
  EXPECT_TRUE(body.ended());
  EXPECT_TRUE(silent.ended());
  EXPECT_TRUE(between.ended());
  // Bytes one by one don't buy time.
  Client drip = client();
  const std::string request = get("/api/v1/hello", "X: " + std::string(2'000, 'x') + "\r\n");
  for (const char c : request) {
    if (!drip.send({&c, 1})) break;
    std::this_thread::sleep_for(milliseconds(5));
  }
  const int status = drip.read().status;
  EXPECT_TRUE(status == 408 || status == 0) << status;
  expect_well();
}

TEST_F(Attack, WhoDoesNotReadIsCut) {
  ServerOptions options;
  options.times.write = milliseconds(300);
  start(options);
  Client one = client();
  const int small = 4096;
  ::setsockopt(one.socket(), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
  // Answers of 20 kB each, which nobody takes.
  std::string all;
  for (int i = 0; i < 2'000; ++i) all += get("/api/v1/things/large");
  std::thread sending([&] { one.send(all); });
  sending.join();  // Ends when the server has closed the connection; else the kernel's buffers would stay full.
  expect_well();
}

TEST_F(Attack, ClientsThatLeave) {
  std::vector<Client> clients;
  clients.reserve(50);
  for (int i = 0; i < 50; ++i) {
    clients.push_back(client());
    clients.back().send(post("/api/v1/later", "{}"));
    if (i % 2 == 0) {
      const linger now{1, 0};  // Leaves by a reset.
      ::setsockopt(clients.back().socket(), SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    }
  }
  wait_for(50);
  clients.clear();
  answer_later(50);
  answering_.join();
  expect_well();
}

TEST_F(Attack, TooManyConnections) {
  ServerOptions options;
  options.connections = 20;
  options.connections_of_address = 10;
  start(options);
  std::vector<Client> clients;
  clients.reserve(50);
  for (int i = 0; i < 10; ++i) {
    clients.push_back(client());
    EXPECT_EQ(clients.back().ask(get("/api/v1/hello")).status, 200);
  }
  EXPECT_TRUE(client().ended());
  clients.pop_back();
  // A place is free as soon as the server has seen that one left.
  int status = 0;
  while (status != 200) status = ask(get("/api/v1/hello")).status;
}

TEST_F(Attack, TooManyRequestsInWork) {
  ServerOptions options;
  options.requests_in_work = 5;
  start(options);
  std::vector<Client> clients;
  clients.reserve(50);
  for (int i = 0; i < 5; ++i) {
    clients.push_back(client());
    clients.back().send(post("/api/v1/later", "{}"));
  }
  wait_for(5);
  const Answer answer = ask(get("/api/v1/hello"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("retry-after"), "1");
  answer_later(5);
  for (Client& one : clients) EXPECT_EQ(one.read().status, 200);
  expect_well();
}

TEST_F(Attack, TooMuchBodyAtOnce) {
  ServerOptions options;
  options.bodies_bytes = 150'000;
  start(options);
  const std::string large = R"({"x":")" + std::string(90'000, 'x') + R"("})";
  Client first = client();
  first.send(post("/api/v1/later", large));
  wait_for(1);
  EXPECT_EQ(code_of(ask(post("/api/v1/later", large))), "too-busy");
  EXPECT_EQ(code_of(ask("POST /api/v1/later HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n")), "too-busy");
  expect_well();
  answer_later(2);
  EXPECT_EQ(first.read().body, large);
  EXPECT_EQ(first.ask(post("/api/v1/later", large)).body, large);
}

TEST_F(Attack, AThousandIdleConnections) {
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur < 2'200) {
    files.rlim_cur = std::min<rlim_t>(files.rlim_max, 4'096);
    if (::setrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur < 2'200) GTEST_SKIP() << "too few file descriptors";
  }
  std::vector<Client> idle;
  idle.reserve(1'000);
  for (int i = 0; i < 1'000; ++i) {
    idle.push_back(client());
    if (i % 2 == 0) {
      ASSERT_EQ(idle.back().ask(get("/api/v1/hello")).status, 200);
    }
  }
  expect_well();
  for (Client& one : idle) ASSERT_EQ(one.ask(get("/api/v1/hello")).status, 200);
}

TEST_F(Attack, StopUnderLoadAnswersWhatItTook) {
  // Clients that send until the connection ends. Every request whose handler ran is answered.
  std::atomic<size_t> answered{0};
  std::atomic<size_t> broken{0};
  std::atomic<bool> going{true};
  std::thread answering([&] {
    while (going || waiting() > 0) {
      if (!answer_one()) pause();
    }
  });
  std::vector<std::thread> clients;
  clients.reserve(16);
  std::atomic<int> ready{0};
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back([&, i] {
      Client one = client();
      for (int n = 0;; ++n) {
        if (n == 20) ++ready;
        const std::string body = "{\"client\":" + std::to_string(i) + ",\"n\":" + std::to_string(n) + "}";
        if (!one.send(post("/api/v1/later", body))) break;
        const Answer answer = one.read();
        if (answer.status == 0) break;  // Between two requests, and never within an answer:
        if (answer.status != 200 || answer.body != body) ++broken;
        ++answered;
        if (answer.header("connection") == "close") break;
      }
    });
  }
  while (ready < 16) pause();
  server_->stop();
  for (std::thread& one : clients) one.join();
  going = false;
  answering.join();
  EXPECT_EQ(broken, 0U);
  // Each handler's answer reached its client: as many as were counted.
  const std::string figures = service_->metrics().text();
  EXPECT_NE(
      figures.find("zhili_http_requests_total{operation=\"later\",status=\"2xx\"} " + std::to_string(answered) + "\n"),
      std::string::npos)
      << answered << "\n"
      << figures;
}

}  // namespace
}  // namespace zhili::http
