#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "catalog/catalog.hpp"
#include "fuse/online.hpp"
#include "library/plan.hpp"
#include "store/store.hpp"
#include "vault/upkeep.hpp"

namespace zhili::library {

/// Told within a step's change that an id went out of use, and where its records went: what others keep about it goes
/// there, too. May run several times. May be empty.
using WhenMerged =
    std::function<Status(store::Transaction&, const std::string& kind, const std::string& from, const std::string& to)>;

/// Keeps in the vault what a base of records makes of entities: golden values with their sources, records and links,
/// which rows are about whom, what became of ids, and which pairs people should look at.
class Keeper {
 public:
  /// `datasets`: by source of the configuration, whose key is the record's id; empty where there is none. Errors: as
  /// Upkeep::create.
  static Result<std::unique_ptr<Keeper>> create(vault::Vault& vault, const Plan& plan, identity::AreaTree areas,
                                                std::vector<std::string> datasets, WhenMerged merged);

  /// As fuse::EntitySink.
  Result<fuse::EntityWrite> prepare(const fuse::Resolver& resolver, const fuse::Resolution& resolution);
  /// What is doubtful about entities, looked for anew; on the base's thread.
  fuse::EntityWrite prepare_doubts(const fuse::Resolver& resolver, const std::vector<fuse::EntityId>& ids) const;

  /// Within a change: that people gave their word on two entities, or on one.
  Status write_word(store::Transaction& tx, const std::string& a, const std::string& b, fuse::Verdict verdict,
                    int64_t now) const;

 private:
  struct Doubt {
    std::string a;
    std::string b;
    int64_t millibits = 0;
  };
  Keeper(vault::Vault& vault, const catalog::EntityKind& kind, const fuse::Config& config,
         std::vector<std::string> datasets, WhenMerged merged)
      : vault_(vault), kind_(kind), config_(config), datasets_(std::move(datasets)), merged_(std::move(merged)) {}
  vault::Subject subject_of(const fuse::Resolver& resolver, const fuse::EntityChange& entity) const;
  void note_doubts(const fuse::Resolver& resolver, fuse::EntityId id, std::vector<Doubt>& out) const;
  Status write_doubts(store::Transaction& tx, const std::vector<std::string>& looked_at,
                      const std::vector<Doubt>& doubts, int64_t now) const;
  Status write_event(store::Transaction& tx, const std::string& subject, int64_t now, std::string_view event,
                     const std::string& other, uint64_t records) const;
  Status write_events(store::Transaction& tx, const fuse::Resolution& resolution, int64_t now) const;

  vault::Vault& vault_;
  const catalog::EntityKind& kind_;
  const fuse::Config config_;
  const std::vector<std::string> datasets_;
  const WhenMerged merged_;
  std::unique_ptr<Placing> placing_;
  std::unique_ptr<vault::Upkeep> upkeep_;
};

}  // namespace zhili::library
