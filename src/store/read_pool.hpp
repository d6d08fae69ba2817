#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "store/connection.hpp"

namespace zhili::store {

/// The connections for reading. They are opened when they are first needed and kept for the next reader.
class ReadPool {
 public:
  ReadPool(StoreUrl url, unsigned size, ConnectionOptions options)
      : url_(std::move(url)), options_(options), free_(size) {}

  /// A connection, used before or new. Waits for one as long as `wait`.
  Result<std::unique_ptr<Connection>> take(std::chrono::milliseconds wait);
  Result<std::unique_ptr<Connection>> open_new() { return open_connection(url_, options_); }
  /// Takes it back; null or broken makes room for a new one.
  void give_back(std::unique_ptr<Connection> connection);

 private:
  StoreUrl url_;
  ConnectionOptions options_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<Connection>> idle_;
  unsigned free_;  // How many more may be taken.
};

}  // namespace zhili::store
