// SPDX-License-Identifier: Apache-2.0
#include "routing/rate_limit.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace hookhost {
namespace {

using namespace std::chrono_literals;

constexpr MonotonicTime kStart{100h};

int taken(RateLimit& limit, MonotonicTime now, int tries) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += limit.take(now) == 0ns ? 1 : 0;
  return count;
}

TEST(RateLimit, LetsABurstThroughAndThenOneAtAnEvenPace) {
  RateLimit limit(10, 3);
  EXPECT_EQ(taken(limit, kStart, 9), 3);
  EXPECT_EQ(taken(limit, kStart + 99ms, 9), 0);
  EXPECT_EQ(taken(limit, kStart + 100ms, 9), 1);
  EXPECT_EQ(taken(limit, kStart + 300ms, 9), 2);
}

TEST(RateLimit, SaysHowLongToWait) {
  RateLimit limit(2, 1);
  EXPECT_EQ(limit.take(kStart), 0ns);
  EXPECT_EQ(limit.take(kStart + 100ms), 400ms);
  EXPECT_EQ(limit.take(kStart + 100ms + 400ms), 0ns);
}

TEST(RateLimit, SavesNoMoreThanOneBurst) {
  RateLimit limit(10, 3);
  EXPECT_EQ(taken(limit, kStart, 1), 1);
  EXPECT_EQ(taken(limit, kStart + 24h, 9), 3);
}

TEST(RateLimit, CountsEachOneOnceWhoeverAsks) {
  RateLimit limit(1, 1000);
  std::vector<int> counts(4);
  std::vector<std::thread> loops;
  for (int& count : counts) loops.emplace_back([&] { count = taken(limit, kStart, 1000); });
  for (std::thread& loop : loops) loop.join();
  EXPECT_EQ(counts[0] + counts[1] + counts[2] + counts[3], 1000);
}

}  // namespace
}  // namespace hookhost
