// The proof that no part that was acknowledged is lost, and no batch is half there: a process sends and lands batches
// and is killed at a random moment; what it left is opened again and compared with what it was told.
#include <csignal>
#include <cstdlib>
#include <map>
#include <random>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/random.hpp"
#include "ingest/test_ingest.hpp"
#include "store/digest.hpp"

namespace zhili::ingest {
namespace {

constexpr int kRounds = 8;
constexpr size_t kPart = 3000;

struct Ack {
  int32_t batch = 0;
  uint8_t landed = 0;
  uint64_t received = 0;
};

std::string name_of(int batch) { return fmt::format("batch-{}", batch); }
std::string content_of(int batch) { return people(100 + batch % 200) + "P0,,again,男,,,\n"; }

class KillTest : public IngestTest {
 protected:
  /// The process that is killed.
  [[noreturn]] void send_until_killed(int first, int acks) {
    open_room();
    for (int number = first;; ++number) {
      const std::string text = content_of(number);
      auto begun = ingest_->begin(request_of(name_of(number)));
      if (!begun) ::_exit(3);
      for (uint64_t at = begun->upload.received.bytes; at < text.size();) {
        const auto put = ingest_->put(begun->upload.id, at, std::string_view(text).substr(at, kPart));
        if (!put) ::_exit(4);
        at = *put;
        tell(acks, {.batch = number, .landed = 0, .received = at});
      }
      if (!ingest_->close(begun->upload.id) || !ingest_->land(begun->upload.id)) ::_exit(5);
      tell(acks, {.batch = number, .landed = 1, .received = text.size()});
    }
  }
  static void tell(int acks, const Ack& ack) {
    if (::write(acks, &ack, sizeof ack) != sizeof ack) ::_exit(6);
  }

  void check(const std::map<int, Ack>& told) {
    for (const auto& [number, ack] : told) {
      const std::string text = content_of(number);
      auto batch = ingest_->find_batch("police.people", name_of(number));
      if (!batch) {
        ASSERT_EQ(ack.landed, 0) << "acknowledged as landed, and lost";
        const auto upload = ingest_->begin(request_of(name_of(number)));
        ASSERT_TRUE(upload);
        ASSERT_GE(upload->upload.received.bytes, ack.received) << "acknowledged and lost";
        // It goes on where it was.
        const uint64_t at = upload->upload.received.bytes;
        if (at < text.size()) {
          ASSERT_TRUE(ingest_->put(upload->upload.id, at, std::string_view(text).substr(at)));
        }
        ASSERT_TRUE(ingest_->close(upload->upload.id));
        batch = ingest_->land(upload->upload.id);
        ASSERT_TRUE(batch) << batch.error().text();
      }
      ASSERT_EQ(batch->sha256, store::sha256_hex(text));
    }
    // Every batch is whole: its file is what was landed, and gives its rows.
    const auto all = lake_->batches(kArea, "police.people");
    ASSERT_TRUE(all);
    ASSERT_EQ(static_cast<int64_t>(all->size()), rows("ingest_batch"));
    for (const auto& one : *all) ASSERT_TRUE(lake_->verify(one));
    const auto& last = all->back();
    const auto batch = ingest_->find_batch(last.key.batch);
    ASSERT_TRUE(batch);
    uint64_t seen = 0;
    ASSERT_TRUE(ingest_->read(batch->id, {.actor = "", .purpose = "build_base", .basis = "pipl-13-1-3"},
                              [&](Change, std::span<const std::string_view>) -> Status { return ++seen, Status{}; }));
    ASSERT_EQ(seen, batch->rows - 1);  // The last row repeats a key.
    ASSERT_TRUE(ingest_->sweep());
    // An upload that was begun may have no file yet; a file without an upload is swept.
    const auto left = std::filesystem::directory_iterator(lake_dir() / ".uploads");
    ASSERT_LE(std::distance(left, std::filesystem::directory_iterator()), rows("ingest_upload"));
  }
};

TEST_P(KillTest, NothingAcknowledgedIsLostAndNothingIsHalfThere) {
  const char* const given = std::getenv("ZHILI_KILL_SEED");
  const uint64_t seed = given == nullptr ? std::random_device{}() : std::strtoull(given, nullptr, 10);
  RecordProperty("seed", std::to_string(seed));
  SCOPED_TRACE(fmt::format("ZHILI_KILL_SEED={}", seed));
  Random random(seed);
  size_t landed = 0;
  for (int round = 0; round < kRounds; ++round) {
    close_room();
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const int first = round * 1000;
    const pid_t sender = ::fork();
    ASSERT_GE(sender, 0);
    if (sender == 0) send_until_killed(first, ends[1]);
    ::close(ends[1]);
    std::map<int, Ack> told;
    Ack ack;
    // From some acknowledgement on, at any instant behind it.
    const int64_t awaited = random.between(1, 60);
    for (int64_t i = 0; i < awaited && ::read(ends[0], &ack, sizeof ack) == sizeof ack; ++i) told[ack.batch] = ack;
    ::usleep(static_cast<useconds_t>(random.below(15'000)));
    ::kill(sender, SIGKILL);
    while (::read(ends[0], &ack, sizeof ack) == sizeof ack) told[ack.batch] = ack;
    ::close(ends[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(sender, &status, 0), sender);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the sender ended by itself with " << WEXITSTATUS(status);
    open_room();
    check(told);
    if (HasFatalFailure()) return;
    for (const auto& [number, one] : told) landed += one.landed;
  }
  EXPECT_GT(landed, 0U);
}

ZHILI_ON_BOTH_ENGINES(KillTest);

}  // namespace
}  // namespace zhili::ingest
