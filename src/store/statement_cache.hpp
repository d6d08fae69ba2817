#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/limits.hpp"

namespace zhili::store {

/// Prepared statements of one connection by their text. Past limits::kStatements the one that was not used for longest
/// makes room.
template <class Statement>
class StatementCache {
 public:
  Statement* find(std::string_view sql) {
    const auto found = entries_.find(sql);
    if (found == entries_.end()) return nullptr;
    found->second.used = ++clock_;
    return &found->second.statement;
  }

  /// `drop` is given the statement that makes room, if one has to.
  template <class Drop>
  Statement& add(std::string_view sql, Statement statement, Drop&& drop) {
    if (entries_.size() >= limits::kStatements) {
      auto oldest = entries_.begin();
      for (auto it = entries_.begin(); it != entries_.end(); ++it) {
        if (it->second.used < oldest->second.used) oldest = it;
      }
      drop(oldest->second.statement);
      entries_.erase(oldest);
    }
    return entries_.insert_or_assign(std::string(sql), Entry{std::move(statement), ++clock_}).first->second.statement;
  }

  void remove(std::string_view sql) {
    if (const auto found = entries_.find(sql); found != entries_.end()) entries_.erase(found);
  }

  template <class Drop>
  void clear(Drop&& drop) {
    for (auto& [sql, entry] : entries_) drop(entry.statement);
    entries_.clear();
  }

 private:
  struct Entry {
    Statement statement;
    uint64_t used;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries_;
  uint64_t clock_ = 0;
};

}  // namespace zhili::store
