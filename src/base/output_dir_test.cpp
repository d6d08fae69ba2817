#include "base/output_dir.hpp"

#include <cstdlib>
#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace zhili {
namespace fs = std::filesystem;
namespace {

class OutputDirTest : public testing::Test {
 protected:
  OutputDirTest() {
    std::string pattern = (fs::temp_directory_path() / "zhili-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    target_ = root_ / "result";
  }
  ~OutputDirTest() override { fs::remove_all(root_); }

  static void write(const fs::path& path, std::string_view text) { std::ofstream(path) << text; }
  static std::string read(const fs::path& path) { return read_file(path, 1000).value_or("<missing>"); }
  static std::set<std::string> names(const fs::path& dir) {
    std::set<std::string> found;
    for (const auto& entry : fs::directory_iterator(dir)) found.insert(entry.path().filename().string());
    return found;
  }

  fs::path root_;
  fs::path target_;
};

using Names = std::set<std::string>;

TEST_F(OutputDirTest, AppearsOnlyWhenPublished) {
  auto out = OutputDir::create(target_);
  ASSERT_TRUE(out) << out.error().text();
  write(out->staging() / "links.csv", "new");
  fs::create_directory(out->staging() / "parts");
  write(out->staging() / "parts" / "a", "deep");
  EXPECT_FALSE(fs::exists(target_));
  const auto published = out->publish();
  ASSERT_TRUE(published) << published.error().text();
  EXPECT_EQ(names(root_), Names{"result"});
  EXPECT_EQ(read(target_ / "links.csv"), "new");
  EXPECT_EQ(read(target_ / "parts" / "a"), "deep");
}

TEST_F(OutputDirTest, LeavesNothingWhenNotPublished) {
  {
    auto out = OutputDir::create(target_);
    ASSERT_TRUE(out);
    write(out->staging() / "links.csv", "half");
  }
  EXPECT_EQ(names(root_), Names{});
}

TEST_F(OutputDirTest, FailureLeavesTheEarlierResult) {
  fs::create_directory(target_);
  write(target_ / "links.csv", "old");
  {
    auto out = OutputDir::create(target_);
    ASSERT_TRUE(out);
    write(out->staging() / "links.csv", "half");
  }
  EXPECT_EQ(read(target_ / "links.csv"), "old");
  EXPECT_EQ(names(root_), Names{"result"});
}

TEST_F(OutputDirTest, ReplacesWhatItWroteAndKeepsTheRest) {
  fs::create_directories(target_ / "notes");
  write(target_ / "links.csv", "old");
  write(target_ / "decisions.csv", "mine");
  write(target_ / "notes" / "a", "mine too");
  {
    auto out = OutputDir::create(target_);
    ASSERT_TRUE(out);
    write(out->staging() / "links.csv", "new");
    write(out->staging() / "report.html", "new");
    const auto published = out->publish();
    ASSERT_TRUE(published) << published.error().text();
  }
  EXPECT_EQ(names(root_), Names{"result"});
  EXPECT_EQ(names(target_), (Names{"decisions.csv", "links.csv", "notes", "report.html"}));
  EXPECT_EQ(read(target_ / "links.csv"), "new");
  EXPECT_EQ(read(target_ / "decisions.csv"), "mine");
  EXPECT_EQ(read(target_ / "notes" / "a"), "mine too");
}

TEST_F(OutputDirTest, CreatesMissingParents) {
  auto out = OutputDir::create(root_ / "a" / "b" / "c/");
  ASSERT_TRUE(out) << out.error().text();
  ASSERT_TRUE(out->publish());
  EXPECT_TRUE(fs::is_directory(root_ / "a" / "b" / "c"));
}

TEST_F(OutputDirTest, FollowsALinkAndLeavesItInPlace) {
  fs::create_directory(root_ / "real");
  fs::create_directory_symlink(root_ / "real", target_);
  {
    auto out = OutputDir::create(target_);
    ASSERT_TRUE(out);
    write(out->staging() / "links.csv", "new");
    ASSERT_TRUE(out->publish());
  }
  EXPECT_TRUE(fs::is_symlink(target_));
  EXPECT_EQ(read(root_ / "real" / "links.csv"), "new");
}

TEST_F(OutputDirTest, RefusesAFile) {
  write(target_, "a file");
  const auto out = OutputDir::create(target_);
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, ErrorCode::kIo);
  EXPECT_EQ(out.error().place.file, target_.string());
  EXPECT_FALSE(out.error().hint.empty());
  EXPECT_EQ(read(target_), "a file");
}

TEST_F(OutputDirTest, RefusesAParentThatIsAFile) {
  write(target_, "a file");
  const auto out = OutputDir::create(target_ / "below");
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, ErrorCode::kIo);
}

TEST_F(OutputDirTest, PublishesIntoTheCurrentDirectoryWithoutReplacingIt) {
  fs::create_directories(target_ / "parts");
  write(target_ / "parts" / "old", "old");
  write(target_ / "config.yaml", "mine");
  const auto before = fs::current_path();
  fs::current_path(target_);
  {
    auto out = OutputDir::create(".");
    ASSERT_TRUE(out) << out.error().text();
    fs::create_directory(out->staging() / "parts");
    write(out->staging() / "parts" / "new", "new");
    write(out->staging() / "links.csv", "new");
    const auto published = out->publish();
    ASSERT_TRUE(published) << published.error().text();
  }
  std::error_code ec;
  EXPECT_EQ(fs::current_path(ec), fs::canonical(target_)) << "the directory that the shell stands in must stay";
  fs::current_path(before);
  EXPECT_EQ(names(target_), (Names{"config.yaml", "links.csv", "parts"}));
  EXPECT_EQ(names(target_ / "parts"), Names{"new"});
}

TEST_F(OutputDirTest, RemovesWhatAKilledProcessLeft) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ASSERT_GT(child, 0);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  fs::create_directory(root_ / fmt::format(".result.staging-{}", child));
  fs::create_directory(root_ / fmt::format(".result.staging-{}", ::getppid()));
  fs::create_directory(root_ / ".result.staging-mine");
  auto out = OutputDir::create(target_);
  ASSERT_TRUE(out);
  ASSERT_TRUE(out->publish());
  // A process that lives keeps its directory, and so does a name that no run has given.
  EXPECT_EQ(names(root_), (Names{fmt::format(".result.staging-{}", ::getppid()), ".result.staging-mine", "result"}));
}

TEST_F(OutputDirTest, KeepsASecondRunOutUntilTheFirstIsDone) {
  {
    auto first = OutputDir::create(target_);
    ASSERT_TRUE(first);
    const auto second = OutputDir::create(target_);
    ASSERT_FALSE(second);
    EXPECT_NE(second.error().message.find("another run"), std::string::npos) << second.error().text();
    EXPECT_EQ(second.error().place.file, target_.string());
    ASSERT_TRUE(OutputDir::create(root_ / "other")) << "only the same directory is kept";
    ASSERT_TRUE(first->publish());
    EXPECT_TRUE(OutputDir::create(target_));
  }
  EXPECT_TRUE(OutputDir::create(target_)) << "a run that failed keeps nobody out";
  EXPECT_EQ(names(root_), Names{"result"});
}

TEST_F(OutputDirTest, FollowsNoLinkThatStandsWhereItsLockBelongs) {
  std::ofstream(root_ / "other") << "somebody's";
  fs::create_symlink(root_ / "other", root_ / ".result.lock");
  const auto out = OutputDir::create(target_);
  ASSERT_FALSE(out);
  EXPECT_EQ(out.error().code, ErrorCode::kIo);
  EXPECT_EQ(out.error().place.file, (root_ / ".result.lock").string());
}

TEST_F(OutputDirTest, MoveHandsTheStagingDirectoryOver) {
  auto out = OutputDir::create(target_);
  ASSERT_TRUE(out);
  {
    OutputDir moved = std::move(*out);
    EXPECT_TRUE(fs::exists(moved.staging()));
  }
  EXPECT_EQ(names(root_), Names{});
}

TEST_F(OutputDirTest, WriteFileReplacesItWhole) {
  ASSERT_TRUE(write_file_atomically(target_, "one"));
  ASSERT_TRUE(write_file_atomically(target_, "two"));
  EXPECT_EQ(read(target_), "two");
  EXPECT_EQ(names(root_), Names{"result"});
}

TEST_F(OutputDirTest, WriteFileIntoAMissingDirectoryFailsClean) {
  const auto written = write_file_atomically(root_ / "missing" / "file", "text");
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kIo);
  EXPECT_EQ(names(root_), Names{});
}

TEST_F(OutputDirTest, WriteFileOverADirectoryFailsClean) {
  fs::create_directory(target_);
  ASSERT_FALSE(write_file_atomically(target_, "text"));
  EXPECT_EQ(names(root_), Names{"result"});
}

TEST_F(OutputDirTest, FullDiskIsNamed) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
  fs::create_symlink("/dev/full", fmt::format("{}.tmp-{}", target_.string(), ::getpid()));
  const auto written = write_file_atomically(target_, "text");
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message.find("No space left"), std::string::npos) << written.error().text();
  EXPECT_NE(written.error().hint.find("Free some space"), std::string::npos);
}

TEST_F(OutputDirTest, ReadFileGivesEveryByte) {
  const std::string bytes("a\0b\r\n", 5);
  ASSERT_TRUE(write_file_atomically(target_, bytes));
  ASSERT_TRUE(read_file(target_, 5));
  EXPECT_EQ(*read_file(target_, 5), bytes);
}

TEST_F(OutputDirTest, ReadFileNamesWhatIsWrong) {
  EXPECT_EQ(read_file(target_, 5).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(read_file(root_, 5).error().code, ErrorCode::kIo);
  write(target_, "123456");
  EXPECT_EQ(read_file(target_, 5).error().code, ErrorCode::kLimit);
}

}  // namespace
}  // namespace zhili
