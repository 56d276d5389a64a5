// SPDX-License-Identifier: Apache-2.0
//
// Are sizes and durations short, right and never rounded into the next unit's number?
#include "telemetry/units.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"
#include "support/utc.h"

namespace hookhost::telemetry {
namespace {

using namespace std::chrono_literals;

TEST(PrintBytes, UsesTheSmallestUnitThatReadsWell) {
  EXPECT_EQ(print_bytes(0), "0 B");
  EXPECT_EQ(print_bytes(999), "999 B");
  EXPECT_EQ(print_bytes(1000), "1.0 kB");
  EXPECT_EQ(print_bytes(2612), "2.6 kB");
  EXPECT_EQ(print_bytes(9949), "9.9 kB");
  EXPECT_EQ(print_bytes(9950), "10 kB");
  EXPECT_EQ(print_bytes(999'499), "999 kB");
  EXPECT_EQ(print_bytes(999'500), "1.0 MB");
  EXPECT_EQ(print_bytes(27'262'976), "27 MB");
}

TEST(PrintDuration, KeepsTwoOrThreeDigits) {
  EXPECT_EQ(print_duration(0ns), "0.00 ms");
  EXPECT_EQ(print_duration(42us), "0.04 ms");
  EXPECT_EQ(print_duration(94'999ns), "0.09 ms");
  EXPECT_EQ(print_duration(95us), "0.1 ms");
  EXPECT_EQ(print_duration(4'900us), "4.9 ms");
  EXPECT_EQ(print_duration(99'950us), "100 ms");
  EXPECT_EQ(print_duration(999'499us), "999 ms");
  EXPECT_EQ(print_duration(999'500us), "1.0 s");
  EXPECT_EQ(print_duration(41s), "41 s");
}

TEST(PrintTimestamp, IsRfc3339InUtcWithMilliseconds) {
  test::FakeClock clock;
  clock.advance(250ms);
  EXPECT_EQ(print_timestamp(clock.now()), "2026-09-01T12:00:00.250Z");
  EXPECT_EQ(print_minute(clock.now()), "2026-09-01 12:00 UTC");
  EXPECT_EQ(print_time_of_day(clock.now()), "12:00:00");
}

}  // namespace
}  // namespace hookhost::telemetry
