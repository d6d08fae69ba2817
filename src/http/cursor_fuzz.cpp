#include <cstdint>
#include <cstdlib>

#include "http/contract.hpp"
#include "http/cursor.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zhili;  // NOLINT(google-build-using-namespace)
  static const auto seal = identity::SealKeys::create({std::string(identity::SealKeys::kKeyBytes, 'k')});
  static identity::SystemEntropy entropy;  // NOLINT(readability-identifier-naming): it draws.
  if (!seal) return 0;
  const http::Cursors cursors(*seal, entropy);
  const std::string text(reinterpret_cast<const char*>(data), size);
  http::Operation operation;
  operation.id = "list";
  http::Request request;
  request.operation = &operation;
  request.query = {{"cursor", text}};
  const auto forged = cursors.position(request);
  if (forged) std::abort();
  // What the server gave comes back as it was, and with one bit changed does not.
  auto given = cursors.next(request, text);
  if (!given) return 0;
  request.query = {{"cursor", *given}};
  const auto position = cursors.position(request);
  if (given->size() <= 4096 && (!position || *position != text)) std::abort();
  (*given)[size % given->size()] ^= 1;
  request.query = {{"cursor", *given}};
  if (cursors.position(request)) std::abort();
  return 0;
}
