// SPDX-License-Identifier: Apache-2.0
//
// Do the journal's milliseconds go on, whatever the wall clock does?
#include "store/journal_time.h"

#include <gtest/gtest.h>

namespace hookhost::store {
namespace {

using namespace std::chrono_literals;

constexpr SystemTime kWall{1'788'264'000s};
constexpr MonotonicTime kStart{1h};
constexpr std::int64_t kWallMs = 1'788'264'000'000;

TEST(JournalTime, IsTheWallClocksOfAnEmptyJournal) {
  const JournalTime time(std::nullopt, kWall, kStart);

  EXPECT_EQ(time.at(kStart), kWallMs);
  EXPECT_EQ(time.at(kStart + 5s), kWallMs + 5'000);
}

TEST(JournalTime, CountsTheTimeOffUpToADay) {
  EXPECT_EQ(JournalTime(kWallMs - 3'600'000, kWall, kStart).at(kStart), kWallMs);

  const std::int64_t day = 24 * 3'600'000;
  EXPECT_EQ(JournalTime(kWallMs - day, kWall, kStart).at(kStart), kWallMs);
  EXPECT_EQ(JournalTime(kWallMs - day - 1, kWall, kStart).at(kStart), kWallMs - 1);
  EXPECT_EQ(JournalTime(kWallMs, kWall + 24h * 365, kStart).at(kStart), kWallMs + day);
}

TEST(JournalTime, NeverGoesBack) {
  EXPECT_EQ(JournalTime(kWallMs, kWall - 24h * 365, kStart).at(kStart), kWallMs);
}

TEST(JournalTime, KnowsWhenItWillBe) {
  const JournalTime time(std::nullopt, kWall, kStart);

  EXPECT_EQ(time.when(kWallMs + 1'500, kStart), kStart + 1500ms);
  EXPECT_EQ(time.when(kWallMs + 1'500, kStart + 1s), kStart + 1500ms);
  EXPECT_EQ(time.when(kWallMs - 1, kStart), kStart) << "what is late is due now";
}

TEST(JournalTime, WaitsNoLongerThanTheLongestRetry) {
  const JournalTime time(std::nullopt, kWall, kStart);
  const std::int64_t ten_hours = 10 * 3'600'000;

  EXPECT_EQ(time.when(kWallMs + ten_hours, kStart), kStart + 10h);
  EXPECT_EQ(time.when(kWallMs + ten_hours + 1, kStart), kStart + 10h);
}

}  // namespace
}  // namespace hookhost::store
