#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "fuse/fusion.hpp"

namespace zhili::fuse {

/// A directory that goes with the test.
class ScratchDir {
 public:
  ScratchDir() {
    auto pattern = (std::filesystem::temp_directory_path() / "zhili-fuse-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~ScratchDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDir(const ScratchDir&) = delete;
  ScratchDir& operator=(const ScratchDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  void write(const std::string& name, const std::string& content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
  }

 private:
  std::filesystem::path path_;
};

/// A run over files and a configuration that the test writes.
class TestFusion {
 public:
  /// Reads `yaml` in a directory that holds `files` as {name, content}. The test fails where a step does.
  TestFusion(const std::string& yaml, std::initializer_list<std::pair<std::string, std::string>> files,
             unsigned threads = 2) {
    dir_.write("fuse.yaml", yaml);
    for (const auto& [name, content] : files) dir_.write(name, content);
    auto config = load_config(dir_.path() / "fuse.yaml");
    EXPECT_TRUE(config) << config.error().text();
    if (!config) return;
    auto fusion = Fusion::create(std::move(*config), threads, Progress::Mode::kOff, cancel_);
    EXPECT_TRUE(fusion) << fusion.error().text();
    if (fusion) fusion_ = std::move(*fusion);
  }

  Fusion& operator*() { return *fusion_; }
  Fusion* operator->() { return fusion_.get(); }
  explicit operator bool() const { return fusion_ != nullptr; }

  /// Runs all steps; false, with the error told, where one fails.
  bool run(const Decided& decided = {}) {
    for (auto step : {&Fusion::read, &Fusion::block, &Fusion::learn, &Fusion::score}) {
      if (!succeeded((*fusion_.*step)())) return false;
    }
    return succeeded(fusion_->group(decided));
  }
  static bool succeeded(const Status& status) {
    EXPECT_TRUE(status) << status.error().text();
    return status.has_value();
  }

 private:
  ScratchDir dir_;
  Cancel cancel_;
  std::unique_ptr<Fusion> fusion_;
};

}  // namespace zhili::fuse
