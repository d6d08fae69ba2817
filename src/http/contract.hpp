#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "http/json_schema.hpp"
#include "http/message.hpp"

namespace zhili::http {

struct Parameter {
  enum class In : uint8_t { kPath, kQuery, kHeader };
  std::string name;  ///< Of a header in small letters.
  In in = In::kQuery;
  bool required = false;
  bool exploded = true;  ///< A list is given as name=a&name=b, else as name=a,b.
  const JsonSchema* schema = nullptr;
  std::optional<std::string> fallback;  ///< The schema's default, as text.
};

/// Where an operation's handler runs.
enum class Runs : uint8_t {
  kQuick,     ///< On the connection's thread: it waits for nothing and takes less than a millisecond.
  kWorker,    ///< On one of a few threads that may wait, as for a query.
  kPassword,  ///< On threads of its own, since hashing a password takes long.
};

/// One operation of the contract.
struct Operation {
  std::string id;
  Method method = Method::kGet;
  std::string path;   ///< The template, with the server's prefix: "/api/v1/entities/{kind}/{id}".
  size_t number = 0;  ///< Its place among the contract's operations.
  std::vector<Parameter> parameters;

  bool takes_body = false;
  bool body_required = false;
  const JsonSchema* body = nullptr;     ///< Of application/json; none where the body is of another type.
  std::vector<std::string> body_types;  ///< Media types that are taken, in small letters.

  bool open = false;           ///< Nobody needs to be signed in.
  bool takes_session = false;  ///< A scheme of type apiKey in cookie is named in `security`.
  bool takes_key = false;      ///< A scheme of type http bearer is.
  bool takes_waiting = false;  ///< `x-waiting-session: true`: a session that waits for its second factor will do.
  Runs runs = Runs::kWorker;   ///< `x-runs: quick`, `worker` or `password`.
  bool writes = false;         ///< By its method, unless `x-not-a-write: true`: Idempotency-Key has a meaning.
  size_t max_body = 0;         ///< `x-max-body`, in bytes.
  std::chrono::milliseconds time_limit{0};  ///< `x-time-limit`, in seconds.
};

/// An OpenAPI 3.1 document, as far as the server acts on it:
///  - `paths`, with `servers[0].url` before them where that is a path; `$ref` to `#/components/…`;
///  - `operationId`, `parameters` (path, query, header), `requestBody`, `security`, and what begins with `x-` above.
/// Schemas of requests keep to the keywords of json_schema.hpp; what the server can't check does not load. Responses
/// are documentation.
class Contract {
 public:
  /// `file` is named in errors: kConfig for a document that is not so; with the path of the part that is wrong.
  static Result<Contract> parse(std::string_view yaml, const std::string& file);

  /// They live as long as any copy of the contract.
  const std::vector<Operation>& operations() const;
  /// Null where there is none.
  const Operation* find(std::string_view operation_id) const;
  /// Of the server, before all paths: "/api/v1", or nothing.
  const std::string& prefix() const;
  /// The document as JSON.
  const std::string& json() const;

 private:
  struct Parts;
  explicit Contract(std::shared_ptr<const Parts> parts);
  std::shared_ptr<const Parts> parts_;  // Shared by copies; it never changes.
};

}  // namespace zhili::http
