#include "ingest/ingest.hpp"

#include <fstream>
#include <map>
#include <set>

#include <boost/json.hpp>

#include "base/random.hpp"
#include "ingest/test_ingest.hpp"
#include "store/digest.hpp"
#include "store/outbox.hpp"
#include "table/encoding.hpp"
#include "table/parquet_writer.hpp"

namespace zhili::ingest {
namespace {

namespace fs = std::filesystem;

class UploadTest : public IngestTest {};
class LandingTest : public IngestTest {};

TEST_P(UploadTest, PartsComeOneAfterAnother) {
  const std::string text = people(300);
  const Upload upload = begin("b1");
  const size_t half = text.size() / 2;
  EXPECT_EQ(ingest_->put(upload.id, 0, text.substr(0, half)).value_or(0), half);
  // Again, overlapping, and with a gap.
  EXPECT_EQ(ingest_->put(upload.id, 0, text.substr(0, half)).value_or(0), half);
  EXPECT_EQ(ingest_->put(upload.id, half - 10, text.substr(half - 10, 20)).value_or(0), half + 10);
  const auto gap = ingest_->put(upload.id, half + 100, "x");
  ASSERT_FALSE(gap);
  EXPECT_EQ(gap.error().code, ErrorCode::kConflict);
  EXPECT_EQ(gap.error().hint, fmt::format("Go on at byte {}.", half + 10));
  // A half-sent batch is there for nobody.
  const auto early = ingest_->land(upload.id);
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, ErrorCode::kConflict);
  EXPECT_TRUE(ingest_->batches({.dataset = "police.people"}).value().empty());
  EXPECT_EQ(rows("lake_batch"), 0);

  // The same upload is found again, by this server or another one.
  reopen();
  EXPECT_EQ(begin("b1").id, upload.id);
  EXPECT_EQ(begin("b1").received.bytes, half + 10);
  EXPECT_TRUE(ingest_->put(upload.id, half + 10, text.substr(half + 10)));
  EXPECT_TRUE(ingest_->close(upload.id));
  const auto batch = ingest_->land(upload.id);
  ASSERT_TRUE(batch) << batch.error().text();
  EXPECT_EQ(batch->rows, 300U);
  EXPECT_EQ(batch->sha256, store::sha256_hex(text));
  EXPECT_EQ(rows("ingest_upload"), 0);
}

TEST_P(UploadTest, WhatWasDeclaredIsHeld) {
  const std::string text = people(10);
  UploadRequest request = request_of("b1");
  request.bytes = text.size();
  request.sha256 = store::sha256_hex(text);
  const auto begun = ingest_->begin(request);
  ASSERT_TRUE(begun) << begun.error().text();
  const std::string id = begun->upload.id;
  EXPECT_FALSE(ingest_->close(id));
  EXPECT_TRUE(ingest_->put(id, 0, text.substr(0, 50)));
  const auto short_one = ingest_->close(id);
  ASSERT_FALSE(short_one);
  EXPECT_EQ(short_one.error().hint, "Go on at byte 50.");
  const auto over = ingest_->put(id, 50, text);
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().code, ErrorCode::kLimit);
  // Other content under this name while it is under way.
  UploadRequest other = request;
  other.sha256 = store::sha256_hex("other");
  EXPECT_EQ(code_of(ingest_->begin(other)), ErrorCode::kConflict);
  // Bytes that are not those which were declared.
  std::string changed = text.substr(50);
  changed.back() = 'X';
  EXPECT_TRUE(ingest_->put(id, 50, changed));
  EXPECT_TRUE(ingest_->close(id));
  const auto landed = ingest_->land(id);
  ASSERT_FALSE(landed);
  EXPECT_EQ(landed.error().code, ErrorCode::kInput);
  EXPECT_EQ(ingest_->find_upload(id).value().state, UploadState::kFailed);
  EXPECT_NE(ingest_->find_upload(id).value().error.find("SHA-256"), std::string::npos);
  // What failed may be sent again, under the same name.
  EXPECT_NE(ingest_->begin(request).value().upload.id, id);

  EXPECT_EQ(code_of(ingest_->begin(request_of(""))), ErrorCode::kInput);
  EXPECT_EQ(code_of(ingest_->begin(request_of("a\nb"))), ErrorCode::kInput);
  UploadRequest nowhere = request_of("b");
  nowhere.dataset = "police.nothing";
  EXPECT_EQ(code_of(ingest_->begin(nowhere)), ErrorCode::kNotFound);
  EXPECT_EQ(code_of(ingest_->put("b0", 0, "x")), ErrorCode::kNotFound);
}

TEST_P(UploadTest, WhatIsLeftIsSweptAfterItsTerm) {
  const Upload left = begin("left");
  EXPECT_TRUE(ingest_->put(left.id, 0, "abc"));
  const Upload kept = begin("kept");
  EXPECT_EQ(ingest_->sweep().value_or(9), 0U);
  now_ += kUploadTerm / 2;
  EXPECT_TRUE(ingest_->put(kept.id, 0, "abc"));
  now_ += kUploadTerm / 2 + 1;
  // A file whose upload is gone, as a crash leaves it.
  std::ofstream(lake_dir() / ".uploads" / "b1-00.part") << "x";
  EXPECT_EQ(ingest_->sweep().value_or(9), 1U);
  EXPECT_EQ(code_of(ingest_->find_upload(left.id)), ErrorCode::kNotFound);
  EXPECT_TRUE(ingest_->find_upload(kept.id));
  EXPECT_EQ(std::distance(fs::directory_iterator(lake_dir() / ".uploads"), fs::directory_iterator()), 1);
  EXPECT_FALSE(has_key(left.id));
  EXPECT_TRUE(has_key(kept.id));
  EXPECT_TRUE(ingest_->abandon(kept.id));
  EXPECT_FALSE(has_key(kept.id));
}

TEST_P(UploadTest, NoByteLiesInClear) {
  const std::string text = people(200);
  const Upload upload = begin("b1");
  ASSERT_TRUE(ingest_->put(upload.id, 0, text));
  const auto clear = [&] {
    size_t found = 0;
    size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(lake_dir())) {
      if (!entry.is_regular_file()) continue;
      ++files;
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      for (const char* word : {"张三", "990101", "身份号码", "13800001"})
        found += bytes.find(word) != std::string::npos ? 1 : 0;
    }
    EXPECT_EQ(files, 1U);
    return found;
  };
  EXPECT_EQ(clear(), 0U);
  ASSERT_TRUE(ingest_->close(upload.id));
  ASSERT_TRUE(ingest_->land(upload.id));
  EXPECT_EQ(clear(), 0U);
}

TEST_P(LandingTest, ABatchIsThereWithItsQualityAndToldOnce) {
  std::string text = people(30);
  text += "P900,123,李四,男,1990-01-01,13800001111,1\nP1,,张三,男,,,\nP901,,张三,女,2030-01-01,,\n";
  const Batch batch = landed("b1", text);
  EXPECT_EQ(batch.state, BatchState::kLanded);
  EXPECT_EQ(batch.rows, 33U);
  EXPECT_EQ(batch.mistaken, 3U);
  EXPECT_EQ(batch.rejected, 2U);
  const auto found = ingest_->find_batch("police.people", "b1");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->id, batch.id);
  const auto report = boost::json::parse(found->report).as_object();
  EXPECT_EQ(report.at("rows").to_number<int>(), 33);
  EXPECT_EQ(report.at("repeated_keys").to_number<int>(), 1);
  EXPECT_NEAR(report.at("measures").at("uniqueness").to_number<double>(), 1 - 1.0 / 33, 1e-9);
  EXPECT_NEAR(report.at("measures").at("completeness").to_number<double>(), 1, 1e-9);
  EXPECT_EQ(report.at("worst_rows").as_array().size(), 3U);
  EXPECT_EQ(report.at("worst_rows").at(0).at("line").to_number<int>(), 32);
  // No value of a row is in it.
  for (const char* word : {"张三", "李四", "13800001111", "2030"})
    EXPECT_EQ(found->report.find(word), std::string::npos);

  const auto events = store::read_events(*store_, "test");
  ASSERT_TRUE(events);
  ASSERT_EQ(events->size(), 1U);
  EXPECT_EQ((*events)[0].topic, "ingest.landed");
  EXPECT_EQ((*events)[0].payload,
            fmt::format(R"({{"dataset":"police.people","batch":"b1","id":"{}","rows":31,"kind":"full"}})", batch.id));
  const auto trend = ingest_->trend("police.people", "income", 10);
  ASSERT_TRUE(trend);
  ASSERT_EQ(trend->size(), 1U);
  EXPECT_EQ((*trend)[0].values, 33U);
  EXPECT_EQ((*trend)[0].missing, 2U);
}

TEST_P(LandingTest, TheSameBatchTwiceIsRecognised) {
  const std::string text = people(20);
  const Batch first = landed("b1", text);
  // Declared: nothing is to be sent.
  UploadRequest request = request_of("b1");
  request.sha256 = store::sha256_hex(text);
  const auto again = ingest_->begin(request);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->earlier.value_or(Batch{}).id, first.id);
  // Not declared: it is sent, and found to be the same.
  const Batch second = landed("b1", text);
  EXPECT_EQ(second.id, first.id);
  EXPECT_EQ(rows("lake_batch"), 1);
  EXPECT_EQ(rows("ingest_upload"), 0);
  EXPECT_EQ(store::read_events(*store_, "test").value().size(), 1U);
  // Other content.
  request.sha256 = store::sha256_hex("other");
  EXPECT_EQ(code_of(ingest_->begin(request)), ErrorCode::kConflict);
  const auto other = try_landing("b1", people(21));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::kConflict);
  EXPECT_EQ(ingest_->find_batch("police.people", "b1").value().id, first.id);
}

TEST_P(LandingTest, WhatIsNotWhatWasDeclaredIsNotLanded) {
  const auto renamed = try_landing("b1", "编号,身份号码,名字,性别,出生日期,电话,收入\nP1,,,,,,\n");
  ASSERT_FALSE(renamed);
  EXPECT_EQ(renamed.error().code, ErrorCode::kInput);
  EXPECT_EQ(rows("lake_batch"), 0);
  EXPECT_EQ(rows("ingest_batch"), 0);
  const auto kept = store_->query("SELECT id FROM ingest_upload");
  ASSERT_TRUE(kept);
  const Upload upload = ingest_->find_upload(std::string((*kept)[0].text(0))).value();
  EXPECT_EQ(upload.error, "line 1: of dataset police.people the column \"姓名\" is missing");
  EXPECT_NE(upload.hint.find("renamed to \"名字\""), std::string::npos);
  EXPECT_FALSE(has_key(upload.id));
  // The corrected one lands under the same name.
  EXPECT_EQ(landed("b1", people(3)).rows, 3U);
}

TEST_P(LandingTest, RowsAreReadAgainAsTheyCame) {
  std::string text = people(2000);
  text += "P5,,again,男,,,\nP7000,x\n";
  const Batch batch = landed("b1", text);
  EXPECT_EQ(batch.unreadable, 1U);
  const Ingest::Reading reading{.actor = "clerk", .purpose = "build_base", .basis = "pipl-13-1-3"};
  std::vector<std::string> numbers;
  const Status read =
      ingest_->read(batch.id, reading, [&](Change change, std::span<const std::string_view> values) -> Status {
        EXPECT_EQ(change, Change::kInsert);
        EXPECT_EQ(values.size(), 7U);
        numbers.emplace_back(values[0]);
        return {};
      });
  ASSERT_TRUE(read) << read.error().text();
  ASSERT_EQ(numbers.size(), 2000U);  // The repeated key was rejected.
  EXPECT_EQ(numbers[5], "P5");
  EXPECT_EQ(numbers[1999], "P1999");
  EXPECT_EQ(rows("vault_job"), 1);
  EXPECT_EQ(code_of(ingest_->read(batch.id, {.actor = "clerk", .purpose = "fun", .basis = "pipl-13-1-3"}, {})),
            ErrorCode::kInput);
}

TEST_P(LandingTest, ParquetAndJsonLinesAndGb18030Land) {
  std::string json;
  for (int i = 0; i < 5; ++i) {
    json += fmt::format(
        "{{\"编号\":\"P{}\",\"身份号码\":null,\"姓名\":\"张三\",\"性别\":\"男\",\"出生日期\":\"1990-01-01\","
        "\"电话\":null,\"收入\":12.5}}\n",
        i);
  }
  EXPECT_EQ(landed("json", json, "people.jsonl").rows, 5U);

  std::string gb(people(20).size() * 2, '\0');
  gb.resize(table::encode_gb18030(people(20), gb.data()));
  EXPECT_EQ(landed("gb", gb).rows, 20U);
  UploadRequest wrong = request_of("gb-as-utf8");
  wrong.encoding = table::Encoding::kUtf8;
  const auto refused = try_landing(wrong, gb);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().text().find("gb18030"), std::string::npos);

  const fs::path path = database().dir() / "people.parquet";
  std::vector<table::ParquetColumn> columns;
  for (const auto& field : test_dataset().fields) columns.push_back({field.in_file(), table::ParquetType::kText});
  size_t left = 1;
  ASSERT_TRUE(table::write_parquet(path, columns, [&](table::ChunkWriter& chunk) -> Result<size_t> {
    if (left-- == 0) return size_t{0};
    for (size_t r = 0; r < 9; ++r) {
      chunk.set_text(0, r, fmt::format("P{}", r));
      chunk.set_text(2, r, "张三");
    }
    return size_t{9};
  }));
  std::ifstream in(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const Batch batch = landed("parquet", bytes, "people.parquet");
  EXPECT_EQ(batch.rows, 9U);
  size_t seen = 0;
  EXPECT_TRUE(ingest_->read(batch.id, {.actor = "", .purpose = "build_base", .basis = "pipl-13-1-3"},
                            [&](Change, std::span<const std::string_view>) -> Status { return ++seen, Status{}; }));
  EXPECT_EQ(seen, 9U);
}

TEST_P(LandingTest, ABadBatchIsHeldAndTheOwnerDecides) {
  catalog::Dataset dataset = test_dataset();
  dataset.hold_back.mistaken_rows = 0.1;
  dataset.hold_back.fewer_rows = 0.3;
  declare(dataset);
  EXPECT_EQ(landed("b1", people(20)).state, BatchState::kLanded);
  const Batch mistaken = landed("b2", people(20) + "P90,x,,,,,\nP91,x,,,,,\nP92,x,,,,,\n");
  EXPECT_EQ(mistaken.state, BatchState::kHeld);
  EXPECT_NE(mistaken.report.find(R"("held_because":["mistaken_rows"])"), std::string::npos);
  const Batch fewer = landed("b3", people(13));
  EXPECT_EQ(fewer.state, BatchState::kHeld);
  EXPECT_NE(fewer.report.find(R"("held_because":["fewer_rows"])"), std::string::npos);
  // It counts for nobody yet.
  EXPECT_EQ(store::read_events(*store_, "test").value().size(), 1U);
  EXPECT_EQ(code_of(ingest_->read(mistaken.id, {.actor = "", .purpose = "build_base", .basis = "pipl-13-1-3"}, {})),
            ErrorCode::kConflict);

  EXPECT_EQ(code_of(ingest_->release(fewer.id, "owner", "")), ErrorCode::kInput);
  const int64_t entries = rows("audit_entry");
  const auto released = ingest_->release(fewer.id, "owner", "搬迁后人口减少");
  ASSERT_TRUE(released) << released.error().text();
  EXPECT_EQ(store::read_events(*store_, "test").value().size(), 2U);
  EXPECT_EQ(code_of(ingest_->release(fewer.id, "owner", "again")), ErrorCode::kConflict);
  const auto dropped = ingest_->drop(mistaken.id, "owner", "发错了文件");
  ASSERT_TRUE(dropped) << dropped.error().text();
  EXPECT_EQ(rows("audit_entry"), entries + 2);
  EXPECT_EQ(rows("lake_batch"), 2);
  EXPECT_FALSE(has_key(mistaken.id));
  EXPECT_TRUE(has_key(fewer.id));
  const auto found = ingest_->find_batch(mistaken.id);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->state, BatchState::kDropped);
  EXPECT_EQ(found->reason, "发错了文件");
  EXPECT_EQ(ingest_->batches({.dataset = "police.people", .state = BatchState::kLanded}).value().size(), 2U);
}

TEST_P(LandingTest, ASuddenChangeRaisesAnAlarm) {
  catalog::Dataset dataset = test_dataset();
  dataset.hold_back.on_alarm = true;
  dataset.cycle = catalog::Cycle::kDaily;
  declare(dataset);
  const int64_t day = int64_t{24} * 3600 * 1'000'000;
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(landed(fmt::format("b{}", i), people(100 + i)).state, BatchState::kLanded) << i;
    now_ += day - 1;
  }
  // As many rows as ever, and no telephone numbers.
  std::string text = header_line;
  for (int i = 0; i < 101; ++i) text += fmt::format("P{},,张三,男,1990-01-01,,1\n", i);
  now_ += day;
  const Batch odd = landed("odd", text);
  EXPECT_EQ(odd.state, BatchState::kHeld);
  const auto report = boost::json::parse(odd.report).as_object();
  std::set<std::string> alarms;
  for (const auto& alarm : report.at("alarms").as_array()) {
    alarms.insert(fmt::format("{}.{}", alarm.at("field").as_string().c_str(), alarm.at("figure").as_string().c_str()));
  }
  EXPECT_TRUE(alarms.contains("phone.missing"));
  EXPECT_FALSE(alarms.contains(".rows"));
  EXPECT_FALSE(alarms.contains("income.missing"));
  // It is a day late too.
  EXPECT_EQ(report.at("measures").at("timeliness").to_number<double>(), 0);
}

TEST_P(LandingTest, OtherDepartmentsAreAskedAboutASample) {
  IngestOptions options;
  options.neighbours.consistency = [](const std::string& dataset,
                                      std::span<const SampleRow> rows) -> Result<Neighbours::Consistency> {
    EXPECT_EQ(dataset, "police.people");
    return Neighbours::Consistency{.compared = rows.size(), .different = 10, .by_field = {0, 0, 10}};
  };
  options.neighbours.held = [](const std::string&, std::span<const SampleRow> rows) -> Result<std::vector<bool>> {
    std::vector<bool> out;
    for (const SampleRow& row : rows) out.push_back(row.values[0] == "P1");
    return out;
  };
  open_ingest(options);
  const Batch full = landed("full", people(100));
  EXPECT_NEAR(boost::json::parse(full.report).at("measures").at("consistency").to_number<double>(), 0.9, 1e-9);
  UploadRequest request = request_of("changes");
  request.kind = BatchKind::kChanges;
  const auto changes =
      try_landing(request, "_change," + header_line +
                               "insert,P1,,张,男,,,\ninsert,P2,,张,男,,,\ndelete,P1,,,,,,\nupdate,P3,,张,男,,,\n");
  ASSERT_TRUE(changes) << changes.error().text();
  const auto held = boost::json::parse(changes->report).at("held_keys").as_object();
  EXPECT_EQ(held.at("inserted_twice").to_number<int>(), 1);
  EXPECT_EQ(held.at("changed_in_vain").to_number<int>(), 1);
}

TEST_P(LandingTest, WaitingUploadsAreLandedByWhoeverComes) {
  for (const char* name : {"b1", "b2"}) {
    const Upload upload = begin(name);
    ASSERT_TRUE(ingest_->put(upload.id, 0, people(5)));
    ASSERT_TRUE(ingest_->close(upload.id));
  }
  (void)begin("open");
  reopen();
  EXPECT_EQ(ingest_->land_waiting().value_or(0), 2U);
  EXPECT_EQ(ingest_->land_waiting().value_or(9), 0U);
  EXPECT_EQ(ingest_->batches({.dataset = "police.people"}).value().size(), 2U);
}

ZHILI_ON_BOTH_ENGINES(UploadTest);
ZHILI_ON_BOTH_ENGINES(LandingTest);

}  // namespace
}  // namespace zhili::ingest
