#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/limits.hpp"
#include "http/request_reader.hpp"

namespace {

using zhili::http::RequestReader;

constexpr size_t kMostBody = 1'000;

struct Read {
  bool bad = false;
  bool done = false;
  size_t used = 0;
  std::string body;
};

// Reads one request from bytes that come in pieces.
Read read(std::string_view all, size_t piece) {
  RequestReader reader;
  Read out;
  std::string buffer;
  size_t given = 0;
  bool head = false;
  while (!out.done && !out.bad && given < all.size()) {
    const std::string_view more = all.substr(given, piece);
    buffer += more;
    given += more.size();
    for (bool again = true; again;) {
      again = false;
      const RequestReader::Step step = head ? reader.read_body(buffer) : reader.read_head(buffer);
      if (step.consumed > buffer.size()) std::abort();
      buffer.erase(0, step.consumed);
      out.used += step.consumed;
      out.bad = step.problem.has_value();
      if (out.bad || !step.done) break;
      if (head) out.done = true;
      if (!head) {
        head = again = true;
        reader.limit_body(kMostBody);
        out.bad = reader.announced().value_or(0) > kMostBody;
        if (out.bad) break;
      }
    }
    // A server gives up here, too.
    if (buffer.size() > 2 * zhili::limits::kHeadBytes) out.bad = true;
  }
  out.body = reader.request().body;
  if (out.body.size() > kMostBody && !out.bad) std::abort();
  if (out.done && reader.request().target.size() > zhili::limits::kTargetBytes) std::abort();
  if (reader.request().headers.size() > zhili::limits::kHeaderFields) std::abort();
  return out;
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer gives the name.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const Read whole = read(all, all.size() + 1);
  const Read pieces = read(all, 1 + all.size() / 7);
  // How bytes are cut on their way changes nothing of what is taken.
  if (whole.done && pieces.done && (whole.used != pieces.used || whole.body != pieces.body)) std::abort();
  if (whole.done && pieces.bad) std::abort();
  return 0;
}
