#pragma once

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/url.hpp"

namespace zhili::store {

/// A PostgreSQL server of one test alone, which may stop and kill it (tests/postgres/server).
class TestServer {
 public:
  TestServer() : dir_(fmt::format("/tmp/zhili-postgres-own-{}", ::getpid())) {
    // What the server leaves behind when it is killed is ours to bury: process 1 may take its time.
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    start();
  }
  ~TestServer() { run("stop"); }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  StoreUrl url() const {
    return StoreUrl::parse(fmt::format("postgresql://zhili@/postgres?host={}", dir_.string())).value();
  }
  void start() { run("start"); }
  void halt() { run("halt"); }

  /// Kills the server with all its processes.
  void crash() {
    pid_t server = 0;
    std::ifstream(dir_ / "data" / "postmaster.pid") >> server;
    ASSERT_GT(server, 1);
    std::vector<pid_t> all{server};
    std::ifstream children(fmt::format("/proc/{}/task/{}/children", server, server));
    for (pid_t child = 0; children >> child;) all.push_back(child);
    for (const pid_t pid : all) ::kill(pid, SIGKILL);
    for (const pid_t pid : all) {
      // Its children become ours when it is gone.
      while (::waitpid(pid, nullptr, 0) < 0 && ::kill(pid, 0) == 0) ::usleep(1000);
    }
  }

 private:
  void run(const char* action) {
    const auto command =
        fmt::format("{}/tests/postgres/server {} {} {}", ZHILI_SOURCE_DIR, action, dir_.string(), ::getpid());
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }

  std::filesystem::path dir_;
};

}  // namespace zhili::store
