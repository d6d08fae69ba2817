#include "store/outbox.hpp"

#include <algorithm>

#include "store/outbox_rows.hpp"

namespace zhili::store {
namespace {

Result<int64_t> seen_in(Snapshot& snapshot, std::string_view subscriber) {
  ZHILI_ASSIGN(const Rows rows, snapshot.query("SELECT position FROM outbox_subscriber WHERE name = $1", {subscriber}));
  return rows.empty() ? 0 : rows[0].int64(0);
}

}  // namespace

const Appendable& outbox_rows() {
  static const Appendable rows("outbox", {"position", "topic", "payload", "at"});
  return rows;
}

Result<std::vector<Event>> read_events(Store& store, std::string_view subscriber, size_t most) {
  ZHILI_ASSIGN(auto snapshot, store.read());
  ZHILI_ASSIGN(const int64_t seen, seen_in(snapshot, subscriber));
  const auto limit = static_cast<int64_t>(std::min(most, limits::kEventsRead));
  ZHILI_ASSIGN(const Rows rows,
               snapshot.query("SELECT position, topic, payload, at FROM outbox WHERE position > $1 ORDER BY position "
                              "LIMIT $2",
                              {seen, limit}));
  std::vector<Event> events;
  events.reserve(rows.size());
  for (const Row row : rows) {
    events.push_back({row.int64(0), std::string(row.text(1)), std::string(row.text(2)), row.int64(3)});
  }
  return events;
}

Status advance(Transaction& transaction, std::string_view subscriber, int64_t from, int64_t position) {
  ZHILI_ASSIGN(int64_t changed,
               transaction.execute("UPDATE outbox_subscriber SET position = $3 WHERE name = $1 AND position = $2",
                                   {subscriber, from, position}));
  if (changed == 0 && from == 0) {
    ZHILI_ASSIGN(changed, transaction.execute("INSERT INTO outbox_subscriber (name, position) VALUES ($1, $2) "
                                              "ON CONFLICT (name) DO NOTHING",
                                              {subscriber, position}));
  }
  if (changed == 1) return {};
  return fail(ErrorCode::kConflict, {}, "Read the events again.", "subscriber {} has moved on from {}", subscriber,
              from);
}

Result<int64_t> seen_by(Store& store, std::string_view subscriber) {
  ZHILI_ASSIGN(auto snapshot, store.read());
  return seen_in(snapshot, subscriber);
}

Result<int64_t> trim_events(Store& store, int64_t before) {
  int64_t trimmed = 0;
  ZHILI_TRY(store.commit([&](Transaction& tx) -> Status {
    ZHILI_ASSIGN(trimmed, tx.execute("DELETE FROM outbox WHERE at < $1 AND position <= "
                                     "(SELECT COALESCE(min(position), 0) FROM outbox_subscriber)",
                                     {before}));
    return {};
  }));
  return trimmed;
}

}  // namespace zhili::store
