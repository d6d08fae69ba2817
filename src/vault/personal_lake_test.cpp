#include "vault/personal_lake.hpp"

#include <fstream>
#include <set>

#include "base/output_dir.hpp"
#include "vault/jobs.hpp"
#include "vault/rotation.hpp"
#include "vault/test_vault.hpp"

namespace zhili::vault {
namespace {

constexpr size_t kRows = 50'000;
const std::vector<table::ParquetColumn> columns = {{"name", table::ParquetType::kText},
                                                   {"age", table::ParquetType::kInt64}};

class PersonalLakes : public VaultTest {
 protected:
  store::LakeBatch land(PersonalLake& personal, const std::string& batch) {
    size_t next = 0;
    auto landed = personal.land("residents", batch, columns, [&](table::ChunkWriter& chunk) -> Result<size_t> {
      size_t row = 0;
      for (; next < kRows && row < table::ChunkWriter::kRows; ++next, ++row) {
        chunk.set_text(0, row, fmt::format("张三丰{}", next));
        chunk.set_int64(1, row, static_cast<int64_t>(next % 100));
      }
      return row;
    });
    EXPECT_TRUE(landed) << landed.error().text();
    return landed ? std::move(*landed) : store::LakeBatch{};
  }
  PersonalLake::Reading reading() const { return {"clerk", "statistics", "dsl-38", {"name", "age"}}; }
  static std::string first_cell(table::DuckSession& session, const std::string& sql) {
    auto rows = session.query(sql);
    EXPECT_TRUE(rows) << rows.error().text();
    if (!rows || !rows->fetch().value_or(false)) return {};
    return fmt::format("{}", static_cast<int64_t*>(duckdb_vector_get_data(rows->vector(0)))[0]);
  }
};

TEST_P(PersonalLakes, WithoutItsKeyAFileIsNoise) {
  auto lake = store::Lake::open(*store_, database().dir() / "lake").value();
  PersonalLake personal(*vault_, lake);
  const store::LakeBatch batch = land(personal, "b1");
  EXPECT_EQ(batch.rows, static_cast<int64_t>(kRows));
  const auto plain = table::DuckSession::create().value();
  const auto refused = plain->run("SELECT max(age) FROM " + lake.duckdb_source({batch}));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("encrypt"), std::string::npos) << refused.error().message;
  const std::string bytes = read_file(lake.path(batch), uint64_t{1} << 30).value();
  EXPECT_EQ(bytes.find("张三丰"), std::string::npos);
  EXPECT_EQ(bytes.find("name"), std::string::npos);
  EXPECT_TRUE(lake.verify(batch));

  const auto opened = personal.open({batch}, reading());
  ASSERT_TRUE(opened) << opened.error().text();
  EXPECT_EQ(first_cell(*opened->session, "SELECT count(DISTINCT name) FROM " + opened->source), "50000");
  EXPECT_EQ(first_cell(*opened->session, "SELECT CAST(sum(age) AS BIGINT) FROM " + opened->source), "2475000");
  const auto jobs = Jobs(*vault_).list();
  ASSERT_TRUE(jobs);
  EXPECT_EQ(jobs->front().work, "read_lake");
  EXPECT_EQ(jobs->front().unchanged, kRows);
  PersonalLake::Reading wrong = reading();
  wrong.purpose = "visit";
  EXPECT_EQ(personal.open({batch}, wrong).error().code, ErrorCode::kInput);
}

TEST_P(PersonalLakes, EachFileHasItsKeyAndNoNonceComesTwice) {
  auto lake = store::Lake::open(*store_, database().dir() / "lake").value();
  PersonalLake personal(*vault_, lake);
  const store::LakeBatch one = land(personal, "b1");
  const store::LakeBatch two = land(personal, "b2");
  const auto nonces = parquet_nonces(lake.path(one));
  ASSERT_TRUE(nonces) << nonces.error().text();
  EXPECT_GT(nonces->size(), 4U);
  EXPECT_EQ(std::set<std::string>(nonces->begin(), nonces->end()).size(), nonces->size());
  const auto opened = personal.open({one, two}, reading());
  ASSERT_TRUE(opened) << opened.error().text();
  EXPECT_EQ(first_cell(*opened->session, "SELECT count(*) FROM " + opened->source), "100000");
  // The key of one file does not open another.
  const auto swapped = store_->commit([&](store::Transaction& tx) -> Status {
    ZHILI_TRY(
        tx.execute("UPDATE vault_file_key SET sealed = (SELECT sealed FROM vault_file_key WHERE batch = 'b2') "
                   "WHERE batch = 'b1'"));
    return {};
  });
  EXPECT_TRUE(swapped);
  EXPECT_FALSE(personal.open({one}, reading()));
}

TEST_P(PersonalLakes, FilesAreReadableAfterTheKeyWasChanged) {
  auto lake = store::Lake::open(*store_, database().dir() / "lake").value();
  PersonalLake personal(*vault_, lake);
  const store::LakeBatch batch = land(personal, "b1");
  const auto rotated = Rotation(*vault_).rotate("", Cancel());
  ASSERT_TRUE(rotated) << rotated.error().text();
  EXPECT_EQ(rotated->files, 1U);
  EXPECT_TRUE(personal.open({batch}, reading()));
  EXPECT_TRUE(personal.remove("residents", "b1"));
  EXPECT_EQ(rows("vault_file_key"), 0);
  EXPECT_EQ(personal.open({batch}, reading()).error().code, ErrorCode::kNotFound);
}

TEST(ParquetNonces, OtherFilesAreRefused) {
  const auto path = std::filesystem::temp_directory_path() / "zhili-not-parquet";
  for (const std::string_view bytes : {"", "PAR1", "PAREPAREPAREPARE", "PARE\x01\0\0\0xPARE"}) {
    std::ofstream(path, std::ios::binary) << bytes;
    EXPECT_FALSE(parquet_nonces(path));
  }
  // Of a module of 28 bytes behind its length the first twelve are the nonce.
  const std::string module = std::string("\x1c\0\0\0", 4) + std::string(28, 'm');
  const std::string end = module + std::string("\x20\0\0\0", 4) + "PARE";
  std::ofstream(path, std::ios::binary) << "PARE" << module << end;
  const auto both = parquet_nonces(path);
  ASSERT_TRUE(both) << both.error().text();
  EXPECT_EQ(*both, std::vector<std::string>(2, std::string(12, 'm')));
  // Bytes before the footer that are too few for a module.
  std::ofstream(path, std::ios::binary) << "PARE" << module << "mm" << end;
  EXPECT_FALSE(parquet_nonces(path));
  std::filesystem::remove(path);
}

ZHILI_ON_BOTH_ENGINES(PersonalLakes);

}  // namespace
}  // namespace zhili::vault
