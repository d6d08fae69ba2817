#include "audit/verify.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "audit/crash_disk.hpp"
#include "audit/log.hpp"
#include "base/random.hpp"

namespace zhili::audit {
namespace {

constexpr const char* kOrigin = "district.example/audit";

class Verify : public testing::Test {
 protected:
  void SetUp() override {
    keys_.push_back(*SignKey::generate(kOrigin, KeyKind::kEd25519));
    verifiers_.push_back(*keys_[0].verify_key());
    witness_ = std::make_unique<SignKey>(*SignKey::generate("witness.example", KeyKind::kEd25519));
    witnesses_.push_back(*witness_->cosigner_key());
  }
  /// Grows the log by so many entries under a checkpoint that the witness cosigned.
  void grow(std::span<const size_t> batches, HashKind hash = HashKind::kSha256) {
    auto log = Log::open(disk_, kOrigin, hash, keys_);
    ASSERT_TRUE(log) << log.error().text();
    for (const size_t count : batches) {
      std::vector<std::string> entries(count);
      for (std::string& entry : entries) entry = fmt::format("{}", random_.below(1000));
      const std::vector<std::string_view> views(entries.begin(), entries.end());
      ASSERT_TRUE(log->append(views));
      ASSERT_TRUE(log->publish());
    }
    const auto signature = witness_->cosign(log->note().text, 1'700'000'000);
    ASSERT_TRUE(signature);
    ASSERT_TRUE(log->add_signatures({&*signature, 1}));
  }
  Result<VerifyReport> verify(std::optional<std::string> since = {}, unsigned threads = 1) {
    return verify_log(disk_, {verifiers_, witnesses_, std::move(since), threads, Progress::Mode::kOff}, cancel_);
  }
  std::string checkpoint() { return *disk_.read(kCheckpointPath, 4096); }

  Random random_{4};
  Cancel cancel_;
  CrashDisk disk_;
  std::vector<SignKey> keys_;
  std::vector<VerifyKey> verifiers_;
  std::unique_ptr<SignKey> witness_;
  std::vector<VerifyKey> witnesses_;
};

TEST_F(Verify, FindsASoundLogInOrder) {
  grow({});
  ASSERT_TRUE(verify());
  const size_t sizes[] = {1, 3, 252, 1, 500, 66000, 7};
  for (const size_t count : sizes) {
    const std::string since = checkpoint();
    grow({&count, 1});
    for (const unsigned threads : {1U, 3U}) {
      const auto report = verify(since, threads);
      ASSERT_TRUE(report) << report.error().text();
      EXPECT_EQ(report->since, report->checkpoint.head.size - count);
      EXPECT_EQ(report->files, disk_.contents().size());
      EXPECT_TRUE(report->notes.empty());
      ASSERT_EQ(report->signatures.size(), 2U);
      EXPECT_EQ(report->signatures[1].time, 1'700'000'000);
    }
  }
}

TEST_F(Verify, ReadsATreeOverSm3) {
  const size_t sizes[] = {300, 5};
  grow(sizes, HashKind::kSm3);
  const auto report = verify();
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->checkpoint.hash, HashKind::kSm3);
}

TEST_F(Verify, FindsAnyChangedBit) {
  const size_t sizes[] = {5, 255, 12};
  grow(sizes);
  ASSERT_TRUE(verify());
  for (const auto& [path, bytes] : disk_.contents()) {
    // Every byte of the checkpoint, and some hundreds of each other file.
    const uint64_t step = path == kCheckpointPath ? 1 : 20;
    for (size_t i = random_.below(step); i < bytes.size(); i += 1 + random_.below(step)) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ (1 << random_.below(8)));
      disk_.put(path, changed);
      const auto report = verify();
      ASSERT_FALSE(report) << path << " byte " << i;
      EXPECT_EQ(report.error().place.file, path) << report.error().text();
    }
    for (const std::string& changed : {bytes.substr(0, bytes.size() - 1), bytes + "\n", std::string()}) {
      disk_.put(path, changed);
      const auto report = verify();
      ASSERT_FALSE(report) << path;
      EXPECT_EQ(report.error().place.file, path) << report.error().text();
    }
    disk_.put(path, bytes);
  }
}

TEST_F(Verify, NamesTheEntryThatWasChanged) {
  const size_t sizes[] = {300};
  grow(sizes);
  std::string bundle = *disk_.read("tile/entries/000", 65536);
  const auto entries = split_bundle(bundle, 256, "");
  ASSERT_TRUE(entries);
  const auto at = static_cast<size_t>((*entries)[77].data() - bundle.data());
  bundle[at] = static_cast<char>(bundle[at] ^ 1);
  disk_.put("tile/entries/000", bundle);
  const auto report = verify();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kInput);
  EXPECT_EQ(report.error().place.file, "tile/entries/000");
  EXPECT_NE(report.error().message.find("entry 77 "), std::string::npos) << report.error().message;
}

TEST_F(Verify, FindsAnyMissingFile) {
  const size_t sizes[] = {300, 2};
  grow(sizes);
  const std::string replaced[] = {"tile/entries/001.p/44", "tile/0/001.p/44"};
  for (const auto& [path, bytes] : disk_.contents()) {
    if (std::ranges::find(replaced, path) != std::end(replaced)) continue;  // An older size's: the log may drop it.
    ASSERT_TRUE(disk_.remove(path));
    const auto report = verify();
    ASSERT_FALSE(report) << path;
    EXPECT_EQ(report.error().place.file, path.ends_with("000.p/1") ? "tile/1/000.p/1" : path) << report.error().text();
    ASSERT_TRUE(disk_.write(path, bytes));
  }
  ASSERT_TRUE(verify());
}

TEST_F(Verify, WantsEverySignatureThatWasAskedFor) {
  const size_t sizes[] = {3};
  grow(sizes);
  std::vector<VerifyKey> strangers;
  strangers.push_back(*SignKey::generate(kOrigin, KeyKind::kEd25519)->verify_key());
  EXPECT_FALSE(verify_log(disk_, {.log_keys = strangers}, cancel_));
  std::vector<VerifyKey> both;
  both.push_back(*witness_->cosigner_key());
  both.push_back(*SignKey::generate("other.example", KeyKind::kEd25519)->cosigner_key());
  EXPECT_FALSE(verify_log(disk_, {.log_keys = verifiers_, .witnesses = both}, cancel_));
  EXPECT_FALSE(verify_log(disk_, {}, cancel_));
}

TEST_F(Verify, FindsALogThatWasRewritten) {
  const size_t sizes[] = {30};
  grow(sizes);
  const std::string since = checkpoint();
  const CrashDisk before = disk_;
  disk_ = CrashDisk();
  grow(sizes);  // Other entries of the same number, signed by the same key.
  ASSERT_TRUE(verify());
  const auto report = verify(since);
  ASSERT_FALSE(report);
  EXPECT_NE(report.error().message.find("does not begin with the 30 entries"), std::string::npos);
  const size_t more[] = {300};
  grow(more);
  EXPECT_FALSE(verify(since));
  disk_ = CrashDisk();
  const size_t fewer[] = {29};
  grow(fewer);
  EXPECT_NE(verify(since).error().message.find("only 29"), std::string::npos);
}

TEST_F(Verify, TellsOfFilesThatItDidNotVerify) {
  const size_t sizes[] = {300};
  grow(sizes);
  ASSERT_TRUE(disk_.write("tile/entries/001.p/200", "beyond"));
  ASSERT_TRUE(disk_.write("tile/0/002", "beyond"));
  ASSERT_TRUE(disk_.write("tile/0/notes.txt", "x"));
  ASSERT_TRUE(disk_.write("README", "x"));
  const auto report = verify();
  ASSERT_TRUE(report) << report.error().text();
  EXPECT_EQ(report->notes.size(), 3U);
}

}  // namespace
}  // namespace zhili::audit
