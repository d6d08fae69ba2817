#include "library/desk.hpp"

#include <charconv>

namespace zhili::library {
namespace {

constexpr double kMilli = 1000;

struct Behind {
  int64_t distance = -1;
  std::string a;
  std::string b;
};

/// "distance.a.b"
Result<Behind> parse_behind(const std::string& text) {
  Behind out;
  if (text.empty()) return out;
  const size_t first = text.find('.');
  const size_t second = first == std::string::npos ? first : text.find('.', first + 1);
  const auto wrong = [] { return fail(ErrorCode::kInput, {}, "Begin at the list's start.", "no place in the list"); };
  if (second == std::string::npos) return wrong();
  const auto [stop, error] = std::from_chars(text.data(), text.data() + first, out.distance);
  if (error != std::errc() || stop != text.data() + first) return wrong();
  out.a = text.substr(first + 1, second - first - 1);
  out.b = text.substr(second + 1);
  return out;
}

}  // namespace

Result<std::vector<Desk::Doubt>> Desk::doubts(const std::string& kind, const std::string& after, size_t limit) const {
  ZHILI_ASSIGN(const Behind behind, parse_behind(after));
  if (limit == 0 || limit > kPage) return fail(ErrorCode::kInput, {}, "", "a page has 1 to {} lines", kPage);
  ZHILI_ASSIGN(const auto rows,
               store_.query("SELECT a, b, millibits, distance, found_at FROM library_doubt WHERE area_id = $1 AND kind "
                            "= $2 AND (distance, a, b) > ($3, $4, $5) ORDER BY distance, a, b LIMIT $6",
                            {area_id_, kind, behind.distance, behind.a, behind.b, static_cast<int64_t>(limit)}));
  std::vector<Doubt> out;
  out.reserve(rows.size());
  for (const store::Row row : rows) {
    out.push_back({std::string(row.text(0)), std::string(row.text(1)), static_cast<double>(row.int64(2)) / kMilli,
                   row.int64(4), fmt::format("{}.{}.{}", row.int64(3), row.text(0), row.text(1))});
  }
  return out;
}

Result<int64_t> Desk::count_doubts(const std::string& kind) const {
  ZHILI_ASSIGN(const auto rows,
               store_.query("SELECT count(*) FROM library_doubt WHERE area_id = $1 AND kind = $2", {area_id_, kind}));
  return rows[0].int64(0);
}

Result<std::vector<Desk::Event>> Desk::events(const std::string& kind, const std::string& subject) const {
  ZHILI_ASSIGN(const auto rows,
               store_.query("SELECT at, event, other, records FROM library_event WHERE area_id = $1 AND kind = $2 AND "
                            "subject_id = $3 ORDER BY at DESC, event, other LIMIT $4",
                            {area_id_, kind, subject, static_cast<int64_t>(kPage)}));
  std::vector<Event> out;
  out.reserve(rows.size());
  for (const store::Row row : rows) {
    out.push_back(
        {row.int64(0), std::string(row.text(1)), std::string(row.text(2)), static_cast<uint64_t>(row.int64(3))});
  }
  return out;
}

}  // namespace zhili::library
