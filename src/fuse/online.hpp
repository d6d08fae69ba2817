#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "base/cancel.hpp"
#include "base/result.hpp"
#include "fuse/resolver.hpp"
#include "fuse/sealing.hpp"
#include "store/store.hpp"

namespace zhili::fuse {

/// What is written with a step, in the same change of the store. Runs on the store's writer thread, perhaps several
/// times: it has no effect but through the transaction. An error undoes the step, and is the answer to all who sent
/// something with it.
using EntityWrite = std::function<Status(store::Transaction&)>;
/// Who keeps entities for others prepares what that is, on the base's own thread, right behind the step: steps before
/// it may not be durable yet. An error undoes the step too.
using EntitySink = std::function<Result<EntityWrite>(const Resolver&, const Resolution&)>;

struct OnlineOptions {
  int64_t area = 0;
  std::string kind;            ///< Of entity: a short name of letters, digits and '-'.
  std::filesystem::path dir;   ///< For snapshots; this process alone writes there. Made if it is missing.
  Sealing* sealing = nullptr;  ///< Outlives the base.
  EntitySink sink;             ///< May be empty.
  unsigned threads = 1;        ///< For opening.
  size_t queue = 1U << 16;     ///< Changes that may wait.
  size_t step = 256;           ///< Changes that one step takes, at most.
  size_t steps_ahead = 4;      ///< Steps that are not durable yet while the next is resolved.
  /// After so many changes a snapshot is begun, so that about twice as many are replayed at most when the base is
  /// opened. 0: only when asked.
  uint64_t changes_between_snapshots = 100'000;
  /// No other process can write to the store: whoever else holds the base has ended.
  bool alone = true;
  /// After so long without a sign of the process that holds it, a base is taken over.
  std::chrono::milliseconds lease{15'000};
  /// Drawn anew by each process that opens a base.
  uint64_t owner = 0;
};

struct OnlineCounts {
  uint64_t records = 0;
  uint64_t entities = 0;
  uint64_t steps = 0;      ///< Durable since it was opened.
  uint64_t waiting = 0;    ///< Changes in the queue.
  uint64_t snapshots = 0;  ///< Finished since it was opened.
  uint64_t snapshots_failed = 0;
  uint64_t replayed = 0;  ///< Steps of the journal, when it was opened.
  uint64_t head = 0;      ///< Number of the last durable step.
  bool over = false;      ///< It is not ours any more, and takes nothing: to be closed, and opened again.
};

class BaseState;

/// Where a base was found when it was opened.
struct Opened {
  uint64_t head = 0;
  uint64_t snapshot = 0;
  uint64_t changes = 0;  ///< Replayed.
};

/// A base of one kind of entity: records are resolved as they arrive, durably. A step takes the changes that wait,
/// resolves them in memory, and writes its journal (sealed) and what the sink adds as one change of the store; all are
/// answered when that is durable. A snapshot (sealed, in `dir`) is taken beside the work now and then; opening reads
/// the newest whole one and replays the journal behind it. One process at a time holds a base. All functions may be
/// called from any thread.
class Online {
 public:
  static const std::vector<store::Migration>& migrations();

  /// Makes a base of a batch run's result; it is durable when this returns, and not opened. Errors: kConflict where
  /// there is one of this kind already.
  static Status create(store::Store& store, const OnlineOptions& options, std::unique_ptr<Fusion> fusion,
                       const Identity& identity, std::span<const Decision> standing);
  /// Opens a base. `config` has the sources and attributes of the run that it was made of. Errors: kNotFound, kBusy
  /// where another process holds it, kConfig, kInput where no snapshot is whole.
  static Result<std::unique_ptr<Online>> open(store::Store& store, OnlineOptions options, const Config& config);
  Online(const Online&) = delete;
  Online& operator=(const Online&) = delete;
  /// Makes all that waits durable, and gives the base back.
  ~Online();

  /// Is told what became of a change, exactly once, when that is durable. Quick, and waits for nothing here.
  using Done = std::move_only_function<void(Result<Effect>)>;
  /// `done` runs on the base's own thread, or at once where the change is refused (kInput, or kBusy: the queue is
  /// full).
  void submit(RecordChange change, Done done);
  /// The same, and waits.
  Result<Effect> put(RecordChange change);
  /// Makes decisions; waits until they are durable.
  Status decide(std::vector<Decision> decisions);
  /// Runs `look` between two steps, and waits for it. It may see what is not durable yet.
  Status ask(std::function<void(const Resolver&)> look);
  /// Takes a snapshot and waits until it is on disk.
  Status snapshot();
  OnlineCounts counts() const;

 private:
  struct Change {
    RecordChange change;
    Done done;
  };
  struct Decide {
    std::vector<Decision> decisions;
    std::move_only_function<void(Status)> done;
  };
  struct Look {
    std::function<void(const Resolver&)> look;
    std::move_only_function<void(Status)> done;
  };
  using Item = std::variant<Change, Decide, Look>;
  struct Flight;
  struct Taking;

  Online(store::Store& store, OnlineOptions options, std::unique_ptr<Resolver> resolver,
         std::unique_ptr<BaseState> state, const Opened& opened);
  void run();
  bool work(std::unique_lock<std::mutex>& lock);
  bool can_step() const;
  bool has_work() const;
  void take_step(std::deque<Item>& items);
  Status prepare(Flight& flight, const Resolver::Step& step);
  void send(const std::shared_ptr<Flight>& flight);
  void land();
  void answer(Flight& flight);
  bool all_answered() const;
  void fall();
  bool is_durable(uint64_t number);
  void give_up(Error why);
  bool go_on_with_snapshot();
  bool begin_snapshot();
  void abandon_snapshot(const Error& why);
  void end_snapshot(const Status& status);
  void beat();
  static void refuse(Item& item, const Error& error);
  bool enqueue(Item& item);

  store::Store& store_;
  OnlineOptions options_;
  std::unique_ptr<Resolver> resolver_;
  std::unique_ptr<BaseState> state_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Item> queue_;
  bool news_ = false;  // The store has answered.
  bool stop_ = false;
  std::vector<std::move_only_function<void(Status)>> snapshot_waits_;
  OnlineCounts counts_;

  // Of the base's thread alone.
  std::deque<std::shared_ptr<Flight>> flights_;
  uint64_t head_;                 // The last step that was sent.
  uint64_t durable_;              // The last that is known to be durable.
  uint64_t snapshot_;             // The step that the newest snapshot holds.
  uint64_t since_snapshot_;       // Changes since one was begun.
  std::optional<Error> falling_;  // Why steps are about to be taken back.
  std::optional<Error> over_;     // The base is not ours any more.
  std::unique_ptr<Taking> taking_;
  std::vector<std::move_only_function<void(Status)>> taking_waits_;
  std::chrono::steady_clock::time_point last_sign_;
  std::thread thread_;
};

}  // namespace zhili::fuse
