#include "audit/witness.hpp"

#include <gtest/gtest.h>

#include "audit/crash_disk.hpp"
#include "audit/log.hpp"
#include "base/random.hpp"

namespace zhili::audit {
namespace {

constexpr const char* kOrigin = "district.example/audit";
constexpr int64_t kNow = 1'700'000'000;

class Witnessing : public testing::Test {
 protected:
  void SetUp() override {
    keys_.push_back(*SignKey::generate(kOrigin, KeyKind::kEd25519));
    auto key = SignKey::generate("witness.example/w1", KeyKind::kEd25519);
    cosigners_.push_back(*key->cosigner_key());
    log_ = std::make_unique<Log>(*Log::open(disk_, kOrigin, HashKind::kSha256, keys_));
    witness_ = std::make_unique<Witness>(*Witness::open(memory_, std::move(*key), logs()));
  }
  std::vector<WitnessedLog> logs() {
    std::vector<WitnessedLog> logs(1);
    logs[0].origin = kOrigin;
    logs[0].keys.push_back(*keys_[0].verify_key());
    return logs;
  }
  void grow(size_t count) {
    const std::vector<std::string_view> entries(count, "entry");
    ASSERT_TRUE(log_->append(entries));
    ASSERT_TRUE(log_->publish());
  }
  std::string request(uint64_t old_size) {
    auto reader = TileReader::create(disk_, HashKind::kSha256);
    return add_checkpoint_request(old_size, *reader->consistency(old_size, log_->head().size), to_text(log_->note()));
  }
  Witness::Answer ask(std::string_view body) { return *witness_->add_checkpoint(body, kNow); }

  CrashDisk disk_;
  CrashDisk memory_;
  std::vector<SignKey> keys_;
  std::vector<VerifyKey> cosigners_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<Witness> witness_;
};

TEST_F(Witnessing, CosignsWhatGrew) {
  uint64_t old_size = 0;
  for (const size_t count : {0U, 7U, 0U, 300U, 1U}) {
    grow(count);
    const auto answer = ask(request(old_size));
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto read = read_witness_answer(answer.status, answer.body, log_->note(), cosigners_);
    ASSERT_TRUE(read) << read.error().text();
    ASSERT_EQ(read->cosignatures.size(), 1U);
    EXPECT_EQ(cosigned_at(read->cosignatures[0].bytes), kNow);
    ASSERT_TRUE(log_->add_signatures(read->cosignatures));
    old_size = log_->head().size;
  }
  const auto shown = memory_.read(*origin_directory(kOrigin) + "/checkpoint", 4096);
  ASSERT_TRUE(shown);
  EXPECT_EQ(parse_note(*shown)->text, log_->note().text);
}

TEST_F(Witnessing, RemembersOverARestartAndALossOfPower) {
  Random random(6);
  grow(5);
  ASSERT_EQ(ask(request(0)).status, 200);
  memory_.restart(random);
  EXPECT_FALSE(Witness::open(memory_, std::move(*SignKey::generate("witness.example/w1", KeyKind::kEd25519)), logs()));
  grow(4);
  const auto conflict = ask(request(0));
  EXPECT_EQ(conflict.status, 409);
  EXPECT_EQ(conflict.type, kTreeSizeType);
  EXPECT_EQ(conflict.body, "5\n");
  EXPECT_EQ(read_witness_answer(409, conflict.body, log_->note(), cosigners_)->old_size, 5U);
  EXPECT_EQ(ask(request(5)).status, 200);
}

TEST_F(Witnessing, RefusesAForkAndAForgery) {
  grow(5);
  ASSERT_EQ(ask(request(0)).status, 200);
  // The same log with another past.
  CrashDisk other_disk;
  auto fork = Log::open(other_disk, kOrigin, HashKind::kSha256, keys_);
  ASSERT_TRUE(fork);
  const std::vector<std::string_view> entries(9, "other");
  ASSERT_TRUE(fork->append(entries));
  ASSERT_TRUE(fork->publish());
  auto reader = TileReader::create(other_disk, HashKind::kSha256);
  const auto proof = *reader->consistency(5, 9);
  EXPECT_EQ(ask(add_checkpoint_request(5, proof, to_text(fork->note()))).status, 422);
  EXPECT_EQ(ask(add_checkpoint_request(5, {}, to_text(fork->note()))).status, 422);
  EXPECT_EQ(ask(add_checkpoint_request(10, {}, to_text(fork->note()))).status, 400);
  // Not signed by the log, or wrongly.
  Note note = fork->note();
  note.signatures[0].bytes[0] = static_cast<char>(note.signatures[0].bytes[0] ^ 1);
  EXPECT_EQ(ask(add_checkpoint_request(5, proof, to_text(note))).status, 403);
  note.signatures[0].key_id ^= 1;
  EXPECT_EQ(ask(add_checkpoint_request(5, proof, to_text(note))).status, 403);
  // A log that nobody told it of.
  std::vector<SignKey> strange;
  strange.push_back(*SignKey::generate("strange.example", KeyKind::kEd25519));
  CrashDisk strange_disk;
  const auto stranger = Log::open(strange_disk, "strange.example", HashKind::kSha256, strange);
  EXPECT_EQ(ask(add_checkpoint_request(0, {}, to_text(stranger->note()))).status, 404);
  // The witness still stands where it stood.
  EXPECT_EQ(ask(request(5)).status, 200);
}

TEST_F(Witnessing, AnswersNonsenseWith400) {
  grow(2);
  const std::string good = request(0);
  for (const std::string& wrong :
       std::vector<std::string>{"", "\n\n", "old\n\n" + to_text(log_->note()), "old 00\n\n" + to_text(log_->note()),
                                "old -1\n\n" + to_text(log_->note()), "old 0\nAAAA\n\n" + to_text(log_->note()),
                                "old 0\n\n", "old 0\n" + to_text(log_->note()), "old 0\n\ntext\n\n" + good}) {
    EXPECT_EQ(ask(wrong).status, 400) << wrong;
  }
  std::string many = "old 0\n";
  for (int i = 0; i < 64; ++i) many += to_base64(Hash{}) + "\n";
  EXPECT_EQ(ask(many + "\n" + to_text(log_->note())).status, 400);
  EXPECT_EQ(ask("old 0\n" + to_base64(Hash{}) + "\n\n" + to_text(log_->note())).status, 422);
}

TEST_F(Witnessing, CosignsNothingElseWhereItsMemoryFailed) {
  grow(2);
  const std::string first = request(0);
  memory_.fail_after(3);
  EXPECT_FALSE(witness_->add_checkpoint(first, kNow));
  memory_.fail_after(UINT64_MAX);
  EXPECT_EQ(ask(first).status, 409);
  EXPECT_EQ(ask(request(2)).status, 200);
}

TEST_F(Witnessing, ReadsOnlyItsOwnWitnessesAnswers) {
  grow(2);
  const auto answer = ask(request(0));
  ASSERT_EQ(answer.status, 200);
  EXPECT_FALSE(read_witness_answer(200, "", log_->note(), cosigners_));
  EXPECT_FALSE(read_witness_answer(200, "hello\n", log_->note(), cosigners_));
  EXPECT_FALSE(read_witness_answer(500, answer.body, log_->note(), cosigners_));
  EXPECT_FALSE(read_witness_answer(409, "many\n", log_->note(), cosigners_));
  grow(1);
  EXPECT_FALSE(read_witness_answer(200, answer.body, log_->note(), cosigners_));
}

}  // namespace
}  // namespace zhili::audit
