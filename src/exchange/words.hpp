#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "audit/entry.hpp"
#include "base/result.hpp"

/// Words that the room's parts share: of the audit log, of events, of errors.
namespace zhili::exchange {

struct Request;
struct Conditions;
struct Wanted;

/// A word; one that the log does not take is told as "other".
audit::Word word_of(std::string_view text);
/// What an event tells of a request: ids and state, and nothing that people wrote.
std::string event_of(const Request& request);

/// One of several mistakes in what was given: "PATH: WORDS", with the Chinese ones as its hint.
Error mistake(std::string_view path, std::string_view zh, std::string_view en);
std::unexpected<Error> other_version(int64_t is);
std::unexpected<Error> wrong_state(std::string_view state, std::string_view step);
std::unexpected<Error> too_long();
/// Something was written, and not too much.
Status require_reason(const std::string& reason);
/// That conditions open no more than was asked for. Errors: kInput with all that does.
Status require_within(const Conditions& conditions, const Wanted& wanted, int64_t now);

}  // namespace zhili::exchange
