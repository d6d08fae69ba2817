#include "exchange/words.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <boost/json.hpp>

#include "exchange/requests.hpp"

namespace zhili::exchange {

audit::Word word_of(std::string_view text) {
  auto word = audit::Word::create(text);
  return word ? std::move(*word) : *audit::Word::create("other");
}

std::string event_of(const Request& request) {
  return boost::json::serialize(boost::json::object{{"id", request.id},
                                                    {"state", name_of(request.state)},
                                                    {"dataset", request.wanted.dataset},
                                                    {"department", request.wanted.department},
                                                    {"owner", request.owner},
                                                    {"answers", request.answers},
                                                    {"answer_due", request.answer_due},
                                                    {"deliver_due", request.deliver_due}});
}

Error mistake(std::string_view path, std::string_view zh, std::string_view en) {
  return {ErrorCode::kInput, fmt::format("{}: {}", path, en), {}, std::string(zh), {}};
}

std::unexpected<Error> other_version(int64_t is) {
  return fail(ErrorCode::kConflict, {}, "Look at it again, and make your change to that version.",
              "it has version {} by now", is);
}

std::unexpected<Error> wrong_state(std::string_view state, std::string_view step) {
  return fail(ErrorCode::kConflict, {}, "Look at what became of it.", "what is {} can't be {}", state, step);
}

std::unexpected<Error> too_long() {
  return fail(ErrorCode::kInput, {}, "Say it shorter.", "what is written has more than {} bytes", kReasonBytes);
}

Status require_reason(const std::string& reason) {
  if (reason.size() > kReasonBytes) return too_long();
  if (reason.find_first_not_of(" \t\r\n") != std::string::npos) return {};
  return fail(ErrorCode::kInput, {}, "Write why: who asked reads it.", "there is no reason");
}

Status require_within(const Conditions& conditions, const Wanted& wanted, int64_t now) {
  std::vector<Error> mistakes;
  const auto add = [&](std::string_view path, std::string_view zh, std::string_view en) {
    mistakes.push_back(mistake(path, zh, en));
  };
  if (conditions.fields.empty()) add("/fields", "没有信息项", "there is none");
  std::set<std::string_view> seen;
  for (size_t i = 0; i < conditions.fields.size(); ++i) {
    const std::string& field = conditions.fields[i].field;
    if (std::ranges::find(wanted.fields, field) == wanted.fields.end() || !seen.insert(field).second) {
      add(fmt::format("/fields/{}", i), "未申请，或重复", "it was not asked for, or comes twice");
    }
  }
  if (conditions.rows.size() > kRequestConditions) add("/rows", "条件太多", "there are too many");
  for (size_t i = 0; i < conditions.rows.size(); ++i) {
    if (conditions.rows[i].values.empty() || conditions.rows[i].values.size() > vault::kConditionValues) {
      add(fmt::format("/rows/{}/values", i), "没有值，或太多", "there is none, or too many");
    }
  }
  if (conditions.until <= now || conditions.until > wanted.until) {
    add("/until", "已过期，或晚于申请的期限", "it is over, or later than was asked for");
  }
  if (conditions.per_minute < 1 || conditions.per_minute > wanted.per_minute) {
    add("/per_minute", "小于1，或高于申请的次数", "it is below 1, or above what was asked for");
  }
  if (conditions.per_day < 1 || conditions.per_day > wanted.per_day) {
    add("/per_day", "小于1，或高于申请的次数", "it is below 1, or above what was asked for");
  }
  if (mistakes.empty()) return {};
  return fail(Error{ErrorCode::kInput,
                    fmt::format("{} of the conditions will not do", mistakes.size()),
                    {},
                    "Open what was asked for, or less.",
                    std::move(mistakes)});
}

}  // namespace zhili::exchange
