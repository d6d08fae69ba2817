#include "exchange/files.hpp"

#include <algorithm>
#include <array>

#include "exchange/test_exchange.hpp"

namespace zhili::exchange {
namespace {

class FilesTest : public ExchangeTest {
 protected:
  void SetUp() override {
    ExchangeTest::SetUp();
    if (IsSkipped()) return;
    std::vector<vault::TestRow> all;
    all.reserve(3000);
    for (unsigned i = 0; i < 3000; ++i) all.push_back(vault::row_of(i, i % 3 == 0 ? "9902" : "990101"));
    absorb(all);
    auto key = audit::SignKey::generate("district.example/exchange", audit::KeyKind::kEd25519).value();
    gateway_ = Gateway::open(*requests_, *door_, Signer::create(std::move(key)).value()).value();
    files_ = Files::open(*gateway_, *requests_, *vault_, *door_, database().dir() / "files").value();
    Wanted what = wanted();
    what.rows = {{"qh", vault::RowCondition::Kind::kWithin, {"9901"}}};
    grant_ = granted(what);
  }
  void TearDown() override {
    files_.reset();
    gateway_.reset();
    ExchangeTest::TearDown();
  }
  std::string fetched(const std::string& file, uint64_t from, size_t most) {
    auto opened = files_->fetch(officer("health"), file, from);
    EXPECT_TRUE(opened && opened->download);
    std::string out;
    while (opened && opened->download && out.size() < most) {
      const auto piece = opened->download->next(std::min<size_t>(10'000, most - out.size()));
      EXPECT_TRUE(piece) << piece.error().text();
      if (!piece || piece->bytes.empty()) break;
      out += piece->bytes;
    }
    return out;
  }

  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<Files> files_;
  Request grant_;
};

TEST_P(FilesTest, AreMadeOnceSignedAndFetchedInPieces) {
  const auto made = files_->make(officer("health"), grant_.id, {"gmsfhm", "je"}, Cancel());
  ASSERT_TRUE(made) << made.error().text();
  ASSERT_FALSE(made->refusal);
  const BatchFile& file = made->file;
  EXPECT_EQ(file.rows, 2000U);
  EXPECT_EQ(rows("vault_record_line"), 2000);
  // Broken off in the middle, it is gone on with at that byte.
  std::string whole = fetched(file.id, 0, 33'333);
  EXPECT_EQ(whole.size(), 33'333U);
  whole += fetched(file.id, whole.size(), size_t{1} << 30);
  EXPECT_EQ(whole.size(), file.bytes);
  EXPECT_EQ(std::ranges::count(whole, '\n'), 2001);
  EXPECT_EQ(whole.substr(0, whole.find('\n')),
            fmt::format(R"({{"dataset":"civil.low_income","fields":[{{"field":"gmsfhm","masked":false}},)"
                        R"({{"field":"je","masked":false}}],"grant":"{}"}})",
                        grant_.id));
  const std::array<audit::VerifyKey, 1> keys = {gateway_->verify_key().value()};
  const auto statement = verify_answer(file.note, whole, keys);
  ASSERT_TRUE(statement) << statement.error().text();
  EXPECT_EQ(statement->grant, grant_.id);
  // One call, told to both sides.
  const auto days = must(gateway_->days(officer("civil"), grant_.id));
  ASSERT_EQ(days.size(), 1U);
  EXPECT_EQ(days[0].rows, 2000);
  EXPECT_EQ(must(files_->list(officer("civil"), grant_.id)).size(), 1U);
  EXPECT_EQ(files_->fetch(officer("health"), file.id, file.bytes + 1).error().code, ErrorCode::kInput);
  const auto other = files_->fetch(officer("bureau"), file.id, 0);
  ASSERT_TRUE(other);
  EXPECT_EQ(other->refusal.value_or(vault::Refusal{}).code, "grant_not_yours");
}

TEST_P(FilesTest, AGrantThatEndsInMidDownloadStopsIt) {
  const auto made = files_->make(officer("health"), grant_.id, {}, Cancel());
  ASSERT_TRUE(made) << made.error().text();
  auto opened = files_->fetch(officer("health"), made->file.id, 0);
  ASSERT_TRUE(opened && opened->download);
  ASSERT_FALSE(opened->download->next(1000)->bytes.empty());
  Conditions over = grant_.conditions;
  over.until = store_->now() - 1;
  run("UPDATE exchange_request SET conditions = $2, until = $3 WHERE id = $1", {grant_.id, to_json(over), over.until});
  const auto stopped = opened->download->next(1000);
  ASSERT_TRUE(stopped);
  EXPECT_TRUE(stopped->bytes.empty());
  EXPECT_EQ(stopped->refusal.value_or(vault::Refusal{}).code, "grant_expired");
  const auto again = files_->fetch(officer("health"), made->file.id, 1000);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->refusal.value_or(vault::Refusal{}).code, "grant_expired");
  // Its file and key go.
  EXPECT_EQ(must(files_->sweep()), 1U);
  EXPECT_TRUE(std::filesystem::is_empty(database().dir() / "files"));
  EXPECT_EQ(must(files_->list(officer("civil"), grant_.id))[0].state, "gone");
}

TEST_P(FilesTest, WhatMayNotBeMadeLeavesNothing) {
  identity::Actor weak = officer("health");
  weak.second_factor = false;
  auto made = files_->make(weak, grant_.id, {"gmsfhm"}, Cancel());
  ASSERT_TRUE(made) << made.error().text();
  EXPECT_TRUE(made->refusal);
  EXPECT_EQ(made->file.state, "broken_off");
  made = files_->make(officer("bureau"), grant_.id, {}, Cancel());
  EXPECT_EQ(made->refusal.value_or(vault::Refusal{}).code, "grant_not_yours");
  EXPECT_EQ(rows("vault_record_line"), 0);
  EXPECT_TRUE(std::filesystem::is_empty(database().dir() / "files"));
  EXPECT_EQ(must(gateway_->days(officer("civil"), grant_.id))[0].refused, 2);
  EXPECT_EQ(files_->make(officer("health"), "nothing", {}, Cancel()).error().code, ErrorCode::kNotFound);
}

ZHILI_ON_BOTH_ENGINES(FilesTest);

}  // namespace
}  // namespace zhili::exchange
