#include "fuse/online.hpp"

#include <atomic>
#include <csignal>
#include <fstream>
#include <future>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuse/resolver_play.hpp"
#include "fuse/test_sealing.hpp"
#include "store/test_store.hpp"

namespace zhili::fuse {
namespace {

namespace fs = std::filesystem;

/// What a consumer of entities keeps: who is in which.
constexpr std::string_view kKept =
    "CREATE TABLE kept_entity (area_id BIGINT NOT NULL, id TEXT NOT NULL, members TEXT NOT NULL, "
    "PRIMARY KEY (area_id, id));";

std::vector<store::Migration> migrations() {
  auto out = Online::migrations();
  out.push_back({"kept", 1, kKept});
  return out;
}

Status keep(store::Transaction& transaction, const Resolution& resolution) {
  for (const auto& entity : resolution.entities) {
    std::string members;
    for (const auto& [source, record] : entity.members) members += fmt::format("{}:{} ", source, record);
    if (entity.gone) {
      ZHILI_TRY(transaction.execute("DELETE FROM kept_entity WHERE area_id = 1 AND id = $1", {entity.id.text()}));
      continue;
    }
    ZHILI_TRY(
        transaction.execute("INSERT INTO kept_entity (area_id, id, members) VALUES (1, $1, $2) "
                            "ON CONFLICT (area_id, id) DO UPDATE SET members = excluded.members",
                            {entity.id.text(), members}));
  }
  return {};
}

Result<EntityWrite> prepare_kept(const Resolver& /*resolver*/, const Resolution& resolution) {
  return [resolution](store::Transaction& transaction) { return keep(transaction, resolution); };
}

OnlineOptions options_for(const fs::path& dir, Sealing& sealing, uint64_t owner) {
  OnlineOptions options;
  options.area = 1;
  options.kind = "person";
  options.dir = dir / "fuse";
  options.sealing = &sealing;
  options.sink = prepare_kept;
  options.owner = owner;
  options.changes_between_snapshots = 0;
  return options;
}

class OnlineTest : public store::StoreTest {
 protected:
  void SetUp() override {
    store::StoreTest::SetUp();
    if (IsSkipped()) return;
    store_ = database().open(migrations());
  }
  void TearDown() override {
    store_.reset();
    store::StoreTest::TearDown();
  }

  OnlineOptions options(uint64_t owner = 7) { return options_for(database().dir(), sealing_, owner); }
  Config config() const { return parse_config(ground_.yaml).value(); }

  /// A base of no records under the learnt model.
  Status make() {
    static Cancel cancel;
    ZHILI_ASSIGN(auto fusion, Fusion::create(config(), 1, Progress::Mode::kOff, cancel));
    fusion->freeze(FrozenModel::parse(ground_.frozen.to_bytes()).value());
    ZHILI_TRY(fusion->adopt(RecordEditor::empty(fusion->config())));
    return Online::create(*store_, options(), std::move(fusion), {}, {});
  }
  std::unique_ptr<Online> open(OnlineOptions options) {
    auto online = Online::open(*store_, std::move(options), config());
    EXPECT_TRUE(online) << online.error().text();
    return online ? std::move(*online) : nullptr;
  }
  std::unique_ptr<Online> open() { return open(options()); }

  /// Sends changes without waiting for each, and waits for all.
  void send(Online& online, int count) {
    std::atomic<int> failed{0};
    for (int i = 0; i < count; ++i) {
      online.submit(play_.change(), [&](const Result<Effect>& effect) { failed += effect ? 0 : 1; });
    }
    EXPECT_TRUE(online.ask([](const Resolver&) {}));
    EXPECT_TRUE(online.put({0, "unknown", "", true, {}}));  // Behind all the others.
    EXPECT_EQ(failed, 0);
  }
  Picture picture(Online& online) {
    Picture out;
    EXPECT_TRUE(online.ask([&](const Resolver& resolver) { out = picture_of(resolver); }));
    return out;
  }
  Picture expected() { return batch(ground_.yaml, play_.lines, ground_.frozen, play_.decisions); }
  /// The consumer's table says what the base says.
  void expect_kept(Online& online) {
    Picture kept;
    const auto rows = store_->query("SELECT id, members FROM kept_entity WHERE area_id = 1");
    ASSERT_TRUE(rows) << rows.error().text();
    for (const auto row : *rows) kept[std::string(row.text(0))] = row.text(1);
    Picture there;
    EXPECT_TRUE(online.ask([&](const Resolver& resolver) {
      for (const EntityId id : resolver.ids()) {
        const auto entity = resolver.entity(id);
        ASSERT_TRUE(entity);
        std::string members;
        for (const auto& [source, record] : entity->members) members += fmt::format("{}:{} ", source, record);
        there[id.text()] = members;
      }
    }));
    EXPECT_EQ(difference(kept, there), "");
  }

  TestSealing sealing_{1};
  std::unique_ptr<store::Store> store_;
  Ground ground_{std::string(kPeople), 60, 1};
  Play play_{ground_, 1};
};
ZHILI_ON_BOTH_ENGINES(OnlineTest);

TEST_P(OnlineTest, IsThereAgainAfterARestart) {
  ASSERT_TRUE(make());
  for (int round = 0; round < 4; ++round) {
    SCOPED_TRACE(round);
    const auto online = open();
    ASSERT_TRUE(online);
    EXPECT_EQ(difference(picture(*online), expected()), "");
    if (round == 2) {
      ASSERT_TRUE(online->snapshot());
      EXPECT_EQ(online->counts().snapshots, 1);
    }
    send(*online, 60);
    ASSERT_TRUE(online->decide({play_.decision(), play_.decision()}));
    EXPECT_EQ(difference(picture(*online), expected()), "");
    expect_kept(*online);
    EXPECT_EQ(round == 3, online->counts().replayed < online->counts().head - online->counts().steps);
  }
}

TEST_P(OnlineTest, TakesSnapshotsBesideTheWork) {
  ASSERT_TRUE(make());
  auto many = options();
  many.changes_between_snapshots = 15;
  many.step = 3;
  {
    const auto online = open(many);
    ASSERT_TRUE(online);
    for (int i = 0; i < 20; ++i) send(*online, 20);
    ASSERT_TRUE(online->snapshot());
    EXPECT_GT(online->counts().snapshots, 1);
    // What a snapshot before the last holds is not kept as a journal too.
    const auto rows = store_->query("SELECT count(*) FROM fuse_journal");
    ASSERT_TRUE(rows);
    EXPECT_LT((*rows)[0].int64(0), static_cast<int64_t>(online->counts().head));
    send(*online, 20);
  }
  const auto online = open();
  ASSERT_TRUE(online);
  EXPECT_LE(online->counts().replayed, 60);
  EXPECT_EQ(difference(picture(*online), expected()), "");
  expect_kept(*online);
}

TEST_P(OnlineTest, FallsBackToAnOlderSnapshot) {
  ASSERT_TRUE(make());
  {
    const auto online = open();
    send(*online, 50);
    ASSERT_TRUE(online->snapshot());
    send(*online, 50);
    ASSERT_TRUE(online->snapshot());
    send(*online, 10);
  }
  fs::path newest;
  for (const auto& entry : fs::directory_iterator(options().dir)) {
    if (entry.path().extension() == ".snapshot") newest = std::max(newest, entry.path());
  }
  fs::resize_file(newest, fs::file_size(newest) / 2);
  const auto online = open();
  ASSERT_TRUE(online);
  EXPECT_EQ(difference(picture(*online), expected()), "");
}

TEST_P(OnlineTest, KeepsNoPersonalValueInPlainSight) {
  ASSERT_TRUE(make());
  {
    const auto online = open();
    ASSERT_TRUE(online->put({0, "1", "2026-01-01", false, {"zarathustra quick", "1987-06-05", "13812345678"}}));
    ASSERT_TRUE(online->snapshot());
    ASSERT_TRUE(online->put({0, "2", "2026-01-01", false, {"zarathustra quick", "1987-06-05", "13812345678"}}));
  }
  const auto rows = store_->query("SELECT sealed FROM fuse_journal");
  ASSERT_TRUE(rows);
  ASSERT_GT(rows->size(), 0);
  std::string all;
  for (const auto row : *rows) all += row.bytes(0);
  for (const auto& entry : fs::recursive_directory_iterator(database().dir())) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    all.append(std::istreambuf_iterator<char>(in), {});
  }
  for (const auto* secret : {"zarathustra", "quick", "19870605", "1987-06-05", "13812345678"}) {
    EXPECT_EQ(all.find(secret), std::string::npos) << secret;
  }
}

TEST_P(OnlineTest, TakesBackWhatTheStoreRefuses) {
  ASSERT_TRUE(make());
  std::atomic<bool> refuse{false};
  auto options = this->options();
  options.step = 4;
  options.sink = [&](const Resolver& /*resolver*/, const Resolution& resolution) -> Result<EntityWrite> {
    return [&refuse, resolution](store::Transaction& transaction) -> Status {
      if (refuse) return fail(ErrorCode::kConstraint, {}, "", "not now");
      return keep(transaction, resolution);
    };
  };
  const auto online = open(options);
  ASSERT_TRUE(online);
  send(*online, 60);
  const auto before = picture(*online);
  const auto lines = play_.lines;
  refuse = true;
  std::atomic<int> refused{0};
  std::atomic<int> answered{0};
  constexpr int kSent = 40;
  for (int i = 0; i < kSent; ++i) {
    online->submit(play_.change(), [&](const Result<Effect>& effect) {
      refused += effect ? 0 : 1;
      ++answered;
    });
  }
  EXPECT_FALSE(online->put(play_.change()));
  while (answered < kSent) std::this_thread::yield();
  EXPECT_GT(refused, 0);
  play_.lines = lines;
  refuse = false;
  EXPECT_EQ(difference(picture(*online), before), "");
  EXPECT_EQ(difference(picture(*online), expected()), "");
  send(*online, 40);
  EXPECT_EQ(difference(picture(*online), expected()), "");
  expect_kept(*online);
}

TEST_P(OnlineTest, BelongsToOneProcess) {
  ASSERT_TRUE(make());
  EXPECT_EQ(make().error().code, ErrorCode::kConflict);
  const auto online = open();
  ASSERT_TRUE(online);
  // The same machine: the directory is locked.
  const auto second = Online::open(*store_, options(8), config());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kBusy);
  // Another machine, which sees the store alone: it waits for a sign, and sees one.
  auto elsewhere = options(9);
  elsewhere.dir = database().dir() / "elsewhere";
  fs::create_directories(elsewhere.dir);
  for (const auto& entry : fs::directory_iterator(options().dir)) fs::copy(entry.path(), elsewhere.dir);
  elsewhere.alone = false;
  elsewhere.lease = std::chrono::milliseconds(600);
  std::atomic<bool> over{false};
  std::thread working([&] {
    while (!over) EXPECT_TRUE(online->put(play_.change()));
  });
  const auto refused = Online::open(*store_, elsewhere, config());
  over = true;
  working.join();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kBusy);
  // Without a sign it is taken over, and the first can't write any more.
  const auto taken = Online::open(*store_, elsewhere, config());
  ASSERT_TRUE(taken) << taken.error().text();
  const auto before = picture(**taken);
  EXPECT_EQ(online->put({0, "x", "", false, {"anna", "", ""}}).error().code, ErrorCode::kBusy);
  EXPECT_EQ(online->put({0, "x", "", false, {"anna", "", ""}}).error().code, ErrorCode::kBusy);
  EXPECT_TRUE(online->counts().over);
  EXPECT_FALSE((*taken)->counts().over);
  EXPECT_TRUE((*taken)->put({0, "x", "", false, {"anna", "", ""}}));
  EXPECT_NE(difference(picture(**taken), before), "");
}

TEST_P(OnlineTest, RefusesWhatIsNoRecordAtOnce) {
  ASSERT_TRUE(make());
  const auto online = open();
  EXPECT_EQ(online->put({0, "", "", false, {"anna", "", ""}}).error().code, ErrorCode::kInput);
  EXPECT_EQ(online->put({0, "1", "", false, {"\xff", "", ""}}).error().code, ErrorCode::kInput);
  EXPECT_EQ(online->put({9, "1", "", false, {"", "", ""}}).error().code, ErrorCode::kInput);
  EXPECT_EQ(online->counts().records, 0);
}

TEST_P(OnlineTest, ManyThreadsMaySend) {
  ASSERT_TRUE(make());
  {
    const auto online = open();
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 25; ++i) {
          auto line = ground_.pool[static_cast<size_t>((i * 4 + t)) % ground_.pool.size()];
          EXPECT_TRUE(online->put(std::move(line)));
        }
      });
    }
    for (auto& thread : threads) thread.join();
    for (size_t i = 0; i < 100; ++i) {
      const auto& line = ground_.pool[i % ground_.pool.size()];
      play_.lines[{line.source, line.id}] = line;
    }
    EXPECT_EQ(difference(picture(*online), expected()), "");
    expect_kept(*online);
  }
}

/// Sends changes, with snapshots all the time, until it is killed; writes the number of each change that was answered.
[[noreturn]] void work_until_killed(const fs::path& dir, const store::TestDatabase& database, const Ground& ground,
                                    uint64_t seed, int answers) {
  TestSealing sealing(seed + 100);
  auto opened = database.try_open(migrations());
  if (!opened) std::_Exit(3);
  auto options = options_for(dir, sealing, seed + 1);
  options.changes_between_snapshots = 10;
  options.step = 4;
  auto online = Online::open(**opened, options, parse_config(ground.yaml).value());
  if (!online) std::_Exit(4);
  Random random(seed);
  for (uint64_t n = 0;; ++n) {
    RecordChange change = random.pick(ground.pool);
    change.updated = fmt::format("2026-01-01T{:08}", seed * 1'000'000 + n);
    const auto name = fmt::format("{}:{}:{}\n", change.source, change.id, change.updated);
    if (n % 8 == 7) {
      if (!(*online)->put(std::move(change))) std::_Exit(5);
      (void)!::write(answers, name.data(), name.size());
    } else {
      (*online)->submit(std::move(change), [answers, name](const Result<Effect>& effect) {
        if (effect) (void)!::write(answers, name.data(), name.size());
      });
    }
  }
}

TEST_P(OnlineTest, LosesNothingWhenItIsKilled) {
  ASSERT_TRUE(make());
  std::map<std::pair<uint32_t, std::string>, std::string> answered;  // Newest time that was answered.
  Random random(11);
  for (uint64_t round = 0; round < 8; ++round) {
    SCOPED_TRACE(round);
    store_.reset();
    int pipe[2];  // NOLINT(modernize-avoid-c-arrays)
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) work_until_killed(database().dir(), database(), ground_, round, pipe[1]);
    ::close(pipe[1]);
    std::string text;
    char buffer[4096];  // NOLINT(modernize-avoid-c-arrays)
    const size_t enough = 200 + random.below(4000);
    bool killed = false;
    for (ssize_t n = 0; (n = ::read(pipe[0], buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<size_t>(n));
      if (text.size() > enough && !killed) killed = ::kill(child, SIGKILL) == 0;
    }
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
    for (size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
      const auto line = text.substr(begin, end - begin);
      const auto id_end = line.find(':', 2);
      auto& newest = answered[{line[0] == '0' ? 0 : 1, line.substr(2, id_end - 2)}];
      newest = std::max(newest, line.substr(id_end + 1));
    }
    store_ = database().open(migrations());
    const auto online = open(options(round + 50));
    ASSERT_TRUE(online);
    Lines lines;
    EXPECT_TRUE(online->ask([&](const Resolver& resolver) {
      for (const auto& [key, time] : answered) {
        const auto& records = resolver.fusion().records();
        ASSERT_TRUE(resolver.find(key.first, key.second)) << key.second;
        for (uint32_t r = 0; r < records.size(); ++r) {
          if (records.source(r) != key.first || records.id(r) != key.second) continue;
          EXPECT_GE(records.updated(r), time);  // Perhaps one whose answer did not get out any more.
          const auto line = std::ranges::find_if(
              ground_.pool, [&](const auto& one) { return one.source == key.first && one.id == key.second; });
          lines[key] = *line;
          lines[key].updated = records.updated(r);
        }
      }
    }));
    expect_kept(*online);
  }
}

}  // namespace
}  // namespace zhili::fuse
