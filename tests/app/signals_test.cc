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

using Reason = SignalWatch::Reason;

constexpr MonotonicTime kForEver = MonotonicTime::max();

TEST(SignalWatch, SaysThatASignalCame) {
  SignalWatch watch;
  ::kill(::getpid(), SIGTERM);
  EXPECT_EQ(watch.wait({-1, -1}, kForEver), Reason::kEnd);
}

TEST(SignalWatch, WaitsForWhatItIsGivenToo) {
  SignalWatch watch;
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const UniqueFd read_end(ends[0]), write_end(ends[1]);
  EXPECT_EQ(::write(write_end.get(), "x", 1), 1);
  EXPECT_EQ(watch.wait({-1, read_end.get()}, kForEver), Reason::kOther);
}

TEST(SignalWatch, WaitsUntilTheTimeThatItIsGiven) {
  SignalWatch watch;
  EXPECT_EQ(watch.wait({-1, -1}, SystemClock().monotonic_now()), Reason::kOther);
}

TEST(SignalWatch, WaitsForASignalThatComesLater) {
  SignalWatch watch;
  std::thread other([] { ::kill(::getpid(), SIGINT); });
  EXPECT_EQ(watch.wait({-1, -1}, kForEver), Reason::kEnd);
  other.join();
}

TEST(SignalWatch, TellsAHangupApartAndCatchesEveryOne) {
  SignalWatch watch;
  for (int i = 0; i < 3; ++i) {
    ::raise(SIGHUP);
    EXPECT_EQ(watch.wait({-1, -1}, kForEver), Reason::kReload);
  }
  ::raise(SIGTERM);
  EXPECT_EQ(watch.wait({-1, -1}, kForEver), Reason::kEnd);
}

TEST(SignalWatch, LeavesTheSecondOneDeadly) {
  EXPECT_EXIT(
      {
        SignalWatch watch;
        ::raise(SIGTERM);
        watch.wait({-1, -1}, kForEver);
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
