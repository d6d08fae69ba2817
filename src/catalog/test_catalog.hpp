#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "catalog/in_force.hpp"
#include "catalog/registry.hpp"
#include "store/test_store.hpp"

namespace zhili::catalog {

/// A store with the room's tables and an audit log.
class CatalogStoreTest : public store::StoreTest {
 protected:
  static constexpr std::string_view kKey =
      "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";

  void SetUp() override {
    StoreTest::SetUp();
    if (IsSkipped()) return;
    auto migrations = audit::AuditLog::migrations();
    for (const auto& more : {InForce::migrations(), Registry::migrations()}) {
      migrations.insert(migrations.end(), more.begin(), more.end());
    }
    store_ = database().open(migrations, {.now = [this] { return now_.load(); }});
    audit::AuditLogOptions options;
    options.area_id = 7;
    options.origin = "district.example/audit";
    options.directory = database().dir() / "log";
    options.keys.push_back(*audit::SignKey::parse(kKey));
    options.server = "one";
    log_ = std::move(*audit::AuditLog::open(*store_, std::move(options)));
  }
  void TearDown() override {
    log_.reset();
    store_.reset();
    StoreTest::TearDown();
  }
  /// The log's entries, newest first.
  std::vector<std::string> entries() {
    std::vector<std::string> out;
    auto page = log_->list(std::nullopt, 100);
    EXPECT_TRUE(page);
    if (!page) return out;
    out.reserve(page->entries.size());
    for (auto& one : page->entries) out.push_back(std::move(one.entry));
    return out;
  }

  std::atomic<int64_t> now_{1'700'000'000'000'000};
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<audit::AuditLog> log_;
};

}  // namespace zhili::catalog
