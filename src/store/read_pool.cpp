#include "store/read_pool.hpp"

namespace zhili::store {

Result<std::unique_ptr<Connection>> ReadPool::take(std::chrono::milliseconds wait) {
  std::unique_ptr<Connection> connection;
  {
    std::unique_lock lock(mutex_);
    if (!freed_.wait_for(lock, wait, [&] { return free_ > 0; })) {
      return fail(ErrorCode::kBusy, {}, "Try again in a moment.", "all connections for reading are in use");
    }
    --free_;
    if (!idle_.empty()) {
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (connection != nullptr) return connection;
  auto opened = open_new();
  if (!opened) give_back(nullptr);
  return opened;
}

void ReadPool::give_back(std::unique_ptr<Connection> connection) {
  if (connection != nullptr && !connection->alive()) connection.reset();
  {
    const std::lock_guard lock(mutex_);
    ++free_;
    if (connection != nullptr) idle_.push_back(std::move(connection));
  }
  freed_.notify_one();
}

}  // namespace zhili::store
