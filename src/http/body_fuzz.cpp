#include <cstdint>
#include <cstdlib>

#include "base/limits.hpp"
#include "http/test_contract.hpp"
#include "http/validate.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zhili::http;  // NOLINT(google-build-using-namespace)
  static const auto contract = Contract::parse(kTestContract, "test.yaml");
  if (!contract || size < 1) return 0;
  const Operation* operation = contract->find(data[0] % 2 == 0 ? "writeThing" : "later");
  Request request;
  request.operation = operation;
  request.path_parameters = {{"id", "a"}};
  request.headers.add("content-type", "application/json");
  request.body.assign(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto problem = validate(*operation, request);
  if (problem) {
    if (problem->errors.size() > zhili::limits::kFieldErrors) std::abort();
    problem_response(*problem, Language::kEnglish, "id");
  } else if (!request.json.is_object()) {
    std::abort();
  }
  return 0;
}
