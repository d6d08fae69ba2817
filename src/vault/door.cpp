#include "vault/door.hpp"

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include "vault/door_room.hpp"

namespace zhili::vault {

struct Door::Queue {
  Queue(Vault& vault_in, std::shared_ptr<const Rules> rules_in) : vault(vault_in), rules(std::move(rules_in)) {}

  template <class Asked, class Told>
  void push(Asked ask, Answered<Told> done);
  void work();

  Vault& vault;
  std::mutex mutex;
  std::condition_variable came;
  std::shared_ptr<const Rules> rules;
  std::deque<AnyQuestion> waiting;
  size_t idle = 0;
  bool stopping = false;
  std::vector<std::thread> threads;
};

template <class Asked, class Told>
void Door::Queue::push(Asked ask, Answered<Told> done) {
  {
    std::unique_lock lock(mutex);
    if (waiting.size() < limits::kAsks) {
      waiting.emplace_back(Question<Asked, Told>{std::move(ask), std::move(done), rules});
      const bool wake = idle > 0;
      lock.unlock();
      if (wake) came.notify_one();
      return;
    }
  }
  done(fail(ErrorCode::kBusy, {}, "Ask again in a moment.", "too many questions wait at the vault's door"));
}

void Door::Queue::work() {
  DoorRoom room(vault);
  std::unique_lock lock(mutex);
  for (;;) {
    ++idle;
    came.wait(lock, [this] { return stopping || !waiting.empty(); });
    --idle;
    if (waiting.empty()) return;
    std::vector<AnyQuestion> taken;
    const size_t count = std::min(waiting.size(), limits::kAsksAtOnce);
    taken.reserve(count);
    for (size_t i = 0; i < count; ++i) {
      taken.push_back(std::move(waiting.front()));
      waiting.pop_front();
    }
    lock.unlock();
    room.answer(std::move(taken));
    lock.lock();
  }
}

Door::Door(std::unique_ptr<Queue> queue) : queue_(std::move(queue)) {}

Result<std::unique_ptr<Door>> Door::open(Vault& vault, std::shared_ptr<const Rules> rules, DoorOptions options) {
  auto queue = std::make_unique<Queue>(vault, std::move(rules));
  Queue* shared = queue.get();
  for (unsigned i = 0; i < std::max(1U, options.threads); ++i)
    queue->threads.emplace_back([shared] { shared->work(); });
  return std::unique_ptr<Door>(new Door(std::move(queue)));
}

Door::~Door() {
  {
    const std::scoped_lock lock(queue_->mutex);
    queue_->stopping = true;
  }
  queue_->came.notify_all();
  for (std::thread& thread : queue_->threads) thread.join();
  // What was handed to the store is answered by it; a change of nothing waits for that.
  (void)queue_->vault.store().commit([](store::Transaction&) -> Status { return {}; });
}

void Door::use(std::shared_ptr<const Rules> rules) {
  const std::scoped_lock lock(queue_->mutex);
  queue_->rules = std::move(rules);
}

void Door::disclose(Ask ask, Answered<Answer> done) { queue_->push(std::move(ask), std::move(done)); }
void Door::ledger(LedgerAsk ask, Answered<LedgerPage> done) { queue_->push(std::move(ask), std::move(done)); }
void Door::reasons(ReasonsAsk ask, Answered<Reasons> done) { queue_->push(std::move(ask), std::move(done)); }
void Door::rows(RowsAsk ask, Answered<RowsAnswer> done) { queue_->push(std::move(ask), std::move(done)); }

Result<Held> Door::holds(const SeenValue& seen) { return RowRoom(queue_->vault).holds(seen); }

Result<TextTold> Door::text(const TextAsk& ask) {
  std::shared_ptr<const Rules> rules;
  {
    const std::scoped_lock lock(queue_->mutex);
    rules = queue_->rules;
  }
  return RowRoom(queue_->vault).text(ask, *rules);
}

Result<Released> Door::release(const ReleaseAsk& ask, const Cancel& cancel, const TakeRows& take) {
  std::shared_ptr<const Rules> rules;
  {
    const std::scoped_lock lock(queue_->mutex);
    rules = queue_->rules;
  }
  return RowRoom(queue_->vault).release(ask, *rules, cancel, take);
}

Result<Surveyed> Door::survey(const SurveyAsk& ask, const Cancel& cancel, const TakeCells& take) {
  std::shared_ptr<const Rules> rules;
  {
    const std::scoped_lock lock(queue_->mutex);
    rules = queue_->rules;
  }
  return RowRoom(queue_->vault).survey(ask, *rules, cancel, take);
}

namespace {

template <class Told, class Call>
Result<Told> wait_for(Call call) {
  std::promise<Result<Told>> promise;
  auto future = promise.get_future();
  call([&promise](Result<Told> told) { promise.set_value(std::move(told)); });
  return future.get();
}

}  // namespace

Result<Answer> Door::disclose_now(Ask ask) {
  return wait_for<Answer>([&](auto done) { disclose(std::move(ask), std::move(done)); });
}

Result<LedgerPage> Door::ledger_now(LedgerAsk ask) {
  return wait_for<LedgerPage>([&](auto done) { ledger(std::move(ask), std::move(done)); });
}

Result<Reasons> Door::reasons_now(ReasonsAsk ask) {
  return wait_for<Reasons>([&](auto done) { reasons(std::move(ask), std::move(done)); });
}

Result<RowsAnswer> Door::rows_now(RowsAsk ask) {
  return wait_for<RowsAnswer>([&](auto done) { rows(std::move(ask), std::move(done)); });
}

}  // namespace zhili::vault
