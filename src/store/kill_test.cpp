// The proof that nothing acknowledged is lost and nothing is half done: a process writes to a store from many threads
// and is killed at a random moment; the store is opened again and compared with what the process was told.
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <set>
#include <span>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>

#include "base/random.hpp"
#include "store/test_server.hpp"
#include "store/test_store.hpp"

namespace zhili::store {
namespace {

const std::vector<Migration> tables = {
    {"kill", 1,
     "CREATE TABLE change_made (area_id BIGINT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (area_id, id));"
     "CREATE TABLE change_line (area_id BIGINT NOT NULL, change_id BIGINT NOT NULL, line BIGINT NOT NULL, word TEXT, "
     "PRIMARY KEY (area_id, change_id, line));"
     "CREATE TABLE total /* small */ (id BIGINT PRIMARY KEY, changes BIGINT NOT NULL);"
     "INSERT INTO total (id, changes) VALUES (1, 0);"}};
const Appendable lines("change_line", {"area_id", "change_id", "line", "word"});

constexpr int kProducers = 16;
constexpr int64_t kLines = 3;  // Two appended, one inserted by a statement.
constexpr int64_t kIdsOfARound = 1'000'000;
constexpr int64_t kReady = -1;  // Among the acknowledged: the store is open.

uint64_t number_from(const char* variable, uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

Status make_change(Transaction& tx, int64_t id) {
  ZHILI_TRY(tx.execute("INSERT INTO change_made (area_id, id) VALUES (1, $1)", {id}));
  ZHILI_TRY(tx.append(lines, {1, id, 0, std::string(static_cast<size_t>(id % 300), 'a')}));
  ZHILI_TRY(tx.execute("INSERT INTO change_line (area_id, change_id, line, word) VALUES (1, $1, 1, 'b')", {id}));
  ZHILI_TRY(tx.append(lines, {1, id, 2, nullptr}));
  ZHILI_TRY(tx.execute("UPDATE total SET changes = changes + 1 WHERE id = 1"));
  // Some fail behind all that, in the middle of a group.
  if (id % 17 == 0) return fail(ErrorCode::kNotFound, {}, "", "no");
  return {};
}

/// The process that is killed: changes from many threads, each acknowledged one written to the pipe.
[[noreturn]] void write_until_killed(const StoreUrl& url, int64_t first_id, int acks) {
  auto opened = Store::open(url, tables);
  if (!opened) {
    // A server that was killed by now is no fault of the store's.
    if (opened.error().code != ErrorCode::kUnavailable) ::_exit(3);
    for (;;) ::pause();
  }
  Store& store = **opened;
  if (::write(acks, &kReady, sizeof kReady) != sizeof kReady) ::_exit(4);
  std::atomic<int64_t> next{first_id};
  std::vector<std::jthread> producers;
  producers.reserve(kProducers);
  for (int i = 0; i < kProducers; ++i) {
    producers.emplace_back([&] {
      for (;;) {
        const int64_t id = next.fetch_add(1);
        const auto done = store.commit([id](Transaction& tx) { return make_change(tx, id); });
        if (done && ::write(acks, &id, sizeof id) != sizeof id) ::_exit(4);
        // A server that was killed stays away until the next round.
        if (!done && done.error().code == ErrorCode::kUnavailable) ::usleep(5000);
      }
    });
  }
  for (;;) ::pause();
}

class KillProof {
 public:
  explicit KillProof(StoreUrl url, uint64_t stream)
      : url_(std::move(url)), seed_(number_from("ZHILI_KILL_SEED", std::random_device{}())), random_(seed_, stream) {
    std::printf("seed %lu: repeat with ZHILI_KILL_SEED\n", static_cast<unsigned long>(seed_));
  }

  /// One round; `kill_all` is called at the random moment, before the writer is killed.
  template <class Kill>
  void round(int number, Kill&& kill_all) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const int64_t first_id = int64_t{number} * kIdsOfARound + 1;
    const pid_t writer = ::fork();
    ASSERT_GE(writer, 0);
    if (writer == 0) write_until_killed(url_, first_id, ends[1]);
    ::close(ends[1]);
    // Mostly while it writes, sometimes while it opens the store, which may bring the last round's state in order.
    if (random_.chance(0.85)) take_acks(ends[0], std::chrono::steady_clock::time_point::max(), true);
    take_acks(ends[0], std::chrono::steady_clock::now() + std::chrono::microseconds(random_.between(100, 100'000)));
    kill_all();
    ::kill(writer, SIGKILL);
    take_acks(ends[0], std::chrono::steady_clock::time_point::max());
    ::close(ends[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(writer, &status, 0), writer);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself with " << WEXITSTATUS(status);
  }

  void check() {
    auto opened = Store::open(url_, tables);
    ASSERT_TRUE(opened) << opened.error().text();
    auto snapshot = (*opened)->read({.time_limit = std::chrono::seconds(60)});
    ASSERT_TRUE(snapshot);
    std::set<int64_t> made;
    ASSERT_TRUE(snapshot->each("SELECT id FROM change_made", {}, [&](const Row& row) -> Status {
      made.insert(row.int64(0));
      return {};
    }));
    for (const int64_t id : acknowledged_) ASSERT_TRUE(made.contains(id)) << "acknowledged and lost: " << id;
    size_t whole = 0;
    ASSERT_TRUE(
        snapshot->each("SELECT change_id, count(*), CAST(sum(line) AS BIGINT) FROM change_line GROUP BY change_id", {},
                       [&](const Row& row) -> Status {
                         EXPECT_TRUE(made.contains(row.int64(0)) && row.int64(1) == kLines && row.int64(2) == 3)
                             << "half of change " << row.int64(0);
                         EXPECT_NE(row.int64(0) % 17, 0);
                         ++whole;
                         return {};
                       }));
    EXPECT_EQ(whole, made.size());
    const auto total = snapshot->query("SELECT changes FROM total");
    ASSERT_TRUE(total);
    EXPECT_EQ((*total)[0].int64(0), static_cast<int64_t>(made.size()));
    made_ = made.size();
  }

  void tell(int rounds) const {
    if (testing::Test::HasFailure()) return;
    std::printf("%d rounds, %zu acknowledged changes, all found; %zu more were durable before their answer\n", rounds,
                acknowledged_.size(), made_ - acknowledged_.size());
    EXPECT_GT(acknowledged_.size(), static_cast<size_t>(rounds));
  }

 private:
  void take_acks(int pipe, std::chrono::steady_clock::time_point until, bool until_ready = false) {
    for (ready_ = false; !until_ready || !ready_;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
      if (left.count() <= 0) return;
      pollfd watched{pipe, POLLIN, 0};
      if (::poll(&watched, 1, static_cast<int>(std::min<int64_t>(left.count(), 1000))) <= 0) continue;
      int64_t ids[512];
      const ssize_t got = ::read(pipe, ids, sizeof ids);
      if (got <= 0) return;
      // Each was written in one piece.
      for (const int64_t id : std::span(ids).first(static_cast<size_t>(got) / sizeof *ids)) {
        if (id == kReady) {
          ready_ = true;
        } else {
          acknowledged_.push_back(id);
        }
      }
    }
  }

  StoreUrl url_;
  uint64_t seed_;
  Random random_;
  std::vector<int64_t> acknowledged_;
  size_t made_ = 0;
  bool ready_ = false;
};

TEST(Kill, SqliteLosesNothingAcknowledged) {
  const TestDatabase database(Engine::kSqlite);
  KillProof proof(database.url(), 1);
  const int rounds = static_cast<int>(number_from("ZHILI_KILL_ROUNDS", 200));
  for (int round = 0; round < rounds && !testing::Test::HasFailure(); ++round) {
    proof.round(round, [] {});
    // The next writer recovers by itself; looking after each round would cost more than it shows.
    if (round % 10 == 9 || round + 1 == rounds) proof.check();
  }
  proof.tell(rounds);
}

TEST(Kill, PostgresLosesNothingAcknowledged) {
  TestServer server;
  KillProof proof(server.url(), 2);
  const int rounds = static_cast<int>(number_from("ZHILI_KILL_ROUNDS", 40));
  for (int round = 0; round < rounds && !testing::Test::HasFailure(); ++round) {
    const bool whole_server = round % 4 == 3;  // Else only the writer is killed.
    proof.round(round, [&] {
      if (whole_server) server.crash();
    });
    if (whole_server) server.start();
    if (round % 10 == 9 || round + 1 == rounds) proof.check();
  }
  proof.tell(rounds);
}

}  // namespace
}  // namespace zhili::store
