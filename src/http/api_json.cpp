#include "http/api_json.hpp"

#include <chrono>
#include <cstdio>

#include "identity/accounts.hpp"
#include "identity/api_keys.hpp"

namespace zhili::http {

std::optional<int64_t> time_of(std::string_view text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int used = 0;
  const std::string whole(text.substr(0, 40));
  if (std::sscanf(whole.c_str(), "%4d-%2u-%2uT%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute, &second, &used) !=
      6) {
    return std::nullopt;
  }
  const char* rest = whole.c_str() + used;
  if (*rest == '.') {
    do ++rest;
    while (*rest >= '0' && *rest <= '9');
  }
  int zone_hours = 0;
  int zone_minutes = 0;
  char sign = '+';
  if (std::string_view(rest) != "Z" &&
      (std::sscanf(rest, "%c%2d:%2d%n", &sign, &zone_hours, &zone_minutes, &used) != 3 || rest[used] != '\0')) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (!date.ok() || hour > 23 || minute > 59 || second > 60 || (sign != '+' && sign != '-')) return std::nullopt;
  const int64_t zone = (sign == '-' ? -60 : 60) * (int64_t{60} * zone_hours + zone_minutes);
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return (days * 86'400 + int64_t{hour} * 3600 + int64_t{minute} * 60 + second - zone) * 1'000'000;
}

std::string body_text(const Request& request, std::string_view name) {
  const auto* object = request.json.if_object();
  const auto* value = object == nullptr ? nullptr : object->if_contains(name);
  return value == nullptr || !value->is_string() ? std::string() : std::string(value->get_string());
}

std::optional<int64_t> body_integer(const Request& request, std::string_view name) {
  const auto* object = request.json.if_object();
  const auto* value = object == nullptr ? nullptr : object->if_contains(name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  boost::system::error_code wrong;
  const auto number = value->to_number<int64_t>(wrong);
  return wrong ? std::nullopt : std::optional(number);
}

boost::json::object post_json(const identity::Assignment& post) {
  boost::json::object out{{"role", post.role}};
  if (!post.department.empty()) out["department"] = post.department;
  if (!post.area.empty()) out["area"] = post.area;
  return out;
}

const std::string& ActorNames::of(std::string_view actor) {
  const std::string_view id = actor.substr(actor.find(':') + 1);
  const auto known = known_.find(id);
  if (known != known_.end()) return known->second;
  std::string name;
  if (const auto account = identity::Accounts(parts_.ground).find(id)) {
    name = account->name;
  } else if (const auto key = identity::ApiKeys(parts_.ground).name(id)) {
    name = *key;
  }
  return known_.emplace(id, std::move(name)).first->second;
}

boost::json::object title_json(const catalog::Title& title) { return {{"zh", title.zh}, {"en", title.en}}; }

const catalog::Dataset* DatasetNames::of(const std::string& id) {
  auto found = known_.find(id);
  if (found == known_.end()) {
    auto listed = parts_.registry.find(id);
    found = known_.emplace(id, listed ? std::optional(std::move(listed->dataset)) : std::nullopt).first;
  }
  const auto& known = found->second;
  return known ? &*known : nullptr;
}

Problem refused(const identity::Decision& decision) {
  std::string type(identity::code_of(decision.reason));
  for (char& c : type) c = c == '_' ? '-' : c;
  Problem out = not_allowed(
      type, {identity::words_of(decision, Language::kChinese), identity::words_of(decision, Language::kEnglish)});
  const identity::Rule* rule = decision.rule != nullptr ? decision.rule : decision.nearest;
  if (rule != nullptr) out.more["rule"] = rule->id;
  if (decision.reason == identity::Reason::kSecondFactor) {
    out.hint = {"请在“个人设置”中启用动态口令，并用它重新登录。",
                "Set up a second factor in your settings, and sign in with it."};
  }
  return out;
}

Problem refused(const vault::Refusal& refusal) {
  std::string type = refusal.code;
  for (char& c : type) c = c == '_' ? '-' : c;
  Problem out = refusal.code == "not_found" ? not_found() : not_allowed(type, {refusal.zh, refusal.en});
  if (!refusal.rule.empty()) out.more["rule"] = refusal.rule;
  if (!refusal.entry.empty()) out.more["entry"] = refusal.entry;
  return out;
}

std::optional<Problem> require(const ApiParts& parts, const Request& request, const identity::Request& what) {
  const auto decision = identity::decide(parts.rules->policy, parts.rules->areas, request.caller.actor(), what);
  if (decision.allowed) return std::nullopt;
  return refused(decision);
}

}  // namespace zhili::http
