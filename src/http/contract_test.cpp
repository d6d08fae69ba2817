#include "http/contract.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "http/test_contract.hpp"

namespace zhili::http {
namespace {

TEST(Contract, ReadsOperations) {
  const auto contract = Contract::parse(kTestContract, "test.yaml");
  ASSERT_TRUE(contract) << contract.error().text();
  ASSERT_EQ(contract->operations().size(), 4U);
  const Operation* read = contract->find("readThing");
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(read->path, "/api/v1/things/{id}");
  EXPECT_TRUE(read->open);
  EXPECT_EQ(read->runs, Runs::kQuick);
  EXPECT_FALSE(read->writes);
  ASSERT_EQ(read->parameters.size(), 4U);
  EXPECT_EQ(read->parameters[0].fallback, "20");
  EXPECT_FALSE(read->parameters[1].exploded);
  EXPECT_EQ(read->parameters[3].name, "id");
  const Operation* later = contract->find("later");
  ASSERT_NE(later, nullptr);
  EXPECT_EQ(later->max_body, 100'000U);
  EXPECT_EQ(later->time_limit, std::chrono::seconds(1));
  EXPECT_TRUE(later->writes);
  const auto asking = Contract::parse(kSignedContract, "signed.yaml");
  ASSERT_TRUE(asking) << asking.error().text();
  EXPECT_TRUE(asking->find("anyone")->open);
  EXPECT_TRUE(asking->find("anyone")->takes_key);
  EXPECT_FALSE(asking->find("session")->takes_key);
  EXPECT_TRUE(asking->find("session")->takes_waiting);
  EXPECT_FALSE(asking->find("check")->writes);
}

TEST(Contract, SaysWhatItCantActOn) {
  const std::string begin = "openapi: 3.1.0\nsecurity: []\npaths:\n";
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"a: 1", "it is no OpenAPI 3.1 document"},
      {"openapi: 3.1.0", "has no paths"},
      {begin + "  /a: {get: {}}", "no operationId"},
      {begin + "  /a: {get: {operationId: a}, post: {operationId: a}}", "stands twice"},
      {begin + "  /a/{b}: {get: {operationId: a}}", "is not declared"},
      {begin + "  /a: {trace: {operationId: a}}", "does not know 'trace'"},
      {begin + "  /a: {get: {operationId: a, x-runs: slow}}", "x-runs is not known"},
      {begin + "  /a: {get: {operationId: a, x-time-limit: 0}}", "x-time-limit is out of range"},
      {begin + "  /a: {get: {operationId: a, security: [{other: []}]}}", "security is not known"},
      {begin + "  /a: {get: {operationId: a, parameters: [{name: x, in: cookie, schema: {}}]}}",
       "no parameter in 'cookie'"},
      {begin + "  /a: {get: {operationId: a, parameters: [{name: x, in: query, schema: {oneOf: []}}]}}",
       "the keyword 'oneOf' of a schema is not checked here"},
      {begin + "  /a: {get: {operationId: a, parameters: [{name: x, in: query, schema: {type: text}}]}}",
       "type is not a JSON type"},
      {begin + "  /a: {get: {operationId: a, parameters: [{name: x, in: query, schema: {pattern: '('}}]}}",
       "pattern is not"},
      {begin + "  /a: {post: {operationId: a, requestBody: {$ref: '#/components/b'}}}",
       "there is no object #/components/b"},
      {begin + "  /a: {post: {operationId: a, requestBody: {content: {application/json: {schema: {$ref: '#/x'}}}}}}",
       "there is no #/x"},
      {"openapi: 3.1.0\npaths:\n  /a: {get: {operationId: a}}", "does not say who may call"},
  };
  for (const auto& [text, expected] : wrong) {
    const auto contract = Contract::parse(text, "wrong.yaml");
    ASSERT_FALSE(contract) << text;
    EXPECT_NE(contract.error().text().find(expected), std::string::npos) << contract.error().text();
    EXPECT_EQ(contract.error().code, ErrorCode::kConfig);
    EXPECT_EQ(contract.error().place.file, "wrong.yaml");
  }
}

TEST(Contract, OfTheProgramLoads) {
  const std::filesystem::path path = std::filesystem::path(ZHILI_SOURCE_DIR) / "schemas/openapi.yaml";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "there is no schemas/openapi.yaml yet";
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  const auto contract = Contract::parse(text.str(), path.string());
  EXPECT_TRUE(contract) << contract.error().text();
}

}  // namespace
}  // namespace zhili::http
