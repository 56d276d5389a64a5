// SPDX-License-Identifier: Apache-2.0
//
// Does the first signal ask for a clean end and the second one end at once, and do programs that a
// plugin starts keep their own? (hostile-input.md 8)
#include "app/signals.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>

#include <thread>

namespace hookhost::app {
namespace {

TEST(SignalWatch, ReturnsTheSignalThatCame) {
  SignalWatch watch;
  ::kill(::getpid(), SIGTERM);
  EXPECT_EQ(watch.wait(), SIGTERM);
}

TEST(SignalWatch, WaitsForASignalThatComesLater) {
  SignalWatch watch;
  std::thread other([] { ::kill(::getpid(), SIGINT); });
  EXPECT_EQ(watch.wait(), SIGINT);
  other.join();
}

TEST(SignalWatch, LeavesTheSecondOneDeadly) {
  EXPECT_EXIT(
      {
        SignalWatch watch;
        ::raise(SIGTERM);
        watch.wait();
        ::raise(SIGINT);
        ::_exit(0);
      },
      testing::KilledBySignal(SIGINT), "");
  EXPECT_EXIT(
      {
        SignalWatch watch;
        ::raise(SIGTERM);
        ::raise(SIGTERM);
        ::_exit(0);
      },
      testing::KilledBySignal(SIGTERM), "");
}

TEST(SignalWatch, BlocksNothingThatAChildWouldInherit) {
  SignalWatch watch;
  sigset_t mask;
  ASSERT_EQ(::pthread_sigmask(SIG_BLOCK, nullptr, &mask), 0);
  struct sigaction pipe = {};
  ::sigaction(SIGPIPE, nullptr, &pipe);
  EXPECT_EQ(sigismember(&mask, SIGTERM), 0);
  EXPECT_NE(pipe.sa_handler, SIG_IGN);
  EXPECT_NE(pipe.sa_handler, SIG_DFL);
}

}  // namespace
}  // namespace hookhost::app
