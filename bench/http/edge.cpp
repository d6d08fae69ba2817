// The whole of room http over three small handlers, for a load generator. Prints one line of JSON, with the port and a
// key, and serves until its standard input ends.
#include <cstdio>
#include <iostream>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "http/request_log.hpp"
#include "http/server.hpp"
#include "http/service.hpp"
#include "identity/directory.hpp"
#include "identity/tables.hpp"

namespace {

using namespace zhili;  // NOLINT(google-build-using-namespace)

constexpr std::string_view kContract = R"(openapi: 3.1.0
info: {title: Bench, version: "1"}
security: [{session: []}, {key: []}]
paths:
  /api/v1/hello:
    get:
      operationId: hello
      security: []
      x-runs: quick
      responses: {"200": {description: Hello}}
  /api/v1/things/{kind}/{id}:
    get:
      operationId: readThing
      x-runs: quick
      parameters:
        - {name: kind, in: path, required: true, schema: {type: string, pattern: "^[a-z]{1,16}$"}}
        - {name: id, in: path, required: true, schema: {type: string, maxLength: 40}}
        - {name: purpose, in: query, required: true, schema: {type: string, maxLength: 40}}
        - {name: fields, in: query, explode: false, schema: {type: array, maxItems: 50, items: {type: string}}}
      responses: {"200": {description: The thing}}
  /api/v1/echo:
    post:
      operationId: echo
      x-runs: quick
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [n], properties: {n: {type: integer}}}}}
      responses: {"200": {description: The same}}
components:
  securitySchemes:
    session: {type: apiKey, in: cookie, name: zhili}
    key: {type: http, scheme: bearer}
)";

class NoSink : public identity::AuditSink {
 public:
  Status record(store::Transaction& /*tx*/, const identity::Event& /*event*/) override { return {}; }
};

http::Handlers handlers() {
  http::Handlers out;
  out.add("hello", [](http::Request&&, http::Responder&& responder) { responder.send(http::Response::text("hello")); });
  out.add("readThing", [](http::Request&& request, http::Responder&& responder) {
    std::string body = R"({"id":")" + std::string(request.path_parameter("id")) + R"(","who":")" +
                       request.caller.actor().account + R"(","values":")";
    body.append(700, 'x');
    body += "\"}";
    responder.send(http::Response::json_text(std::move(body)));
  });
  out.add("echo", [](http::Request&& request, http::Responder&& responder) {
    responder.send(http::Response::json(request.json));
  });
  return out;
}

Status serve(const std::string& database, unsigned threads, bool log) {
  ZHILI_ASSIGN(const store::StoreUrl url, store::StoreUrl::parse(database));
  ZHILI_ASSIGN(const auto store, store::Store::open(url, identity::migrations()));
  NoSink sink;
  identity::SystemEntropy entropy;
  ZHILI_ASSIGN(const identity::SealKeys seal,
               identity::SealKeys::create({std::string(identity::SealKeys::kKeyBytes, 'k')}));
  ZHILI_ASSIGN(const auto passwords, identity::PasswordHasher::create(entropy));
  const identity::Ground ground{*store, sink, entropy, seal, *passwords};
  ZHILI_ASSIGN(const std::string key,
               identity::ApiKeys(ground).issue("bench", {"device", "", ""}, store->now() + identity::kDay, ""));
  http::ServiceOptions options;
  options.callers = std::make_shared<http::Callers>(identity::Sessions(ground), identity::ApiKeys(ground));
  if (log) options.log = http::to_standard_error();
  ZHILI_ASSIGN(const http::Contract contract, http::Contract::parse(kContract, "bench.yaml"));
  ZHILI_ASSIGN(const auto service, http::Service::create(contract, handlers(), std::move(options)));
  ZHILI_ASSIGN(const auto server, http::Server::start(*service, {.threads = threads}));
  std::printf("{\"port\": %d, \"key\": \"%s\"}\n", server->port(), key.c_str());
  std::fflush(stdout);
  std::string line;
  while (std::getline(std::cin, line)) {
  }
  return {};
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): one ends the program, as it should.
int main(int argc, char** argv) {
  CLI::App app("Room http under load");
  std::string database;
  unsigned threads = 2;
  bool log = false;
  app.add_option("--store", database, "URL")->required();
  app.add_option("--threads", threads, "of the server");
  app.add_flag("--log", log, "one line a request to standard error");
  CLI11_PARSE(app, argc, argv);
  const Status done = serve(database, threads, log);
  if (done) return 0;
  std::fprintf(stderr, "%s\n", done.error().text().c_str());
  return 1;
}
