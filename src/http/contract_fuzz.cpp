#include <cstdint>
#include <cstdlib>

#include "http/contract.hpp"
#include "http/router.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto contract = zhili::http::Contract::parse(text, "fuzz.yaml");
  if (!contract) return 0;
  for (const auto& operation : contract->operations()) {
    if (operation.id.empty() || !operation.path.starts_with('/')) std::abort();
    if (contract->find(operation.id) != &operation) std::abort();
  }
  const auto router = zhili::http::Router::create(contract->operations());
  if (router) router->find(zhili::http::Method::kGet, {"a", "b"});
  return 0;
}
