#include "identity/throttle.hpp"

#include <algorithm>
#include <array>

#include <arpa/inet.h>

namespace zhili::identity {
namespace {

int64_t delay_after(int64_t failures, const ThrottleLimits& limits) {
  if (failures <= limits.free) return 0;
  const int64_t doublings = std::min<int64_t>(failures - limits.free - 1, 30);
  return std::min(kSecond << doublings, limits.longest);
}

}  // namespace

Result<int64_t> charge_attempt(store::Transaction& tx, const std::string& name, const ThrottleLimits& limits,
                               int64_t now) {
  ZHILI_ASSIGN(const store::Rows rows,
               tx.query("SELECT failures, until, last FROM sign_in_delay WHERE name = $1", {name}));
  int64_t failures = 0;
  if (!rows.empty()) {
    const store::Row row = rows[0];
    // A clock that was put back must not keep people out for long.
    const int64_t until = std::min(row.int64(1), now + limits.longest);
    if (now < until) {
      // Else it would count from now on each time, until the clock is where it was.
      if (until < row.int64(1)) {
        ZHILI_TRY(tx.execute("UPDATE sign_in_delay SET until = $2 WHERE name = $1", {name, until}));
      }
      return until;
    }
    const int64_t rested = std::max<int64_t>(now - row.int64(2), 0);
    failures = std::max<int64_t>(row.int64(0) - rested / limits.forgiven, 0);
  }
  ++failures;
  ZHILI_TRY(
      tx.execute("INSERT INTO sign_in_delay (name, failures, until, last) VALUES ($1, $2, $3, $4) "
                 "ON CONFLICT (name) DO UPDATE SET failures = excluded.failures, until = excluded.until, "
                 "last = excluded.last",
                 {name, failures, now + delay_after(failures, limits), now}));
  return 0;
}

Status refund_attempt(store::Transaction& tx, const std::string& name) {
  ZHILI_TRY(tx.execute("UPDATE sign_in_delay SET failures = failures - 1, until = 0 WHERE name = $1 AND failures > 0",
                       {name}));
  return {};
}

Status forget_attempts(store::Transaction& tx, const std::string& name) {
  ZHILI_TRY(tx.execute("DELETE FROM sign_in_delay WHERE name = $1", {name}));
  return {};
}

Result<int64_t> sweep_attempts(store::Transaction& tx, int64_t before, int64_t most) {
  return tx.execute("DELETE FROM sign_in_delay WHERE name IN (SELECT name FROM sign_in_delay WHERE last < $1 LIMIT $2)",
                    {before, most});
}

std::string throttled_address(const std::string& address) {
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return address;
  constexpr std::array<unsigned char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) {
    return fmt::format("{}.{}.{}.{}", bytes[12], bytes[13], bytes[14], bytes[15]);
  }
  std::string out;
  for (size_t i = 0; i < 8; ++i) out += fmt::format("{:02x}", bytes.at(i));
  return out + "/64";
}

}  // namespace zhili::identity
