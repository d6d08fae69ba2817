#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "store/store.hpp"

namespace zhili::opendata {

/// How often open data is used, by day and way. Who used it is not noted. Counts are gathered in memory and written now
/// and then: a server that is killed loses those of some seconds. May be used by many threads.
class Uses {
 public:
  Uses(store::Store& store, int64_t area_id) : store_(store), area_id_(area_id) {}
  Uses(const Uses&) = delete;
  Uses& operator=(const Uses&) = delete;
  /// Writes what is left.
  ~Uses();

  /// `way`: view, query or download. Does not wait.
  void note(std::string_view publication, std::string_view way);
  /// Writes what was gathered, and waits.
  Status flush();

  struct Day {
    int64_t day = 0;  ///< Days since 1970, UTC.
    int64_t views = 0;
    int64_t queries = 0;
    int64_t downloads = 0;
  };
  /// The last `days` days with any use, newest first; what is not written yet is written first.
  Result<std::vector<Day>> days(std::string_view publication, size_t days);
  /// Of all times, by publication.
  Result<std::map<std::string, int64_t, std::less<>>> totals();

 private:
  using Counts = std::map<std::pair<std::string, std::string>, int64_t>;
  Counts take();
  static Status write(store::Transaction& tx, int64_t area_id, const Counts& counts, int64_t day);

  store::Store& store_;
  const int64_t area_id_;
  std::mutex mutex_;
  Counts waiting_;
  int64_t written_at_ = 0;
};

}  // namespace zhili::opendata
