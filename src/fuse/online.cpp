#include "fuse/online.hpp"

#include <algorithm>
#include <atomic>
#include <future>

#include "fuse/online_state.hpp"

namespace zhili::fuse {

/// A step between memory and the store.
struct Online::Flight {
  uint64_t number = 0;  ///< 0: nothing to be written.
  std::string sealed;
  EntityWrite write;
  std::vector<Done> dones;
  std::vector<Effect> effects;
  std::vector<std::move_only_function<void(Status)>> decided;
  bool answered = false;
  Status status;
};

/// A snapshot that is being taken: pieces are made by the base's thread, sealed and written by another.
struct Online::Taking {
  static constexpr size_t kMostPieces = 8;

  Taking(BaseState& base, uint64_t last, uint64_t now, std::unique_ptr<SealedFileWriter> to)
      : state(base), before(last), number(now), file(std::move(to)) {}

  BaseState& state;
  uint64_t before;  ///< The snapshot before this one.
  uint64_t number;
  std::unique_ptr<SealedFileWriter> file;
  std::unique_ptr<SnapshotTaker> taker;
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<std::string> pieces;
  bool complete = false;           ///< All pieces are made.
  bool given_up = false;           ///< Nobody wants it any more.
  std::atomic<bool> ended{false};  ///< `status` says how.
  Status status;
  std::thread thread;

  void write() {
    status = write_all();
    if (!status) file.reset();
    const std::scoped_lock lock(mutex);
    ended = true;
  }
  Status write_all() {
    for (;;) {
      std::string piece;
      {
        std::unique_lock lock(mutex);
        wake.wait(lock, [&] { return complete || given_up || !pieces.empty(); });
        if (given_up) return abandoned();
        if (pieces.empty()) break;
        piece = std::move(pieces.front());
        pieces.pop_front();
      }
      ZHILI_TRY(file->add(piece));
    }
    // Steps that it holds must be durable before it counts.
    for (uint64_t head = 0; head < number;) {
      {
        const std::scoped_lock lock(mutex);
        if (given_up) return abandoned();
      }
      ZHILI_ASSIGN(head, state.read_head());
      if (head < number) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    ZHILI_TRY(file->finish());
    return state.use_snapshot(before, number);
  }
  static Status abandoned() { return fail(ErrorCode::kUnavailable, {}, "", "the snapshot was given up"); }
};

Online::Online(store::Store& store, OnlineOptions options, std::unique_ptr<Resolver> resolver,
               std::unique_ptr<BaseState> state, const Opened& opened)
    : store_(store),
      options_(std::move(options)),
      resolver_(std::move(resolver)),
      state_(std::move(state)),
      head_(opened.head),
      durable_(opened.head),
      snapshot_(opened.snapshot),
      since_snapshot_(opened.changes),
      last_sign_(std::chrono::steady_clock::now()) {
  counts_.replayed = opened.head - opened.snapshot;
  counts_.head = opened.head;
  counts_.records = resolver_->records();
  counts_.entities = resolver_->entities();
  thread_ = std::thread([this] { run(); });
}

Status Online::create(store::Store& store, const OnlineOptions& options, std::unique_ptr<Fusion> fusion,
                      const Identity& identity, std::span<const Decision> standing) {
  ZHILI_ASSIGN(auto state, BaseState::claim(store, options));
  ZHILI_TRY(state->require_new());
  ZHILI_ASSIGN(auto resolver, Resolver::create(std::move(fusion), &identity, standing, 0));
  ZHILI_ASSIGN(auto file, state->begin_snapshot(0));
  SnapshotTaker taker(*resolver);
  for (auto piece = taker.next(); !piece.empty(); piece = taker.next()) ZHILI_TRY(file->add(piece));
  ZHILI_TRY(file->finish());
  return state->insert();
}

Result<std::unique_ptr<Online>> Online::open(store::Store& store, OnlineOptions options, const Config& config) {
  ZHILI_ASSIGN(auto state, BaseState::claim(store, options));
  ZHILI_TRY(state->take());
  Opened opened;
  ZHILI_ASSIGN(auto resolver, state->load(config, opened));
  return std::unique_ptr<Online>(new Online(store, std::move(options), std::move(resolver), std::move(state), opened));
}

Online::~Online() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Online::refuse(Item& item, const Error& error) {
  if (auto* change = std::get_if<Change>(&item))
    change->done(fail(error));
  else if (auto* decide = std::get_if<Decide>(&item))
    decide->done(fail(error));
  else
    std::get<Look>(item).done(fail(error));
}

bool Online::enqueue(Item& item) {
  {
    const std::scoped_lock lock(mutex_);
    if (stop_ || queue_.size() >= options_.queue) return false;
    queue_.push_back(std::move(item));
  }
  wake_.notify_one();
  return true;
}

void Online::submit(RecordChange change, Done done) {
  if (auto clean = check_change(change, resolver_->config()); !clean) {
    done(std::unexpected(std::move(clean).error()));
    return;
  }
  Item item(Change{std::move(change), std::move(done)});
  if (enqueue(item)) return;
  refuse(item, {ErrorCode::kBusy, "more changes wait than the base takes", {}, "Send again in a moment."});
}

Result<Effect> Online::put(RecordChange change) {
  std::promise<Result<Effect>> answer;
  submit(std::move(change), [&](Result<Effect> effect) { answer.set_value(std::move(effect)); });
  return answer.get_future().get();
}

Status Online::decide(std::vector<Decision> decisions) {
  std::promise<Status> answer;
  Item item(Decide{std::move(decisions), [&](Status status) { answer.set_value(std::move(status)); }});
  if (!enqueue(item)) return fail(ErrorCode::kBusy, {}, "Send again in a moment.", "the base takes no decision now");
  return answer.get_future().get();
}

Status Online::ask(std::function<void(const Resolver&)> look) {
  std::promise<Status> answer;
  Item item(Look{std::move(look), [&](Status status) { answer.set_value(std::move(status)); }});
  if (!enqueue(item)) return fail(ErrorCode::kBusy, {}, "Ask again in a moment.", "the base takes no question now");
  return answer.get_future().get();
}

Status Online::snapshot() {
  std::promise<Status> answer;
  {
    const std::scoped_lock lock(mutex_);
    if (stop_) return fail(ErrorCode::kUnavailable, {}, "", "the base is being closed");
    snapshot_waits_.emplace_back([&](Status status) { answer.set_value(std::move(status)); });
  }
  wake_.notify_one();
  return answer.get_future().get();
}

OnlineCounts Online::counts() const {
  const std::scoped_lock lock(mutex_);
  auto out = counts_;
  out.waiting = queue_.size();
  return out;
}

bool Online::can_step() const { return !queue_.empty() && flights_.size() < options_.steps_ahead && !falling_; }

bool Online::has_work() const {
  return news_ || can_step() || !snapshot_waits_.empty() || (stop_ && queue_.empty() && flights_.empty());
}

void Online::run() {
  std::unique_lock lock(mutex_);
  while (work(lock)) {
  }
  lock.unlock();
  // The journal has all that an unfinished snapshot would have had.
  const Error closed{ErrorCode::kUnavailable, "the base is being closed", {}, ""};
  if (taking_) abandon_snapshot(closed);
  lock.lock();
  auto waits = std::move(snapshot_waits_);
  lock.unlock();
  for (auto& wait : waits) wait(fail(closed));
  if (!over_) (void)state_->give_back();  // Else who opens it next waits for the lease.
}

/// One turn: what the store has answered, a step, a piece of a snapshot. False when the base is to be closed and
/// nothing is left to do.
bool Online::work(std::unique_lock<std::mutex>& lock) {
  constexpr auto kDisk = std::chrono::milliseconds(1);
  if (!has_work()) {
    bool going_on = false;
    if (taking_) {
      lock.unlock();
      going_on = go_on_with_snapshot();
      lock.lock();
    }
    if (!going_on) wake_.wait_for(lock, taking_ ? kDisk : options_.lease / 3, [&] { return has_work(); });
  }
  const bool news = std::exchange(news_, false);
  std::deque<Item> items;
  // Who asks sees what was sent before.
  const auto asks = [](const Item& item) { return std::holds_alternative<Look>(item); };
  while (can_step() && items.size() < options_.step && (items.empty() || !asks(queue_.front()))) {
    items.push_back(std::move(queue_.front()));
    queue_.pop_front();
    if (asks(items.back())) break;
  }
  const bool end = stop_ && queue_.empty() && items.empty() && flights_.empty();
  lock.unlock();
  if (news) land();
  if (over_) {
    for (auto& item : items) refuse(item, *over_);
  } else if (!items.empty()) {
    take_step(items);
  }
  if (!end) go_on_with_snapshot();
  beat();
  lock.lock();
  return !end;
}

void Online::take_step(std::deque<Item>& items) {
  auto flight = std::make_shared<Flight>();
  std::vector<RecordChange> changes;
  std::vector<Decision> decisions;
  for (auto& item : items) {
    if (auto* change = std::get_if<Change>(&item)) {
      changes.push_back(std::move(change->change));
      flight->dones.push_back(std::move(change->done));
    } else if (auto* decide = std::get_if<Decide>(&item)) {
      decisions.insert(decisions.end(), decide->decisions.begin(), decide->decisions.end());
      flight->decided.push_back(std::move(decide->done));
    } else {
      auto& look = std::get<Look>(item);
      look.look(*resolver_);
      look.done({});
    }
  }
  if (flight->dones.empty() && flight->decided.empty()) return;
  auto step = resolver_->apply(changes, decisions);
  flight->effects = std::move(step.effects);
  flights_.push_back(flight);
  if (step.journal.empty()) {
    // Nothing new; but what it met may be on its way still.
    flight->answered = true;
    land();
    return;
  }
  flight->number = ++head_;
  since_snapshot_ += changes.size();
  flight->status = prepare(*flight, step);
  if (!flight->status) {
    flight->answered = true;
    land();
    return;
  }
  send(flight);
}

Status Online::prepare(Flight& flight, const Resolver::Step& step) {
  ZHILI_ASSIGN(flight.sealed, state_->seal(flight.number, step.journal));
  if (!options_.sink) return {};
  ZHILI_ASSIGN(flight.write, options_.sink(*resolver_, step.resolution));
  return {};
}

void Online::send(const std::shared_ptr<Flight>& flight) {
  last_sign_ = std::chrono::steady_clock::now();
  store_.submit(
      [this, flight](store::Transaction& transaction) -> Status {
        ZHILI_TRY(state_->write(transaction, flight->number, flight->sealed));
        return flight->write ? flight->write(transaction) : Status{};
      },
      [this, flight](Status status) {
        const std::scoped_lock lock(mutex_);
        flight->status = std::move(status);
        flight->answered = true;
        news_ = true;
        wake_.notify_one();  // Under the lock: the base may be gone right behind it.
      });
}

bool Online::all_answered() const {
  const std::scoped_lock lock(mutex_);
  return std::ranges::all_of(flights_, [](const auto& flight) { return flight->answered; });
}

/// Looks at what the store has answered, the oldest first.
void Online::land() {
  while (!flights_.empty() && !falling_) {
    const auto flight = flights_.front();
    {
      const std::scoped_lock lock(mutex_);
      if (!flight->answered) return;
    }
    const bool known = flight->status || flight->status.error().code != ErrorCode::kOutcomeUnknown;
    if (!flight->status && (known || !is_durable(flight->number))) {
      falling_ = flight->status.error();
      break;
    }
    resolver_->keep();
    flights_.pop_front();
    answer(*flight);
  }
  // All behind a failed step fail with it, when the store is done with them.
  if (falling_ && all_answered()) fall();
}

void Online::answer(Flight& flight) {
  if (flight.number != 0) durable_ = flight.number;
  {
    const std::scoped_lock lock(mutex_);
    counts_.head = durable_;
    counts_.steps += flight.number != 0 ? 1 : 0;
    counts_.records = resolver_->records();
    counts_.entities = resolver_->entities();
  }
  for (size_t i = 0; i < flight.dones.size(); ++i) flight.dones[i](flight.effects[i]);
  for (auto& done : flight.decided) done({});
}

/// Takes back all steps that are not durable, the newest first, and tells those who sent them.
void Online::fall() {
  if (!falling_) return;
  const Error error = std::move(*falling_);
  falling_.reset();
  auto fallen = std::exchange(flights_, {});
  if (taking_ && taking_->number > durable_) abandon_snapshot(error);
  for (size_t i = 0; i < fallen.size(); ++i) resolver_->undo();
  head_ = durable_;
  // A step that failed although its outcome was unknown may have come through after all: then we can't go on.
  const auto ours = state_->still_ours();
  const auto head = state_->read_head();
  if (!ours && ours.error().code == ErrorCode::kBusy) give_up(ours.error());
  if (head && *head != durable_) {
    give_up({ErrorCode::kUnavailable, "the store is ahead of the base's memory", {}, "Open the base again."});
  }
  for (const auto& flight : fallen) {
    for (auto& done : flight->dones) done(fail(error));
    for (auto& done : flight->decided) done(fail(error));
  }
}

void Online::give_up(Error why) {
  over_ = std::move(why);
  const std::scoped_lock lock(mutex_);
  counts_.over = true;
}

bool Online::is_durable(uint64_t number) {
  const auto head = state_->read_head();
  return head && *head >= number;
}

void Online::beat() {
  const auto now = std::chrono::steady_clock::now();
  if (options_.alone || over_ || now - last_sign_ < options_.lease / 4) return;
  last_sign_ = now;
  const auto beaten = state_->beat();
  if (!beaten && beaten.error().code == ErrorCode::kBusy) give_up(beaten.error());
}

void Online::abandon_snapshot(const Error& why) {
  {
    const std::scoped_lock lock(taking_->mutex);
    taking_->given_up = true;
  }
  taking_->wake.notify_one();
  end_snapshot(fail(why));
}

void Online::end_snapshot(const Status& status) {
  if (taking_ && taking_->thread.joinable()) taking_->thread.join();
  taking_.reset();
  {
    const std::scoped_lock lock(mutex_);
    ++(status ? counts_.snapshots : counts_.snapshots_failed);
  }
  for (auto& wait : std::exchange(taking_waits_, {})) wait(status);
}

/// False where none is wanted, or none could be begun.
bool Online::begin_snapshot() {
  {
    const std::scoped_lock lock(mutex_);
    const bool due = options_.changes_between_snapshots > 0 && since_snapshot_ >= options_.changes_between_snapshots;
    if (snapshot_waits_.empty() && !due) return false;
    taking_waits_ = std::exchange(snapshot_waits_, {});
  }
  since_snapshot_ = 0;
  if (over_ || falling_) {
    end_snapshot(fail(over_ ? *over_ : *falling_));
    return false;
  }
  if (head_ == snapshot_) {  // It is there.
    end_snapshot({});
    return false;
  }
  auto file = state_->begin_snapshot(head_);
  if (!file) {
    end_snapshot(fail(file.error()));
    return false;
  }
  // It holds steps that are not durable yet: if one of them falls, it is abandoned.
  taking_ = std::make_unique<Taking>(*state_, snapshot_, head_, std::move(*file));
  taking_->taker = std::make_unique<SnapshotTaker>(*resolver_);
  taking_->thread = std::thread([taking = taking_.get()] { taking->write(); });
  return true;
}

/// Makes one piece. False where nothing could be done for a snapshot now.
bool Online::go_on_with_snapshot() {
  if (!taking_ && !begin_snapshot()) return false;
  {
    const std::scoped_lock lock(taking_->mutex);
    if (!taking_->ended && (taking_->complete || taking_->pieces.size() >= Taking::kMostPieces)) return false;
  }
  if (taking_->ended) {
    if (taking_->status) snapshot_ = taking_->number;
    end_snapshot(Status(taking_->status));
    return true;
  }
  auto piece = taking_->taker->next();
  if (piece.empty()) taking_->taker.reset();
  {
    const std::scoped_lock lock(taking_->mutex);
    if (piece.empty())
      taking_->complete = true;
    else
      taking_->pieces.push_back(std::move(piece));
  }
  taking_->wake.notify_one();
  return true;
}

}  // namespace zhili::fuse
