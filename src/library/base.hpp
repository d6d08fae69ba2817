#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.hpp"
#include "base/result.hpp"
#include "catalog/registry.hpp"
#include "fuse/online.hpp"
#include "identity/area_tree.hpp"
#include "ingest/ingest.hpp"
#include "library/keeper.hpp"
#include "library/sealing.hpp"
#include "store/store.hpp"
#include "vault/vault.hpp"

namespace zhili::library {

/// What bases stand on; all of it outlives them.
struct Ground {
  store::Store& store;
  vault::Vault& vault;
  const catalog::Registry& registry;
  const ingest::Ingest& ingest;
  std::filesystem::path directory;  ///< One directory in it for each kind.
  identity::AreaTree areas;
  bool alone = true;   ///< No other process can write to the store.
  uint64_t owner = 1;  ///< Drawn anew by each process.
  unsigned threads = 1;
  WhenMerged merged = {};
};

/// What a batch did to a base.
struct Fed {
  uint64_t added = 0;
  uint64_t changed = 0;
  uint64_t removed = 0;
  uint64_t unchanged = 0;  ///< Also what is older than what is there.
  uint64_t refused = 0;    ///< Rows that can be no record.
};

/// Somebody's word on two records. Records are named by source and record id.
struct Word {
  fuse::RecordName a;
  fuse::RecordName b;
  fuse::Verdict verdict = fuse::Verdict::kSame;
  std::string by;  ///< The account.
  std::string note;
};

/// One kind of the base library, kept as batches and people's words come: one person, one firm, one place. May be used
/// by many threads.
class Base {
 public:
  static std::vector<store::Migration> migrations();

  /// Makes a base of a run over the plan's files, with the ids of an earlier run in `previous`; durable when this
  /// returns. The vault has that run's entities already. Errors: kConflict where there is one; those of the run.
  static Status create(const Ground& ground, Plan plan, const std::filesystem::path& previous, Cancel& cancel);
  /// Looks for all that is doubtful, for the first time.
  Status find_doubts(const Cancel& cancel);

  /// Errors: kNotFound where none was made; kBusy where another process keeps it; kConfig where what it was made with
  /// does not fit the catalogue any more.
  static Result<std::unique_ptr<Base>> open(const Ground& ground, const std::string& kind);
  Base(const Base&) = delete;
  Base& operator=(const Base&) = delete;
  ~Base();

  const std::string& kind() const { return plan_.kind; }
  const fuse::Config& config() const { return plan_.config; }
  fuse::OnlineCounts counts() const { return online_->counts(); }
  /// Source and record that a row of a dataset is; nothing where the dataset is none of the sources.
  std::optional<uint32_t> source_of(std::string_view dataset) const;
  const std::string& dataset_of(uint32_t source) const { return datasets_[source]; }

  /// Takes what a landed batch changed. Again and again to the same effect. Errors: those of reading and of the base.
  Result<Fed> feed(const ingest::Batch& batch, const Cancel& cancel);

  /// Follows a word of people's, with an entry in the audit log. Errors: kNotFound where a record is not there.
  Status decide(const Word& word);
  /// What is doubtful between two entities, or within one (a = b): the best pair of records. Nothing where nothing is.
  Result<std::optional<fuse::DoubtfulPair>> doubt(const std::string& a, const std::string& b);
  /// Words that stand about an entity's records, the oldest first.
  Result<std::vector<fuse::Decision>> words_about(const std::string& entity);
  /// The entity of a record.
  Result<std::optional<std::string>> entity_of(const fuse::RecordName& record);

 private:
  explicit Base(const Ground& ground) : ground_(ground) {}
  struct Feeding;
  Status bind();
  Result<Feeding> begin_feeding(const ingest::Batch& batch, uint32_t source) const;
  Status send_rows(Feeding& feeding, const ingest::Batch& batch, const Cancel& cancel);
  Status remove_absent(Feeding& feeding, const Cancel& cancel);
  Status link_rows(Feeding& feeding, const Cancel& cancel);
  std::optional<uint32_t> source_named(const std::string& id) const { return plan_.config.find_source(id); }

  const Ground ground_;
  Plan plan_;
  std::vector<std::string> datasets_;  // By source.
  std::unique_ptr<BaseSealing> sealing_;
  std::unique_ptr<Keeper> keeper_;
  std::unique_ptr<fuse::Online> online_;
  std::mutex linking_;  // Held while rows are linked by what was looked up, and while words are followed.
};

}  // namespace zhili::library
