#include <fstream>

#include <boost/json.hpp>

#include "ingest/folder.hpp"
#include "ingest/pull_postgres.hpp"
#include "ingest/test_ingest.hpp"

namespace zhili::ingest {
namespace {

namespace fs = std::filesystem;

class FolderTest : public IngestTest {
 protected:
  FolderOptions options() {
    FolderOptions out;
    out.directory = database().dir() / "inbox";
    out.dataset = "police.people";
    out.sender = "sender";
    out.now = [this] { return store::system_now() + ahead_; };
    return out;
  }
  void drop(const std::string& name, const std::string& text) const {
    std::ofstream(dir_ / name, std::ios::binary) << text;
  }
  static std::string content(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void SetUp() override {
    IngestTest::SetUp();
    if (IsSkipped()) return;
    dir_ = options().directory;
  }

  fs::path dir_;
  int64_t ahead_ = 0;
};

TEST_P(FolderTest, FilesAreTakenOnceTheyAreComplete) {
  const auto folder = Folder::open(*ingest_, options());
  ASSERT_TRUE(folder) << folder.error().text();
  drop("monday.csv", people(12));
  drop("wrong.csv", "编号,名字\nP1,x\n");
  drop("half.csv.part", people(3));
  auto round = folder->scan();
  ASSERT_TRUE(round);
  EXPECT_EQ(round->waiting, 2U);  // They have just changed.
  EXPECT_EQ(rows("ingest_batch"), 0);
  ahead_ = 11'000'000;
  round = folder->scan();
  ASSERT_TRUE(round);
  EXPECT_EQ(round->done, 1U);
  EXPECT_EQ(round->failed, 1U);
  EXPECT_EQ(content(dir_ / "done" / "monday.csv"), people(12));
  const auto report = boost::json::parse(content(dir_ / "done" / "monday.csv.report.json")).as_object();
  EXPECT_EQ(report.at("state").as_string(), "landed");
  EXPECT_EQ(report.at("rows").to_number<int>(), 12);
  EXPECT_EQ(report.at("quality").at("measures").at("completeness").to_number<double>(), 1);
  EXPECT_NE(content(dir_ / "failed" / "wrong.csv.report.json").find("missing"), std::string::npos);
  EXPECT_FALSE(fs::exists(dir_ / "done" / "half.csv"));
  EXPECT_TRUE(fs::exists(dir_ / "half.csv.part"));

  // The same file again is the same batch; another one under its name is refused.
  drop("monday.csv", people(12));
  fs::rename(dir_ / "half.csv.part", dir_ / "half.csv");
  round = folder->scan();
  ASSERT_TRUE(round);
  EXPECT_EQ(round->done, 2U);
  EXPECT_EQ(rows("ingest_batch"), 2);
  drop("monday.csv", people(13));
  round = folder->scan();
  ASSERT_TRUE(round);
  EXPECT_EQ(round->failed, 1U);
  EXPECT_NE(content(dir_ / "failed" / "monday.csv.report.json").find("other content"), std::string::npos);
}

TEST_P(FolderTest, AnUploadThatBrokeOffGoesOnOrBeginsAnew) {
  const std::string text = people(100);
  const auto folder = Folder::open(*ingest_, options());
  ASSERT_TRUE(folder);
  UploadRequest request = request_of("monday.csv", "monday.csv");
  request.bytes = 9;
  const auto begun = ingest_->begin(request);
  ASSERT_TRUE(begun);
  ASSERT_TRUE(ingest_->put(begun->upload.id, 0, "something"));
  drop("monday.csv", text);
  ahead_ = 11'000'000;
  const auto round = folder->scan();
  ASSERT_TRUE(round);
  EXPECT_EQ(round->done, 1U);
  EXPECT_EQ(ingest_->find_batch("police.people", "monday.csv").value().rows, 100U);
}

class PostgresPullTest : public IngestTest {};

TEST_P(PostgresPullTest, RowsOfAQueryAreABatch) {
  const char* const server = std::getenv("ZHILI_TEST_POSTGRES");
  if (server == nullptr) GTEST_SKIP() << "needs ZHILI_TEST_POSTGRES: run it by ctest";
  PostgresPull pull{.url = server,
                    .query =
                        "SELECT 'P' || n AS \"编号\", NULL AS \"身份号码\", '张三' AS \"姓名\", '男' AS \"性别\", "
                        "date '1990-01-01' + n AS \"出生日期\", NULL AS \"电话\", n * 1.5 AS \"收入\" "
                        "FROM generate_series(1, 20000) n",
                    .dataset = "police.people",
                    .batch = "night-1",
                    .kind = BatchKind::kFull,
                    .sender = "sender"};
  const auto batch = pull_postgres(*ingest_, pull);
  ASSERT_TRUE(batch) << batch.error().text();
  EXPECT_EQ(batch->rows, 20'000U);
  EXPECT_EQ(batch->unreadable, 0U);

  pull.batch = "night-2";
  pull.query = "SELECT 1/0";
  const auto failed = pull_postgres(*ingest_, pull);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kInput);
  EXPECT_NE(failed.error().message.find("division by zero"), std::string::npos);
  // It reads, and does nothing else.
  pull.query = "DELETE FROM pg_class RETURNING 1";
  EXPECT_EQ(code_of(pull_postgres(*ingest_, pull)), ErrorCode::kInput);
  EXPECT_EQ(rows("ingest_upload"), 0);
  pull.url = "postgresql://zhili@/postgres?host=/nowhere";
  EXPECT_EQ(code_of(pull_postgres(*ingest_, pull)), ErrorCode::kUnavailable);
}

ZHILI_ON_BOTH_ENGINES(FolderTest);
ZHILI_ON_BOTH_ENGINES(PostgresPullTest);

}  // namespace
}  // namespace zhili::ingest
