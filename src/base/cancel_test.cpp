#include "base/cancel.hpp"

#include <csignal>

#include <gtest/gtest.h>
#include <unistd.h>

namespace zhili {
namespace {

TEST(Cancel, CheckFailsOnceRequested) {
  Cancel cancel;
  EXPECT_TRUE(cancel.check());
  cancel.request();
  ASSERT_FALSE(cancel.check());
  EXPECT_EQ(cancel.check().error().code, ErrorCode::kCancelled);
  EXPECT_EQ(static_cast<int>(cancel.check().error().code), 130);
}

// In a child process, so that the handler does not outlive the test.
TEST(CancelDeathTest, FirstSignalAsksAndSecondEnds) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(
      {
        Cancel cancel;
        cancel.watch_signals();
        std::raise(SIGINT);
        ::_exit(cancel.requested() ? 42 : 1);
      },
      testing::ExitedWithCode(42), "");
  EXPECT_EXIT(
      {
        Cancel cancel;
        cancel.watch_signals();
        std::raise(SIGTERM);
        std::raise(SIGTERM);
        ::_exit(1);
      },
      testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace zhili
