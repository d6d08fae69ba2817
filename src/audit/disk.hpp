#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace zhili::audit {

/// The steps on files that a log is made of, told apart so that a test can end the power after each of them. Paths are
/// relative to the log's directory, with '/', and never leave it. Errors: kIo, unless it says otherwise.
class Disk {
 public:
  virtual ~Disk() = default;

  /// The whole file. Errors: kNotFound where there is none, kLimit where it is longer than `limit`.
  virtual Result<std::string> read(const std::string& path, uint64_t limit) const = 0;
  /// The names in a directory, sorted; none where there is no such directory.
  virtual Result<std::vector<std::string>> list(const std::string& path) const = 0;

  /// Creates the file or empties it, and writes the bytes. They are durable only after sync_files, the name only after
  /// sync_directory.
  virtual Status write(const std::string& path, std::string_view bytes) = 0;
  /// Makes the bytes of these files durable.
  virtual Status sync_files(std::span<const std::string> paths) = 0;
  /// Creates one directory, unless it is there.
  virtual Status make_directory(const std::string& path) = 0;
  /// Puts a file in the place of another, in one step.
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  /// Removes a file or an empty directory. What is not there is no error.
  virtual Status remove(const std::string& path) = 0;
  /// Makes the names in a directory durable. "" is the log's own.
  virtual Status sync_directory(const std::string& path) = 0;
};

/// A directory of this machine.
class PosixDisk final : public Disk {
 public:
  enum class Access { kRead, kWrite };

  /// For writing, creates the directory where it is missing, and takes its lock: fails where another process holds it.
  static Result<PosixDisk> open(const std::filesystem::path& directory, Access access);

  PosixDisk(PosixDisk&& other) noexcept;
  PosixDisk& operator=(PosixDisk&&) = delete;
  PosixDisk(const PosixDisk&) = delete;
  ~PosixDisk() override;

  const std::filesystem::path& directory() const { return root_; }

  Result<std::string> read(const std::string& path, uint64_t limit) const override;
  Result<std::vector<std::string>> list(const std::string& path) const override;
  Status write(const std::string& path, std::string_view bytes) override;
  Status sync_files(std::span<const std::string> paths) override;
  Status make_directory(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status sync_directory(const std::string& path) override;

 private:
  PosixDisk(std::filesystem::path root, int lock) : root_(std::move(root)), lock_(lock) {}

  std::filesystem::path root_;
  int lock_;  ///< The open lock file, or -1.
};

}  // namespace zhili::audit
