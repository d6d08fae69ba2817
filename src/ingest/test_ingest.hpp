#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "ingest/ingest.hpp"
#include "ingest/test_standard.hpp"
#include "vault/test_vault.hpp"

/// For tests of this room and of those above.
namespace zhili::ingest {

template <class T>
ErrorCode code_of(const Result<T>& result) {
  return result ? ErrorCode{} : result.error().code;
}

/// A register of so many people without a mistake.
inline std::string people(int count) {
  std::string out = header_line;
  for (int i = 0; i < count; ++i) {
    out += fmt::format("P{},{},张三,男,1990-01-01,1380000{:04},{}\n", i,
                       test_id(fmt::format("99{:04}19900101{:02}1", i % 10'000, i % 100)), i % 10'000, i);
  }
  return out;
}

/// A vault, a lake beside it, and the test's dataset declared.
class IngestTest : public vault::VaultTest {
 protected:
  void SetUp() override {
    vault::VaultTest::SetUp();
    if (IsSkipped()) return;
    add_test_elements(catalog_);
    now_ = int64_t{1'795'400'000} * 1'000'000;
    open_room();
    declare(test_dataset());
  }
  void TearDown() override {
    close_room();
    vault::VaultTest::TearDown();
  }

  void open_room() {
    close();
    store::StoreOptions options;
    options.now = [this] { return now_; };
    auto all = all_migrations();
    for (const auto& migration : Ingest::migrations()) all.push_back(migration);
    for (const auto& migration : more_migrations()) all.push_back(migration);
    store_ = database().open(all, options);
    audit::AuditLogOptions log;
    log.area_id = kArea;
    log.origin = "district.example/audit";
    log.directory = database().dir() / "log";
    log.keys.push_back(audit::SignKey::generate("district.example/audit", audit::KeyKind::kEd25519).value());
    log.server = "one";
    log_ = audit::AuditLog::open(*store_, std::move(log)).value();
    vault_ = vault::Vault::open(*store_, *log_, catalog_, vault::MasterKeys::parse(master_, "key").value(),
                                {.area_id = kArea, .cipher = cipher()})
                 .value();
    door_ = vault::Door::open(*vault_, vault::test_rules()).value();
    registry_ = std::make_unique<catalog::Registry>(*store_, *log_, catalog_, kArea);
    lake_ = std::make_unique<store::Lake>(store::Lake::open(*store_, lake_dir()).value());
    open_ingest({});
  }
  void close_room() {
    ingest_.reset();
    lake_.reset();
    registry_.reset();
    close();
  }
  void reopen() {
    close_room();
    open_room();
  }
  void open_ingest(IngestOptions options) {
    ingest_ = std::make_unique<Ingest>(Ingest::open(*vault_, *lake_, *registry_, std::move(options)).value());
  }
  std::filesystem::path lake_dir() { return database().dir() / "lake"; }

  void declare(const catalog::Dataset& dataset) {
    const auto known = registry_->find(dataset.id);
    const auto done = registry_->declare(dataset, known ? known->version : 0, "owner");
    ASSERT_TRUE(done) << done.error().text();
  }
  static UploadRequest request_of(const std::string& batch, const std::string& file = "people.csv") {
    UploadRequest out;
    out.dataset = "police.people";
    out.batch = batch;
    out.name = file;
    out.sender = "sender";
    return out;
  }
  Upload begin(const std::string& batch) {
    auto begun = ingest_->begin(request_of(batch));
    EXPECT_TRUE(begun) << begun.error().text();
    return begun ? begun->upload : Upload{};
  }
  Result<Batch> try_landing(const UploadRequest& request, const std::string& bytes) {
    ZHILI_ASSIGN(const auto begun, ingest_->begin(request));
    ZHILI_TRY(ingest_->put(begun.upload.id, 0, bytes));
    ZHILI_TRY(ingest_->close(begun.upload.id));
    now_ += 1'000'000;
    return ingest_->land(begun.upload.id);
  }
  Result<Batch> try_landing(const std::string& batch, const std::string& bytes,
                            const std::string& file = "people.csv") {
    return try_landing(request_of(batch, file), bytes);
  }
  Batch landed(const std::string& batch, const std::string& bytes, const std::string& file = "people.csv") {
    auto out = try_landing(batch, bytes, file);
    EXPECT_TRUE(out) << out.error().text();
    return out ? std::move(*out) : Batch{};
  }

  /// Whether the file of a batch can be opened.
  bool has_key(const std::string& id) const { return vault::FileKeys(*vault_).find("police.people", id).has_value(); }

  int64_t now_ = 0;
  std::unique_ptr<catalog::Registry> registry_;
  std::unique_ptr<store::Lake> lake_;
  std::unique_ptr<Ingest> ingest_;
};

}  // namespace zhili::ingest
