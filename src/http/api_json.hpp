#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json.hpp>

#include "base/clock.hpp"
#include "http/api.hpp"
#include "http/message.hpp"
#include "http/problem.hpp"
#include "http/responder.hpp"
#include "identity/decision.hpp"

/// What the operations share: forms of values, and how an answer that may be a problem is sent.
namespace zhili::http {

/// What an operation comes to. A room's error becomes the problem that it is to a client, so ZHILI_TRY and ZHILI_ASSIGN
/// may be used.
class [[nodiscard]] Answer : public std::expected<Response, Problem> {
 public:
  using std::expected<Response, Problem>::expected;
  // NOLINTBEGIN(google-explicit-constructor)
  Answer(const Problem& problem) : std::expected<Response, Problem>(std::unexpected(problem)) {}
  Answer(const std::unexpected<Error>& error)
      : std::expected<Response, Problem>(std::unexpected(problem_of(error.error()))) {}
  // NOLINTEND(google-explicit-constructor)
};

/// A handler out of a function that answers before it returns.
template <class Work>
Handler answering(Work work) {
  return [work = std::move(work)](Request&& request, Responder&& responder) {
    Answer answer = work(request);
    if (answer) {
      responder.send(std::move(*answer));
    } else {
      responder.send(answer.error());
    }
  };
}

/// The moment of RFC 3339 text; none for other text.
std::optional<int64_t> time_of(std::string_view text);

/// A text member of the body; the contract has checked that it is there, or it is empty.
std::string body_text(const Request& request, std::string_view name);
std::optional<int64_t> body_integer(const Request& request, std::string_view name);

boost::json::object post_json(const identity::Assignment& post);

/// Names of those who acted, for people to read beside the ids. Remembers, since a page names the same few again and
/// again.
class ActorNames {
 public:
  explicit ActorNames(const ApiParts& parts) : parts_(parts) {}
  /// Of an account or a key, also one that ended; `actor` is its id, as it is or behind a kind, "system:key_…". Empty
  /// for others, such as commands.
  const std::string& of(std::string_view actor);

 private:
  const ApiParts& parts_;
  std::map<std::string, std::string, std::less<>> known_;
};

boost::json::object title_json(const catalog::Title& title);

/// What datasets and their fields are called, for people who do not read the catalogue. Remembers what it found.
class DatasetNames {
 public:
  explicit DatasetNames(const ApiParts& parts) : parts_(parts) {}
  /// None where there is no such dataset any more.
  const catalog::Dataset* of(const std::string& id);

 private:
  const ApiParts& parts_;
  std::map<std::string, std::optional<catalog::Dataset>, std::less<>> known_;
};

/// 403 with the reason's code, words and rule.
Problem refused(const identity::Decision& decision);
/// What the door refused: 404 for what is not there, else 403 with code, words, rule and entry.
Problem refused(const vault::Refusal& refusal);
/// None where the caller may.
std::optional<Problem> require(const ApiParts& parts, const Request& request, const identity::Request& what);

}  // namespace zhili::http
