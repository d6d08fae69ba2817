#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "fuse/run.hpp"
#include "ingest/test_ingest.hpp"
#include "library/bases.hpp"

/// For tests of this room and of those above.
namespace zhili::library {

/// Somebody of a made-up register: line `i` of it is always the same person.
struct Somebody {
  int i = 0;
  std::string phone = fmt::format("1380000{:04}", i);
  std::string name = std::string("张三") + (i % 2 == 0 ? "丰" : "风");

  std::string number() const {
    return ingest::test_id(fmt::format("990101{:04}0101{:03}", 1950 + i % 60, 100 + i % 800));
  }
  std::string birth() const { return fmt::format("{}-01-01", 1950 + i % 60); }
  std::string line() const { return fmt::format("P{},{},{},男,{},{},100\n", i, number(), name, birth(), phone); }
};

/// The police's register of so many people, which is a dataset, and a clinic's file of half of them, which is none.
class LibraryTest : public ingest::IngestTest {
 protected:
  static constexpr int kPeople = 60;

  void SetUp() override {
    ingest::IngestTest::SetUp();
    if (IsSkipped()) return;
    write("police.csv", ingest::header_line + police({}));
    std::string clinic = "id,name,number,birth,phone\n";
    for (int i = 0; i < kPeople; i += 2) {
      const Somebody one{i};
      clinic += fmt::format("C{},{},{},{},{}\n", i, one.name, one.number(), one.birth(), one.phone);
    }
    write("clinic.csv", clinic);
    write("fuse.yaml", kYaml);
  }
  void TearDown() override {
    base_.reset();
    ingest::IngestTest::TearDown();
  }
  std::vector<store::Migration> more_migrations() const override { return Base::migrations(); }

  std::filesystem::path data() { return database().dir() / "data"; }
  void write(const std::string& name, const std::string& content) {
    std::filesystem::create_directories(data());
    std::ofstream(data() / name, std::ios::binary) << content;
  }
  /// The register's lines, some of them in the place of the usual ones.
  static std::string police(const std::vector<Somebody>& others, int left_out = -1) {
    std::string out;
    for (int i = 0; i < kPeople; ++i) {
      if (i == left_out) continue;
      const auto other = std::ranges::find(others, i, &Somebody::i);
      out += other == others.end() ? Somebody{i}.line() : other->line();
    }
    for (const auto& one : others) {
      if (one.i >= kPeople) out += one.line();
    }
    return out;
  }

  Ground ground(const std::string& directory = "bases") {
    return {.store = *store_,
            .vault = *vault_,
            .registry = *registry_,
            .ingest = *ingest_,
            .directory = database().dir() / directory,
            .areas = vault::test_rules()->areas,
            .owner = 7,
            .merged = [this](store::Transaction&, const std::string& kind, const std::string& from,
                             const std::string& to) -> Status {
              merged_ = fmt::format("{} {} {}", kind, from, to);
              return {};
            }};
  }
  void make() {
    auto config = fuse::load_config(data() / "fuse.yaml");
    ASSERT_TRUE(config) << config.error().text();
    fuse::RunOptions options;
    options.out = database().dir() / "result";
    options.progress = Progress::Mode::kOff;
    ASSERT_TRUE(fuse::run(*config, options, cancel_));
    Plan plan;
    plan.kind = "person";
    plan.purpose = "build_base";
    plan.basis = "pipl-13-1-3";
    plan.elsewhere = "9902";
    plan.config = std::move(*config);
    plan.config_yaml = kYaml;
    const Status made = Base::create(ground(), std::move(plan), options.out, cancel_);
    ASSERT_TRUE(made) << made.error().text();
  }
  void open_base() {
    base_.reset();
    auto opened = Base::open(ground(), "person");
    ASSERT_TRUE(opened) << opened.error().text();
    base_ = std::move(*opened);
  }
  /// Lands a batch, takes its rows into the vault, and feeds the base.
  Fed feed(const std::string& name, const std::string& rows, ingest::BatchKind kind = ingest::BatchKind::kFull) {
    const auto batch = land(name, rows, kind);
    auto fed = base_->feed(batch, cancel_);
    EXPECT_TRUE(fed) << fed.error().text();
    return fed.value_or(Fed{});
  }
  ingest::Batch land(const std::string& name, const std::string& rows, ingest::BatchKind kind) {
    auto request = request_of(name);
    request.kind = kind;
    const auto batch = try_landing(request, rows);
    EXPECT_TRUE(batch) << batch.error().text();
    if (!batch) return {};
    auto intake = vault::RecordIntake::begin(*vault_, {.dataset = batch->dataset,
                                                       .batch = batch->id,
                                                       .actor = "",
                                                       .purpose = "build_base",
                                                       .basis = "pipl-13-1-3",
                                                       .whole = kind == ingest::BatchKind::kFull});
    EXPECT_TRUE(intake) << intake.error().text();
    const auto take = [&](ingest::Change change, std::span<const std::string_view> values) {
      return change == ingest::Change::kDelete ? (*intake)->remove(values.first(1)) : (*intake)->put(values);
    };
    EXPECT_TRUE(ingest_->read(batch->id, {.actor = "", .purpose = "build_base", .basis = "pipl-13-1-3"}, take));
    EXPECT_TRUE((*intake)->finish());
    return *batch;
  }
  std::string entity_of(const std::string& source, const std::string& record) {
    const auto found = base_->entity_of({source, record});
    EXPECT_TRUE(found) << found.error().text();
    return found ? found->value_or("") : std::string();
  }
  std::string about(const std::string& record) {
    const auto found = vault::Records(*vault_).about("police.people", {record});
    return found ? found->value_or(vault::Records::About{}).subject : std::string();
  }
  std::string phone_of(const std::string& subject) {
    const auto answer = told(ask(vault::actor("window_clerk", "99"), subject, {"phone"}));
    return answer.subjects.empty() ? std::string() : vault::field_of(answer.subjects[0], "phone")->value;
  }
  std::vector<std::string> events_of(const std::string& subject) {
    std::vector<std::string> out;
    const auto rows =
        store_->query("SELECT event FROM library_event WHERE subject_id = $1 ORDER BY at, event", {subject});
    for (const store::Row row : *rows) out.emplace_back(row.text(0));
    return out;
  }

  static constexpr const char* kYaml = R"(version: 1
sources:
  - id: police
    file: police.csv
    record_id: 编号
    dataset: police.people
    trust: 90
    columns: {name: 姓名, id_number: 身份号码, birth: 出生日期, phone: 电话}
  - id: clinic
    file: clinic.csv
    record_id: id
    trust: 50
    columns: {id_number: number}
attributes: {name: chinese_name, id_number: id_number, birth: date, phone: phone}
blocking: [id_number, phone, name + birth.year]
survivorship: trust
review: [0.000001, 0.999999]
)";

  Cancel cancel_;
  std::string merged_;  // Kind and ids of the last ones.
  std::unique_ptr<Base> base_;
};

}  // namespace zhili::library
