#include "opendata/uses.hpp"

#include "base/clock.hpp"

namespace zhili::opendata {
namespace {

constexpr int64_t kDay = int64_t{86'400} * 1'000'000;
constexpr int64_t kBetween = int64_t{5} * 1'000'000;  // Writings.

}  // namespace

Uses::~Uses() { (void)flush(); }

Uses::Counts Uses::take() {
  const std::scoped_lock lock(mutex_);
  return std::exchange(waiting_, {});
}

Status Uses::write(store::Transaction& tx, int64_t area_id, const Counts& counts, int64_t day) {
  for (const auto& [what, count] : counts) {
    ZHILI_TRY(
        tx.execute("INSERT INTO open_use (area_id, publication, day, way, told) VALUES ($1, $2, $3, $4, $5) ON "
                   "CONFLICT (area_id, publication, day, way) DO UPDATE SET told = open_use.told + $5",
                   {area_id, what.first, day, what.second, count}));
  }
  return {};
}

void Uses::note(std::string_view publication, std::string_view way) {
  const int64_t now = store_.now();
  {
    const std::scoped_lock lock(mutex_);
    ++waiting_[{std::string(publication), std::string(way)}];
    if (is_within(written_at_, kBetween, now)) return;
    written_at_ = now;
  }
  // What can't be written is lost: nobody waits for it.
  store_.submit([area_id = area_id_, counts = take(),
                 day = now / kDay](store::Transaction& tx) { return write(tx, area_id, counts, day); },
                [](const Status&) {});
}

Status Uses::flush() {
  const auto counts = take();
  if (counts.empty()) return {};
  return store_.commit([&](store::Transaction& tx) { return write(tx, area_id_, counts, store_.now() / kDay); });
}

Result<std::vector<Uses::Day>> Uses::days(std::string_view publication, size_t days) {
  ZHILI_TRY(flush());
  ZHILI_ASSIGN(const auto rows,
               store_.query("SELECT day, CAST(sum(CASE WHEN way = 'view' THEN told ELSE 0 END) AS BIGINT), "
                            "CAST(sum(CASE WHEN way = 'query' THEN told ELSE 0 END) AS BIGINT), "
                            "CAST(sum(CASE WHEN way = 'download' THEN told ELSE 0 END) AS BIGINT) FROM open_use WHERE "
                            "area_id = $1 AND publication = $2 GROUP BY day ORDER BY day DESC LIMIT $3",
                            {area_id_, publication, static_cast<int64_t>(days)}));
  std::vector<Day> out;
  out.reserve(rows.size());
  for (const store::Row row : rows) out.push_back({row.int64(0), row.int64(1), row.int64(2), row.int64(3)});
  return out;
}

Result<std::map<std::string, int64_t, std::less<>>> Uses::totals() {
  ZHILI_TRY(flush());
  ZHILI_ASSIGN(const auto rows, store_.query("SELECT publication, CAST(sum(told) AS BIGINT) FROM open_use WHERE "
                                             "area_id = $1 GROUP BY publication",
                                             {area_id_}));
  std::map<std::string, int64_t, std::less<>> out;
  for (const store::Row row : rows) out.emplace(row.text(0), row.int64(1));
  return out;
}

}  // namespace zhili::opendata
