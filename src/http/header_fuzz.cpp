#include <cstdint>
#include <cstdlib>

#include "http/callers.hpp"
#include "http/compress.hpp"
#include "http/etag.hpp"
#include "http/request_log.hpp"
#include "http/validate.hpp"

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace zhili::http;  // NOLINT(google-build-using-namespace)
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  choose_coding(text);
  choose_language(text);
  media_type_of(text);
  if (const std::string_view trace = trace_of(text); !trace.empty() && trace.size() != 32) std::abort();
  for (const char* name : {"cookie", "authorization"}) {
    Headers headers;
    headers.add(name, text);
    const Shown shown = credential_in(headers, size % 2 == 0);
    // What goes on from here has the form of a token, or is empty.
    if (shown.token.find_first_of(" '\"\r\n;=") != std::string::npos || shown.token.size() > 200) std::abort();
    headers.add("if-none-match", text);
    headers.add("origin", text);
    headers.add("x-csrf-token", text);
    is_known(headers, "\"1\"");
    Caller caller;
    caller.by = Credential::kSession;
    caller.token = shown.token;
    if (!check_forgery(headers, caller)) std::abort();  // Nobody guesses it.
  }
  const size_t half = size / 2;
  Headers two;
  two.add(text.substr(0, half), text.substr(half));
  if (two[0].second != text.substr(half)) std::abort();
  return 0;
}
