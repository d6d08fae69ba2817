#include "audit/audit_log.hpp"

#include <atomic>
#include <csignal>
#include <set>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit/verify.hpp"
#include "base/limits.hpp"
#include "base/random.hpp"
#include "store/test_store.hpp"

namespace zhili::audit {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using store::StoreTest;
using store::Transaction;

constexpr const char* kOrigin = "district.example/audit";
constexpr std::string_view kKey = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

std::vector<store::Migration> migrations() {
  auto all = AuditLog::migrations();
  all.push_back({"test", 1,
                 "CREATE TABLE deed (area_id BIGINT NOT NULL, id BIGINT NOT NULL, entry_id TEXT NOT NULL, "
                 "PRIMARY KEY (area_id, id));"});
  return all;
}

AuditLogOptions options_in(const fs::path& directory, std::string server = "one") {
  AuditLogOptions out;
  out.area_id = 7;
  out.origin = kOrigin;
  out.directory = directory;
  out.keys.push_back(*SignKey::parse(kKey));
  out.server = std::move(server);
  return out;
}

class AuditLogs : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    if (IsSkipped()) return;
    store_ = database().open(migrations(), {.now = [this] { return now_.load(); }});
    verifiers_.push_back(*SignKey::parse(kKey)->verify_key());
  }
  void TearDown() override {
    store_.reset();
    StoreTest::TearDown();
  }
  fs::path directory() { return database().dir() / "log"; }
  AuditLogOptions options(std::string server = "one") {
    AuditLogOptions out = options_in(directory(), std::move(server));
    out.ticks = [this] { return ticks_.load(); };
    return out;
  }
  /// By the clock that nobody sets, every server's.
  void go_by(milliseconds span) { ticks_ = ticks_.load() + span; }
  std::unique_ptr<AuditLog> open(std::string server = "one") { return open(options(std::move(server))); }
  std::unique_ptr<AuditLog> open(AuditLogOptions how) {
    auto log = AuditLog::open(*store_, std::move(how));
    EXPECT_TRUE(log) << log.error().text();
    return std::move(*log);
  }
  /// Entries of the log's files, after checking that they are in order.
  std::vector<std::string> verified(uint64_t size) {
    const auto disk = PosixDisk::open(directory(), PosixDisk::Access::kRead);
    const auto report = verify_log(*disk, {.log_keys = verifiers_}, Cancel());
    EXPECT_TRUE(report) << report.error().text();
    if (!report) return {};
    EXPECT_EQ(report->checkpoint.head.size, size);
    auto reader = TileReader::create(*disk, HashKind::kSha256);
    std::vector<std::string> entries;
    entries.reserve(size);
    for (uint64_t i = 0; i < size; ++i) entries.push_back(*reader->entry(i, size));
    return entries;
  }
  std::vector<std::string> add(AuditLog& log, size_t count) {
    std::vector<std::string> ids;
    for (size_t i = 0; i < count; ++i) {
      const auto draft = log.draft(Action::kCreate, Ref::of(Kind::kAccount, i));
      EXPECT_TRUE(log.add(*draft));
      ids.push_back(draft->id());
    }
    return ids;
  }
  int64_t rows(const std::string& table) { return (*store_->query("SELECT count(*) FROM " + table))[0].int64(0); }

  std::atomic<int64_t> now_{1'700'000'000'000'000};
  std::atomic<std::chrono::steady_clock::time_point> ticks_{};
  std::unique_ptr<store::Store> store_;
  std::vector<VerifyKey> verifiers_;
};
ZHILI_ON_BOTH_ENGINES(AuditLogs);

TEST_P(AuditLogs, AChangeAndItsEntryAreOneTransaction) {
  const auto log = open();
  std::atomic<int64_t> made{0};
  for (int64_t i = 0; i < 500; ++i) {
    store_->submit(
        [&log, i](Transaction& transaction) -> Status {
          ZHILI_ASSIGN(auto draft, log->draft(Action::kCreate, Ref::of(Kind::kAccount, 1)));
          draft.object(Ref::of(Kind::kCase, static_cast<uint64_t>(i)));
          ZHILI_TRY(log->add(transaction, draft));
          // Every fifth one clashes with the one before it: neither its deed nor its entry may be there.
          ZHILI_TRY(transaction.execute("INSERT INTO deed (area_id, id, entry_id) VALUES (7, $1, $2)",
                                        {i % 5 == 4 ? i - 1 : i, draft.id()}));
          return {};
        },
        [&made](const Status& status) { made += status ? 1 : 0; });
  }
  while (store_->counts().waiting > 0 || made < 400) std::this_thread::yield();
  EXPECT_EQ(made, 400);
  const auto step = log->integrate();
  ASSERT_TRUE(step) << step.error().text();
  EXPECT_TRUE(step->leader);
  EXPECT_EQ(step->appended, 400U);
  const auto entries = verified(400);
  const auto deeds = store_->query(
      "SELECT deed.entry_id, entry_index, id FROM deed JOIN audit_place ON "
      "audit_place.area_id = deed.area_id AND audit_place.entry_id = deed.entry_id");
  ASSERT_TRUE(deeds);
  ASSERT_EQ(deeds->size(), 400U);
  for (const auto& deed : *deeds) {
    const std::string& entry = entries[static_cast<size_t>(deed.int64(1))];
    EXPECT_NE(entry.find(fmt::format("\"id\":\"{}\"", deed.text(0))), std::string::npos);
    EXPECT_NE(entry.find(fmt::format("\"case:#{:x}\"", deed.int64(2))), std::string::npos);
  }
}

TEST_P(AuditLogs, FilesFollowInAnySteps) {
  Random random(3);
  uint64_t size = 0;
  Hash root;
  for (int round = 0; round < 12; ++round) {
    auto how = options();
    how.batch = 1 + random.below(50);
    how.keep = random.below(100);
    const auto log = open(std::move(how));
    size += add(*log, random.below(60)).size();
    if (random.chance(0.3)) continue;
    const auto step = log->integrate();
    ASSERT_TRUE(step) << step.error().text();
    EXPECT_EQ(step->published.size, size);
    root = step->published.root;
    const auto again = log->integrate();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->appended, 0U);
    EXPECT_EQ(again->published.root, root);
    verified(size);
    EXPECT_LE(rows("audit_entry"), 100);
  }
  EXPECT_EQ(rows("audit_place"), static_cast<int64_t>(size));
}

TEST_P(AuditLogs, FilesFromACopyCatchUpToTheSameTree) {
  const auto copy = database().dir() / "copy";
  Hash root;
  {
    const auto log = open();
    add(*log, 20);
    ASSERT_TRUE(log->integrate());
    fs::copy(directory(), copy, fs::copy_options::recursive);
    add(*log, 30);
    const auto step = log->integrate();
    ASSERT_TRUE(step);
    root = step->published.root;
  }
  fs::remove_all(directory());
  fs::copy(copy, directory(), fs::copy_options::recursive);
  {
    const auto log = open();
    const auto step = log->integrate();
    ASSERT_TRUE(step) << step.error().text();
    EXPECT_EQ(step->appended, 30U);
    EXPECT_EQ(step->published.root, root);
    verified(50);
  }
  // Where the store kept too little, the log does not go on over a gap.
  auto how = options();
  how.keep = 0;
  ASSERT_TRUE(open(std::move(how))->integrate());
  EXPECT_EQ(rows("audit_entry"), 0);
  fs::remove_all(directory());
  fs::copy(copy, directory(), fs::copy_options::recursive);
  const auto step = open()->integrate();
  ASSERT_FALSE(step);
  EXPECT_EQ(step.error().code, ErrorCode::kInput);
  // Nor does it over files of another state of the store, which have more.
  fs::remove_all(directory());
  EXPECT_FALSE(open()->integrate());
}

TEST_P(AuditLogs, OneServerLeadsAndAnotherTakesOver) {
  const auto one = open("one");
  const auto two = open("two");
  add(*one, 3);
  ASSERT_TRUE(one->integrate()->leader);
  EXPECT_FALSE(two->integrate()->leader);
  add(*two, 4);
  EXPECT_EQ(one->integrate()->published.size, 7U);
  // Given back, the lease is the other's at once.
  one->stop();
  ASSERT_TRUE(two->integrate()->leader);
  EXPECT_FALSE(one->integrate()->leader);
  // Without a sign, only after its time; and not while the files are still held.
  go_by(milliseconds(14'000));
  EXPECT_FALSE(one->integrate()->leader);
  go_by(milliseconds(1'000));
  EXPECT_FALSE(one->integrate());
  EXPECT_FALSE(two->integrate()->leader);
  add(*one, 1);
  const auto step = one->integrate();
  ASSERT_TRUE(step) << step.error().text();
  EXPECT_EQ(step->published.size, 8U);
  verified(8);
}

TEST_P(AuditLogs, WhoIsAloneWaitsForNobody) {
  const auto killed = open("one");
  add(*killed, 3);
  ASSERT_TRUE(killed->integrate()->leader);
  auto how = options("two");
  how.alone = true;
  const auto next = open(std::move(how));
  // The lease is its own at once; the lock on the files, which a kill would have freed, still holds it up.
  EXPECT_FALSE(next->integrate());
  EXPECT_FALSE(killed->integrate()->leader);
  ASSERT_TRUE(next->integrate()->leader);
}

TEST_P(AuditLogs, ASignRenewsTheLeaseThoughTheClockStands) {
  const auto one = open("one");
  const auto two = open("two");
  ASSERT_TRUE(one->integrate()->leader);
  for (int round = 0; round < 5; ++round) {
    EXPECT_FALSE(two->integrate()->leader);
    go_by(milliseconds(10'000));
    EXPECT_TRUE(one->integrate()->leader) << round;
  }
}

TEST_P(AuditLogs, ALeaseFromBeforeTheClockWasSetBackHoldsNobodyUp) {
  now_ += 86'400'000'000;
  {
    const auto one = open("one");
    add(*one, 3);
    ASSERT_TRUE(one->integrate()->leader);
    // It is killed: it never gives the lease back, nor does it hold the files any more.
    const Status held = store_->commit([](store::Transaction& tx) -> Status {
      ZHILI_TRY(tx.execute("UPDATE audit_log SET holder = 'killed'"));
      return {};
    });
    ASSERT_TRUE(held);
  }
  const auto two = open("two");
  EXPECT_FALSE(two->integrate()->leader);
  now_ -= 86'400'000'000;
  EXPECT_FALSE(two->integrate()->leader);
  go_by(milliseconds(15'000));
  const auto step = two->integrate();
  ASSERT_TRUE(step) << step.error().text();
  EXPECT_TRUE(step->leader);
  EXPECT_EQ(step->published.size, 3U);
}

TEST_P(AuditLogs, ServersWhoseClocksDifferDoNotTakeTheLeaseFromEachOther) {
  if (GetParam() == store::Engine::kSqlite) GTEST_SKIP() << "SQLite's file is one server's";
  constexpr int64_t kHour = int64_t{3600} * 1'000'000;
  for (const int64_t apart : {kHour, -kHour}) {
    const auto second = database().open(migrations(), {.now = [this, apart] { return now_.load() + apart; }});
    const auto one = open("one");
    auto opened = AuditLog::open(*second, options("two"));
    ASSERT_TRUE(opened) << opened.error().text();
    const auto& two = *opened;
    ASSERT_TRUE(one->integrate()->leader);
    // A minute with a sign each second.
    for (int second_of = 0; second_of < 60; ++second_of) {
      now_ += 1'000'000;
      go_by(milliseconds(1'000));
      EXPECT_FALSE(two->integrate()->leader) << apart << " after " << second_of;
      EXPECT_TRUE(one->integrate()->leader) << apart << " after " << second_of;
    }
    // The other way round, and back by silence.
    one->stop();
    ASSERT_TRUE(two->integrate()->leader);
    for (int second_of = 0; second_of < 60; ++second_of) {
      now_ += 1'000'000;
      go_by(milliseconds(1'000));
      EXPECT_FALSE(one->integrate()->leader) << apart << " after " << second_of;
      EXPECT_TRUE(two->integrate()->leader) << apart << " after " << second_of;
    }
    two->stop();
  }
}

TEST_P(AuditLogs, TwoServersOnOneDatabaseLeaveNoGap) {
  if (GetParam() == store::Engine::kSqlite) GTEST_SKIP() << "SQLite's file is one server's";
  constexpr int kEach = 400;
  const auto second = database().open(migrations(), {.now = [this] { return now_.load(); }});
  auto one = open("one");
  auto two = AuditLog::open(*second, options("two"));
  ASSERT_TRUE(two) << two.error().text();
  std::atomic<int> made{0};
  const auto write = [&made](store::Store& store, AuditLog& log) {
    for (int i = 0; i < kEach; ++i) {
      auto draft = log.draft(Action::kChange, Ref::of(Kind::kAccount, 1));
      store.submit([&log, entry = std::move(*draft)](Transaction& transaction) { return log.add(transaction, entry); },
                   [&made](const Status& status) { made += status ? 1 : 0; });
      if (i % 50 != 49) continue;
      const auto step = log.integrate();
      EXPECT_TRUE(step) << step.error().text();
    }
  };
  {
    const std::jthread other([&] { write(*second, **two); });
    write(*store_, *one);
  }
  second->stop();
  store_->stop();
  ASSERT_EQ(made, 2 * kEach);
  one.reset();
  two->reset();
  // Neither could give the lease back.
  store_ = database().open(migrations(), {.now = [this] { return now_.load(); }});
  const auto three = open("three");
  EXPECT_FALSE(three->integrate()->leader);
  go_by(milliseconds(15'000));
  const auto step = three->integrate();
  ASSERT_TRUE(step) << step.error().text();
  const auto entries = verified(uint64_t{2} * kEach);
  EXPECT_EQ(std::set<std::string>(entries.begin(), entries.end()).size(), 2U * kEach);
}

TEST_P(AuditLogs, ProvesAnEntryOnceACheckpointCoversIt) {
  const auto log = open();
  add(*log, 5);
  ASSERT_TRUE(log->integrate());
  const auto ids = add(*log, 1);
  EXPECT_EQ(log->prove(ids[0], milliseconds(0)).error().code, ErrorCode::kBusy);
  EXPECT_EQ(log->prove("unknown", milliseconds(0)).error().code, ErrorCode::kNotFound);
  log->start();
  const auto proof = log->prove(ids[0], milliseconds(60'000));
  ASSERT_TRUE(proof) << proof.error().text();
  log->stop();
  EXPECT_EQ(log->trouble(), std::nullopt);
  EXPECT_EQ(proof->index, 5U);
  const auto opened = open_checkpoint(proof->checkpoint, kOrigin, verifiers_);
  ASSERT_TRUE(opened);
  auto hasher = Hasher::create(HashKind::kSha256);
  const auto entry = verified(6)[5];
  EXPECT_TRUE(verify_inclusion(*hasher, opened->checkpoint.head, 5, hasher->leaf(entry), proof->proof));
}

TEST_P(AuditLogs, ListsNewestFirstFromStoreAndFiles) {
  auto how = options();
  how.keep = 50;
  const auto log = open(std::move(how));
  const auto ids = add(*log, 300);
  ASSERT_TRUE(log->integrate());
  EXPECT_LT(rows("audit_entry"), 300);
  add(*log, 7);
  std::vector<std::string> listed;
  std::optional<uint64_t> before;
  for (;;) {
    const auto page = log->list(before, 40);
    ASSERT_TRUE(page) << page.error().text();
    EXPECT_EQ(page->size, 307U);
    if (page->entries.empty()) break;
    for (const auto& one : page->entries) {
      EXPECT_EQ(one.index, 306 - listed.size());
      listed.push_back(one.entry);
    }
    before = page->entries.back().index;
  }
  ASSERT_EQ(listed.size(), 307U);
  for (size_t i = 0; i < ids.size(); ++i) {
    EXPECT_NE(listed[306 - i].find(fmt::format("\"id\":\"{}\"", ids[i])), std::string::npos) << i;
  }
  EXPECT_TRUE(log->list(0, 40)->entries.empty());
}

TEST_P(AuditLogs, ASaltCanBeForgotten) {
  const auto log = open();
  auto draft = log->draft(Action::kDisclose, Ref::of(Kind::kAccount, 1));
  draft->personal(*Word::create("name"), "张三");
  ASSERT_TRUE(log->add(*draft));
  const auto salt = log->salt(draft->id());
  ASSERT_TRUE(salt && salt->has_value());
  auto hasher = Hasher::create(HashKind::kSha256);
  EXPECT_NE(draft->json().find(salted_digest(*hasher, salt->value_or(Salt{}), "name", "张三")), std::string::npos);
  ASSERT_TRUE(log->forget(draft->id()));
  EXPECT_EQ(log->salt(draft->id())->has_value(), false);
  EXPECT_EQ(log->forget("unknown").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(log->salt("unknown").error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(log->integrate());
  EXPECT_EQ(verified(1)[0], draft->json());
}

TEST_P(AuditLogs, ALongEntryFailsItsChange) {
  const auto log = open();
  auto draft = log->draft(Action::kDisclose, Ref::of(Kind::kAccount, 1));
  for (int i = 0; i < 800; ++i) {
    draft->personal(*Word::create(fmt::format("field_with_a_rather_long_name_to_fill_it_up_{}", i)), "x");
  }
  EXPECT_EQ(log->add(*draft).error().code, ErrorCode::kLimit);
  EXPECT_EQ(rows("audit_place"), 0);
}

/// Adds entries until it is killed, and tells each that was answered.
[[noreturn]] void add_until_killed(const store::StoreUrl& url, const fs::path& directory, int answers) {
  auto store = store::Store::open(url, migrations());
  if (!store) ::_exit(1);
  auto how = options_in(directory);
  how.interval = milliseconds(3);
  how.keep = 50;
  auto log = AuditLog::open(**store, std::move(how));
  if (!log) ::_exit(1);
  (*log)->start();
  for (;;) {
    auto draft = (*log)->draft(Action::kCreate, Ref::of(Kind::kAccount, 1));
    std::string id = draft->id();
    AuditLog& target = **log;
    (*store)->submit(
        [entry = std::move(*draft), &target](Transaction& transaction) { return target.add(transaction, entry); },
        [id = std::move(id), answers](const Status& status) {
          if (status && ::write(answers, id.data(), id.size()) != static_cast<ssize_t>(id.size())) ::_exit(1);
        });
    if ((*store)->counts().waiting > 500) std::this_thread::sleep_for(milliseconds(1));
  }
}

TEST(AuditLogKilled, LosesNothingThatWasAnswered) {
  Random random(5);
  const store::TestDatabase database(store::Engine::kSqlite);
  const auto directory = database.dir() / "log";
  std::set<std::string> answered;
  for (int round = 0; round < 12; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) add_until_killed(database.url(), directory, ends[1]);
    ::close(ends[1]);
    // At a random moment behind so many answers: however slow the machine is, there is something to lose.
    const size_t enough = 26 * (20 + random.below(400));
    std::string told;
    std::array<char, 4096> piece{};
    std::jthread killer;
    for (ssize_t got = 0; (got = ::read(ends[0], piece.data(), piece.size())) > 0;) {
      told.append(piece.data(), static_cast<size_t>(got));
      if (told.size() < enough || killer.joinable()) continue;
      killer = std::jthread([child, wait = milliseconds(random.below(30))] {
        std::this_thread::sleep_for(wait);
        ::kill(child, SIGKILL);
      });
    }
    ::close(ends[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
    for (size_t at = 0; at + 26 <= told.size(); at += 26) answered.insert(told.substr(at, 26));
  }
  ASSERT_GT(answered.size(), 100U);
  const auto store = database.open(migrations());
  auto log = AuditLog::open(*store, options_in(directory));
  ASSERT_TRUE(log);
  // The killed leader had the same name, so the lease is ours.
  const auto step = (*log)->integrate();
  ASSERT_TRUE(step) << step.error().text();
  std::vector<VerifyKey> verifiers;
  verifiers.push_back(*SignKey::parse(kKey)->verify_key());
  const auto disk = PosixDisk::open(directory, PosixDisk::Access::kRead);
  const auto report = verify_log(*disk, {.log_keys = verifiers}, Cancel());
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_TRUE(report->notes.empty());
  const auto places = store->query("SELECT entry_id, entry_index FROM audit_place", {}, {.row_limit = 10'000'000});
  ASSERT_TRUE(places) << places.error().text();
  ASSERT_EQ(places->size(), step->published.size);
  auto reader = TileReader::create(*disk, HashKind::kSha256);
  std::vector<std::string> bundle;
  std::map<uint64_t, std::string> by_index;
  for (const auto& place : *places) by_index[static_cast<uint64_t>(place.int64(1))] = place.text(0);
  for (const auto& [index, id] : by_index) {
    if (index % kTileWidth == 0) bundle = *reader->bundle(index / kTileWidth, step->published.size);
    ASSERT_NE(bundle[index % kTileWidth].find(id), std::string::npos) << index;
    answered.erase(id);
  }
  EXPECT_TRUE(answered.empty()) << answered.size() << " answered entries are not in the log";
}

}  // namespace
}  // namespace zhili::audit
