#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "fuse/online.hpp"
#include "fuse/snapshot.hpp"

namespace zhili::fuse {

/// What a base keeps in the store and in its directory, and whose it is. May be used by several threads.
class BaseState {
 public:
  /// Locks the directory. Errors: kBusy where another process of this machine has it.
  static Result<std::unique_ptr<BaseState>> claim(store::Store& store, const OnlineOptions& options);
  ~BaseState();
  BaseState(const BaseState&) = delete;
  BaseState& operator=(const BaseState&) = delete;

  Status require_new();
  Status insert();
  /// Makes the base ours.
  Status take();
  Status give_back();
  /// A sign that its process is there.
  Status beat();
  /// Error kBusy: somebody else has taken it.
  Status still_ours();
  Result<uint64_t> read_head();

  /// The state as of the last durable step. Errors: kInput where no snapshot with the journal behind it is whole.
  Result<std::unique_ptr<Resolver>> load(const Config& config, Opened& opened);

  Result<std::string> seal(uint64_t number, std::string_view journal);
  /// Within a step's change.
  Status write(store::Transaction& transaction, uint64_t number, const std::string& sealed);

  Result<std::unique_ptr<SealedFileWriter>> begin_snapshot(uint64_t number);
  /// Once the snapshot is on disk: the journal is kept from the one before it, should this one be damaged.
  Status use_snapshot(uint64_t before, uint64_t number);

 private:
  BaseState(store::Store& store, const OnlineOptions& options, int lock);
  Result<std::vector<uint64_t>> snapshots() const;
  std::filesystem::path path_of(uint64_t number) const;
  std::string context(std::string_view what, uint64_t number) const;
  Result<std::unique_ptr<Resolver>> load_from(uint64_t snapshot, const Config& config, Opened& opened);
  Status change(std::string_view sql, store::Params params);
  Status forget_journal(uint64_t last);
  Status replay(Resolver& resolver, uint64_t from, uint64_t head, uint64_t& changes);

  store::Store& store_;
  int64_t area_;
  std::string kind_;
  std::filesystem::path dir_;
  Sealing& sealing_;
  bool alone_;
  std::chrono::milliseconds lease_;
  int64_t owner_;
  unsigned threads_;
  int lock_;
};

}  // namespace zhili::fuse
