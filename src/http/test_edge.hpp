#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "http/server.hpp"
#include "http/service.hpp"
#include "http/test_client.hpp"
#include "http/test_contract.hpp"

/// For the tests of this room that need no store.
namespace zhili::http {

/// A server with kTestContract. `later` answers with its body when the test says so.
class EdgeTest : public testing::Test {
 protected:
  void TearDown() override {
    if (answering_.joinable()) answering_.join();
    {
      const std::scoped_lock lock(mutex_);
      waiting_.clear();
    }
    server_.reset();
    service_.reset();
  }

  void start(ServerOptions options = {}, ServiceOptions service_options = {}) {
    server_.reset();
    service_.reset();
    Handlers handlers;
    handlers.add("hello", [](Request&& request, Responder&& responder) {
      responder.send(Response::text("hello " + std::string(request.query_parameter("name").value_or(""))));
    });
    handlers.add("readThing", [](Request&& request, Responder&& responder) {
      if (request.path_parameter("id") == "large") return responder.send(Response::json_text(large()));
      boost::json::object out;
      out["id"] = request.path_parameter("id");
      out["limit"] = request.query_integer("limit").value_or(0);
      out["tags"] = request.query_parameters("tag").size();
      responder.send(Response::json(out));
    });
    handlers.add("writeThing", [](Request&& request, Responder&& responder) {
      if (request.path_parameter("id") != "secret") return responder.send(Response::empty());
      Response secret = Response::json_text(large());
      secret.secret = true;
      responder.send(std::move(secret));
    });
    handlers.add("later", [this](Request&& request, Responder&& responder) {
      const std::scoped_lock lock(mutex_);
      waiting_.emplace_back(std::move(request.body), std::move(responder));
    });
    auto contract = Contract::parse(kTestContract, "test.yaml");
    ASSERT_TRUE(contract) << contract.error().text();
    auto service = Service::create(*contract, std::move(handlers), std::move(service_options));
    ASSERT_TRUE(service) << service.error().text();
    service_ = std::move(*service);
    auto server = Server::start(*service_, std::move(options));
    ASSERT_TRUE(server) << server.error().text();
    server_ = std::move(*server);
  }
  /// JSON of 20 kB.
  static std::string large() { return "[" + std::string(20'000, ' ') + "]"; }
  /// Answers what has waited longest; false where nothing waits.
  bool answer_one() {
    std::pair<std::string, Responder> next;
    {
      const std::scoped_lock lock(mutex_);
      if (waiting_.empty()) return false;
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    next.second.send(Response::json_text(std::move(next.first)));
    return true;
  }
  /// Answers what waits, as it comes, until so many were answered.
  void answer_later(size_t count) {
    answering_ = std::thread([this, count] {
      for (size_t done = 0; done < count;) {
        if (answer_one()) {
          ++done;
        } else {
          pause();
        }
      }
    });
  }
  static void pause() { std::this_thread::sleep_for(std::chrono::microseconds(200)); }
  size_t waiting() {
    const std::scoped_lock lock(mutex_);
    return waiting_.size();
  }
  void wait_for(size_t count) {
    while (waiting() < count) pause();
  }
  Client client() { return Client(server_->port()); }
  Answer ask(const std::string& bytes) { return client().ask(bytes); }
  static std::string code_of(const Answer& answer) {
    const size_t at = answer.body.find("\"code\":\"");
    return at == std::string::npos ? "" : answer.body.substr(at + 8, answer.body.find('"', at + 8) - at - 8);
  }

  std::mutex mutex_;
  std::deque<std::pair<std::string, Responder>> waiting_;
  std::thread answering_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<Server> server_;
};

}  // namespace zhili::http
