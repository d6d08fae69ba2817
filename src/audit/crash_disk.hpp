#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "audit/disk.hpp"
#include "base/random.hpp"

namespace zhili::audit {

/// A disk in memory whose power can fail. Of what was not made durable, each name and each file's bytes survive or
/// vanish on their own, as a disk with a cache and an unlucky moment has it: harsher than any file system in use.
class CrashDisk final : public Disk {
 public:
  /// The power fails before step number `steps`; every step from then on fails.
  void fail_after(uint64_t steps) { left_ = steps; }
  uint64_t steps() const { return steps_; }

  /// Brings the power back. What was not durable is kept or lost by chance.
  void restart(Random& random) {
    left_ = UINT64_MAX;
    for (auto& [path, file] : files_) {
      if (file->bytes == file->durable_bytes || random.chance(0.3)) continue;
      file->bytes =
          random.chance(0.5) ? file->durable_bytes : file->bytes.substr(0, random.below(file->bytes.size() + 1));
    }
    Names after = durable_;
    for (const auto& [path, node] : now_) {
      const auto before = durable_.find(path);
      if ((before == durable_.end() || before->second != node) && random.chance(0.5)) after[path] = node;
    }
    for (const auto& [path, node] : durable_) {
      if (!now_.contains(path) && random.chance(0.5)) after.erase(path);
    }
    // What lies in a directory that vanished is gone with it.
    for (auto it = after.begin(); it != after.end();) {
      const std::string parent = parent_of(it->first);
      it = parent.empty() || after.contains(parent) ? std::next(it) : after.erase(it);
    }
    now_ = durable_ = std::move(after);
    files_.clear();
    for (const auto& [path, node] : now_) {
      if (!node->directory) files_[path] = node;
      node->durable_bytes = node->bytes;
    }
  }

  /// Every file with its bytes.
  std::map<std::string, std::string> contents() const {
    std::map<std::string, std::string> out;
    for (const auto& [path, node] : now_) {
      if (!node->directory) out[path] = node->bytes;
    }
    return out;
  }
  void put(const std::string& path, std::string bytes) { now_.at(path)->bytes = std::move(bytes); }

  Result<std::string> read(const std::string& path, uint64_t limit) const override {
    const auto found = now_.find(path);
    if (found == now_.end() || found->second->directory)
      return fail(ErrorCode::kNotFound, {path, 0, 0}, "", "is not there");
    if (found->second->bytes.size() > limit) return fail(ErrorCode::kLimit, {path, 0, 0}, "", "is too long");
    return found->second->bytes;
  }
  Result<std::vector<std::string>> list(const std::string& path) const override {
    std::vector<std::string> names;
    const std::string prefix = path.empty() ? "" : path + "/";
    for (auto it = now_.lower_bound(prefix); it != now_.end() && it->first.starts_with(prefix); ++it) {
      if (parent_of(it->first) == path) names.push_back(it->first.substr(prefix.size()));
    }
    return names;
  }
  Status write(const std::string& path, std::string_view bytes) override {
    ZHILI_TRY(step());
    auto& node = now_[path];
    if (!node) node = std::make_shared<Node>();
    node->bytes = bytes;
    files_[path] = node;
    return {};
  }
  Status sync_files(std::span<const std::string> paths) override {
    for (const std::string& path : paths) {
      ZHILI_TRY(step());
      now_.at(path)->durable_bytes = now_.at(path)->bytes;
    }
    return {};
  }
  Status make_directory(const std::string& path) override {
    ZHILI_TRY(step());
    const std::string parent = parent_of(path);
    if (!parent.empty() && !now_.contains(parent)) return fail(ErrorCode::kIo, {path, 0, 0}, "", "has no parent");
    auto& node = now_[path];
    if (!node) node = std::make_shared<Node>(Node{.directory = true});
    return {};
  }
  Status rename(const std::string& from, const std::string& to) override {
    ZHILI_TRY(step());
    if (!now_.contains(parent_of(to)) && !parent_of(to).empty())
      return fail(ErrorCode::kIo, {to, 0, 0}, "", "no parent");
    now_[to] = now_.at(from);
    now_.erase(from);
    files_[to] = now_[to];
    return {};
  }
  Status remove(const std::string& path) override {
    ZHILI_TRY(step());
    now_.erase(path);
    return {};
  }
  Status sync_directory(const std::string& path) override {
    ZHILI_TRY(step());
    for (const auto& [one, node] : now_) {
      if (parent_of(one) == path) durable_[one] = node;
    }
    for (auto it = durable_.begin(); it != durable_.end();) {
      it = parent_of(it->first) == path && !now_.contains(it->first) ? durable_.erase(it) : std::next(it);
    }
    return {};
  }

 private:
  struct Node {
    bool directory = false;
    std::string bytes = {};
    std::string durable_bytes = {};
  };
  using Names = std::map<std::string, std::shared_ptr<Node>>;  // Shared: a rename lets two views name one file.

  static std::string parent_of(const std::string& path) {
    const size_t slash = path.rfind('/');
    return slash == std::string::npos ? "" : path.substr(0, slash);
  }
  Status step() {
    if (left_ == 0) return fail(ErrorCode::kIo, {}, "", "the power is off");
    --left_;
    ++steps_;
    return {};
  }

  uint64_t left_ = UINT64_MAX;
  uint64_t steps_ = 0;
  Names now_;      ///< What a program sees.
  Names durable_;  ///< What is on the disk.
  Names files_;    ///< Every file that was named since the last start.
};

}  // namespace zhili::audit
