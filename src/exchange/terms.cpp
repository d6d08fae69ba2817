#include "exchange/terms.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "config/fields.hpp"
#include "exchange/terms_keys.hpp"

namespace zhili::exchange {
namespace {

using config::YamlNode;
using std::chrono::days;
using std::chrono::floor;
using std::chrono::microseconds;
using std::chrono::sys_time;
using std::chrono::year_month_day;

constexpr std::string_view kDefault =
#include "exchange/default_terms.inc"
    ;

constexpr uint64_t kMostDays = 365;
constexpr uint64_t kMostWithheld = 3650;
constexpr int64_t kMostSpan = 366;
constexpr int64_t kOffsetMost = 840;  // Minutes.
constexpr int64_t kDay = int64_t{86'400} * 1'000'000;

std::optional<int> digits(std::string_view text) {
  int out = 0;
  const auto [at, wrong] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (wrong != std::errc() || at != text.data() + text.size() || text.front() < '0' || text.front() > '9')
    return std::nullopt;
  return out;
}

/// "2026-10-01".
std::optional<Calendar::Day> parse_day(std::string_view text) {
  constexpr size_t kLength = 10;
  if (text.size() != kLength || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = digits(text.substr(0, 4));
  const auto month = digits(text.substr(5, 2));
  const auto day = digits(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                            std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return Calendar::Day(date);
}

/// Turns the tree into Terms; what is wrong goes to the mistakes. Used once.
class Parser {
 public:
  Parser(Terms& terms, config::Mistakes& mistakes) : terms_(terms), mistakes_(mistakes), fields_(mistakes) {}

  void parse(const YamlNode& root) {
    if (root.kind == YamlNode::Kind::kNull) {
      mistakes_.add({1, 1}, "The file is empty", "Start with 'version: 1', then 'terms:' and 'calendar:'.");
      return;
    }
    if (!fields_.map(root, "the file", keys::kTop)) return;
    if (const auto* version = fields_.required(root, "version", "The file", "version: 1")) {
      (void)fields_.count(*version, "version", 1, 1);
    }
    if (const auto* terms =
            fields_.required(root, "terms", "The file", "terms: {answer_conditional: {days: 10, …}, …}")) {
      all_terms(*terms);
    }
    if (const auto* officers = fields_.required(root, "officers", "The file", "officers: [data_officer]")) {
      if (fields_.list(*officers, "officers")) {
        for (const auto& item : officers->items) {
          if (auto role = fields_.text(item, "officers")) terms_.officers.push_back(std::move(*role));
        }
      }
    }
    if (const auto* withheld = root.find("withheld"); withheld != nullptr && fields_.list(*withheld, "withheld")) {
      for (const auto& item : withheld->items) withhold(item);
    }
    if (const auto* calendar = fields_.required(root, "calendar", "The file", "calendar: {utc_offset: 480, …}")) {
      days_of(*calendar);
    }
  }

 private:
  void all_terms(const YamlNode& node) {
    if (!fields_.map(node, "terms", keys::kTerms)) return;
    const std::array<std::pair<std::string_view, Term*>, 5> all = {
        {{"answer_unconditional", &terms_.answer_unconditional},
         {"answer_conditional", &terms_.answer_conditional},
         {"deliver", &terms_.deliver},
         {"correct", &terms_.correct},
         {"object", &terms_.object}}};
    for (const auto& [name, term] : all) {
      const auto* one = fields_.required(node, name, "terms", "{days: 10, source: …}");
      if (one == nullptr || !fields_.map(*one, name, keys::kTerm)) continue;
      if (const auto* count = fields_.required(*one, "days", name, "days: 10")) {
        term->days = static_cast<int>(fields_.count(*count, "days", 1, kMostDays).value_or(1));
      }
      if (const auto* source = fields_.required(*one, "source", name, "source: the law and its article")) {
        term->source = fields_.text(*source, "source").value_or("");
      }
    }
  }

  void withhold(const YamlNode& node) {
    if (!fields_.map(node, "withheld", keys::kWithheld)) return;
    const auto* basis = fields_.required(node, "basis", "withheld", "basis: id of a legal basis");
    const auto* count = fields_.required(node, "days", "withheld", "days: 180");
    const auto* source = fields_.required(node, "source", "withheld", "source: the law and its article");
    if (basis == nullptr || count == nullptr || source == nullptr) return;
    const auto id = fields_.text(*basis, "basis");
    const auto term = fields_.count(*count, "days", 1, kMostWithheld);
    const auto law = fields_.text(*source, "source");
    if (!id || !term || !law) return;
    if (!terms_.withheld.emplace(*id, static_cast<int64_t>(*term) * kDay).second) {
      mistakes_.add(basis->mark, fmt::format("'{}' is withheld twice", *id), "Write each legal basis once.");
    }
    terms_.withheld_by.emplace(*id, *law);
  }

  std::optional<Calendar::Day> day(const YamlNode& node, std::string_view what) {
    const auto text = fields_.text(node, what);
    if (!text) return std::nullopt;
    const auto out = parse_day(*text);
    if (!out) mistakes_.add(node.mark, fmt::format("'{}' is no day", text->substr(0, 40)), "Write it as 2026-10-01.");
    return out;
  }

  void holiday(const YamlNode& node) {
    if (!fields_.map(node, "holidays", keys::kHoliday)) return;
    const auto* from = fields_.required(node, "from", "A holiday", "from: 2026-10-01");
    const auto* to = fields_.required(node, "to", "A holiday", "to: 2026-10-07");
    if (from == nullptr || to == nullptr) return;
    const auto first = day(*from, "from");
    const auto last = day(*to, "to");
    if (!first || !last) return;
    if (*last < *first || (*last - *first).count() > kMostSpan) {
      mistakes_.add(to->mark, "the holiday ends before it begins, or lasts longer than a year", "Look at its days.");
      return;
    }
    for (auto at = *first; at <= *last; at += days(1)) terms_.calendar.add_holiday(at);
  }

  void days_of(const YamlNode& node) {
    if (!fields_.map(node, "calendar", keys::kCalendar)) return;
    if (const auto* offset = node.find("utc_offset")) {
      if (const auto minutes = fields_.number(*offset, "utc_offset", -static_cast<double>(kOffsetMost), kOffsetMost)) {
        terms_.calendar.set_offset(std::chrono::minutes(static_cast<int64_t>(*minutes)));
      }
    }
    if (const auto* source = fields_.required(node, "source", "calendar", "source: the announcement")) {
      (void)fields_.text(*source, "source");
    }
    if (const auto* holidays = node.find("holidays"); holidays != nullptr && fields_.list(*holidays, "holidays")) {
      for (const auto& item : holidays->items) holiday(item);
    }
    if (const auto* moved = node.find("workdays"); moved != nullptr && fields_.list(*moved, "workdays")) {
      for (const auto& item : moved->items) {
        const auto worked = day(item, "workdays");
        if (!worked) continue;
        const std::chrono::weekday weekday(*worked);
        if (weekday != std::chrono::Saturday && weekday != std::chrono::Sunday) {
          mistakes_.add(item.mark, "a day that is made up for falls on a weekend", "Ordinary days need no word.");
          continue;
        }
        terms_.calendar.add_workday(*worked);
      }
    }
  }

  Terms& terms_;
  config::Mistakes& mistakes_;
  config::Fields fields_;
};

}  // namespace

bool Calendar::is_workday(Day day) const {
  if (workdays_.contains(day)) return true;
  if (holidays_.contains(day)) return false;
  const std::chrono::weekday weekday(day);
  return weekday != std::chrono::Saturday && weekday != std::chrono::Sunday;
}

Calendar::Day Calendar::day_of(int64_t moment) const {
  return floor<days>(sys_time<microseconds>(microseconds(moment) + offset_));
}

int64_t Calendar::due(int64_t from, int count) const {
  Day at = day_of(from);
  for (int left = count; left > 0;) {
    at += days(1);
    if (is_workday(at)) --left;
  }
  const auto end = std::chrono::time_point_cast<microseconds>(at + days(1)).time_since_epoch() - offset_;
  return std::chrono::duration_cast<microseconds>(end).count() - 1;
}

int64_t Calendar::days_between(int64_t from, int64_t to) const {
  const Day first = day_of(from);
  const Day last = day_of(to);
  int64_t out = 0;
  for (Day at = std::min(first, last); at < std::max(first, last);) {
    at += days(1);
    if (is_workday(at)) ++out;
  }
  return last < first ? -out : out;
}

bool Calendar::knows(int64_t moment) const {
  const auto year = year_month_day(day_of(moment)).year();
  const auto it = holidays_.lower_bound(Day(year / std::chrono::January / 1));
  return it != holidays_.end() && year_month_day(*it).year() == year;
}

Result<Terms> parse_terms(std::string_view yaml, const std::string& file) {
  ZHILI_ASSIGN(const YamlNode root, config::parse_yaml(yaml, file));
  Terms out;
  config::Mistakes mistakes(file);
  Parser(out, mistakes).parse(root);
  if (!mistakes.none()) return fail(std::move(mistakes).error());
  return out;
}

std::string_view default_terms_yaml() { return kDefault; }

}  // namespace zhili::exchange
