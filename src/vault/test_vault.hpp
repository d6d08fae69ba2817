#pragma once

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "audit/audit_log.hpp"
#include "catalog/in_force.hpp"
#include "catalog/registry.hpp"
#include "identity/policy.hpp"
#include "store/test_store.hpp"
#include "vault/door.hpp"
#include "vault/intake.hpp"
#include "vault/records.hpp"
#include "vault/vault.hpp"

/// For the tests of rooms that stand on the vault.
namespace zhili::vault {

/// A district of two streets, under the default policy.
inline std::shared_ptr<const Rules> test_rules() {
  std::vector<identity::Area> areas = {{"99", "", "district", "试验区", "Test district"},
                                       {"9901", "99", "street", "东街", "East street"},
                                       {"990101", "9901", "community", "一社区", "First community"},
                                       {"9902", "99", "street", "西街", "West street"}};
  auto tree = identity::AreaTree::create(std::move(areas));
  auto policy = identity::parse_policy(identity::default_policy_yaml(), "default");
  EXPECT_TRUE(tree && policy);
  return std::make_shared<const Rules>(Rules{std::move(*policy), std::move(*tree)});
}

inline identity::Actor actor(const std::string& role, const std::string& area, bool second_factor = false,
                             const std::string& account = "clerk") {
  return {account, {{role, "hall", area}}, second_factor};
}

inline Value value(std::string field, std::string text) {
  return {std::move(field), std::move(text), "police", "P1", "2026-01-02", 0};
}

inline Subject person(const std::string& id, const std::string& place, const std::string& name = "张三丰",
                      const std::string& number = "990101199001011237", const std::string& phone = "13800001111") {
  return {.id = id,
          .place = place,
          .values = {value("name", name), value("id_number", number), value("birth", "1990-01-01"), value("sex", "男"),
                     value("phone", phone), value("address", "试验区东街街道人民路12号3栋501室")},
          .provenance = {{{"police", "P1", "2026-01-02"}, {"tax", "T7", "2025-05-05"}},
                         {{0, 1, 9.5, 0.999, R"([["name","exact",9.5]])"}}}};
}

/// A dataset of low-income people: number, name, telephone, area, amount.
inline catalog::Dataset test_dataset() {
  using catalog::ValueType;
  catalog::Dataset out;
  out.id = "civil.low_income";
  out.code = "306012/000001";
  out.title = {"低保对象", "Low-income people"};
  out.summary = "最低生活保障对象名单";
  out.provider = "civil";
  out.format = "database";
  out.sharing = catalog::Sharing::kUnconditional;
  const auto field = [&](const char* id, const char* zh, ValueType type, int grade, bool key) {
    catalog::DatasetField made;
    made.id = id;
    made.title = {zh, id};
    made.type = type;
    made.grade = grade;
    made.key = made.required = key;
    out.fields.push_back(made);
  };
  field("gmsfhm", "公民身份号码", ValueType::kIdNumber, 4, true);
  field("xm", "姓名", ValueType::kPersonName, 3, false);
  field("lxdh", "联系电话", ValueType::kPhone, 3, false);
  field("qh", "区划", ValueType::kCategory, 2, false);
  field("je", "金额", ValueType::kNumber, 3, false);
  return out;
}

/// An ID number of nobody.
inline std::string id_number(unsigned i) {
  constexpr std::array<int, 17> kWeights = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  std::string out = fmt::format("990101{:04}0101{:03}", 1950 + i / 1000, i % 1000);
  int sum = 0;
  for (size_t at = 0; at < kWeights.size(); ++at) sum += (out[at] - '0') * kWeights.at(at);
  return out + "10X98765432"[sum % 11];
}

using TestRow = std::vector<std::string>;
inline TestRow row_of(unsigned i, const std::string& area = "990101", const std::string& amount = "500") {
  return {id_number(i), "张三丰", fmt::format("138{:08}", i), area, amount};
}
inline std::vector<std::string_view> views(const TestRow& row) { return {row.begin(), row.end()}; }

/// A store with log, catalogue, vault and door.
class VaultTest : public store::StoreTest {
 protected:
  void SetUp() override {
    store::StoreTest::SetUp();
    if (IsSkipped()) return;
    auto loaded = catalog::Catalog::load(ZHILI_SOURCE_DIR "/packs");
    ASSERT_TRUE(loaded) << loaded.error().text();
    catalog_ = std::move(*loaded);
    master_ = MasterKeys::generate().value();
    open();
  }
  void TearDown() override {
    close();
    store::StoreTest::TearDown();
  }

  static std::vector<store::Migration> all_migrations() {
    auto all = audit::AuditLog::migrations();
    for (const auto& room : {catalog::InForce::migrations(), catalog::Registry::migrations(), Vault::migrations()}) {
      all.insert(all.end(), room.begin(), room.end());
    }
    return all;
  }
  /// Of the rooms above.
  virtual std::vector<store::Migration> more_migrations() const { return {}; }
  virtual CipherKind cipher() const { return CipherKind::kAes256Gcm; }

  void open() {
    auto migrations = all_migrations();
    for (const auto& migration : more_migrations()) migrations.push_back(migration);
    store_ = database().open(migrations);
    audit::AuditLogOptions options;
    options.area_id = kArea;
    options.origin = "district.example/audit";
    options.directory = database().dir() / "log";
    options.keys.push_back(audit::SignKey::generate("district.example/audit", audit::KeyKind::kEd25519).value());
    options.server = "one";
    log_ = audit::AuditLog::open(*store_, std::move(options)).value();
    auto vault = Vault::open(*store_, *log_, catalog_, MasterKeys::parse(master_, "key").value(),
                             {.area_id = kArea, .cipher = cipher()});
    ASSERT_TRUE(vault) << vault.error().text();
    vault_ = std::move(*vault);
    door_ = Door::open(*vault_, test_rules()).value();
  }
  void close() {
    door_.reset();
    vault_.reset();
    log_.reset();
    store_.reset();
  }

  IntakeJob job(const std::string& kind = "person") const {
    return {.kind = kind, .actor = "", .purpose = "build_base", .basis = "pipl-13-1-3", .whole = true};
  }
  IntakeCounts take_in(const std::vector<Subject>& subjects, const std::string& kind = "person") {
    auto intake = Intake::begin(*vault_, job(kind));
    EXPECT_TRUE(intake) << intake.error().text();
    for (const Subject& subject : subjects) {
      const Status put = (*intake)->put(subject);
      EXPECT_TRUE(put) << put.error().text();
    }
    const auto counts = (*intake)->finish();
    EXPECT_TRUE(counts) << counts.error().text();
    return counts ? *counts : IntakeCounts{};
  }
  void declare(const catalog::Dataset& dataset) {
    const auto declared = catalog::Registry(*store_, *log_, catalog_, kArea).declare(dataset, 0, "officer");
    ASSERT_TRUE(declared) << declared.error().text();
  }
  RecordJob record_job(const std::string& batch, bool whole = true) const {
    return {.dataset = "civil.low_income",
            .batch = batch,
            .actor = "",
            .purpose = "build_base",
            .basis = "pipl-13-1-3",
            .whole = whole};
  }
  RecordCounts absorb(const std::vector<TestRow>& rows, const std::string& batch = "b1", bool whole = true) {
    auto intake = RecordIntake::begin(*vault_, record_job(batch, whole));
    EXPECT_TRUE(intake) << intake.error().text();
    if (!intake) return {};
    for (const TestRow& row : rows) {
      const Status put = (*intake)->put(views(row));
      EXPECT_TRUE(put) << put.error().text();
    }
    const auto counts = (*intake)->finish();
    EXPECT_TRUE(counts) << counts.error().text();
    return counts.value_or(RecordCounts{});
  }
  static Ask ask(identity::Actor who, std::string subject, std::vector<std::string> fields = {},
                 std::string purpose = "handle_case") {
    return {.actor = std::move(who),
            .purpose = std::move(purpose),
            .basis = "pipl-13-1-3",
            .kind = "person",
            .subject = std::move(subject),
            .by = {},
            .value = {},
            .fields = std::move(fields),
            .how = "test"};
  }
  static Ask ask_by(identity::Actor who, std::string by, std::string text, std::vector<std::string> fields = {},
                    std::string purpose = "handle_case") {
    Ask out = ask(std::move(who), "", std::move(fields), std::move(purpose));
    out.by = std::move(by);
    out.value = std::move(text);
    return out;
  }
  Answer told(Ask question) {
    auto answer = door_->disclose_now(std::move(question));
    EXPECT_TRUE(answer) << answer.error().text();
    return answer ? std::move(*answer) : Answer{};
  }
  int64_t rows(const std::string& table) { return (*store_->query("SELECT count(*) FROM " + table))[0].int64(0); }

  static constexpr int64_t kArea = 7;
  catalog::Catalog catalog_;
  std::string master_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<audit::AuditLog> log_;
  std::unique_ptr<Vault> vault_;
  std::unique_ptr<Door> door_;
};

/// The refusal of an answer; an empty one where there is none.
inline Refusal refusal_in(const Answer& answer) { return answer.refusal.value_or(Refusal{}); }

inline const ShownField* field_of(const Disclosed& disclosed, std::string_view id) {
  for (const ShownField& field : disclosed.fields) {
    if (field.field == id) return &field;
  }
  return nullptr;
}

}  // namespace zhili::vault
