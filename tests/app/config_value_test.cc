// SPDX-License-Identifier: Apache-2.0
//
// Is every unit read as its name says, and is what does not fit the form refused?
#include "app/config_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hookhost::app {
namespace {

using namespace std::chrono_literals;
using testing::Optional;

TEST(ParseDuration, ReadsUnitsAndTheirSums) {
  EXPECT_THAT(parse_duration("250ms"), Optional(250ms));
  EXPECT_THAT(parse_duration("1m30s"), Optional(90s));
  EXPECT_THAT(parse_duration("7d"), Optional(168h));
  EXPECT_THAT(parse_duration("0s"), Optional(0ms));
}

TEST(ParseDuration, RefusesWhatHasNoUnitOrDoesNotFit) {
  for (const char* text : {"", "30", "s", "30 s", "-1s", "1.5s", "30x", "9223372036854775807d"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(ParseBytes, TellsDecimalFromBinaryUnits) {
  EXPECT_THAT(parse_bytes("25MB"), Optional(25'000'000));
  EXPECT_THAT(parse_bytes("26MiB"), Optional(26 * 1024 * 1024));
  EXPECT_THAT(parse_bytes("64 KiB"), Optional(65536));
  EXPECT_THAT(parse_bytes("4096"), Optional(4096));
}

TEST(ParseBytes, RefusesOtherTexts) {
  for (const char* text : {"", "MB", "1mb", "-1", "1.5MB", "9223372036854775807KiB"}) {
    EXPECT_EQ(parse_bytes(text), std::nullopt) << text;
  }
}

TEST(ParseAddress, TakesNumericAddressesAndLocalhost) {
  EXPECT_EQ(print_address(*parse_address("127.0.0.1:7860")), "127.0.0.1:7860");
  EXPECT_EQ(print_address(*parse_address("[::1]:7860")), "[::1]:7860");
  EXPECT_EQ(print_address(*parse_address("localhost:0")), "127.0.0.1:0");
  EXPECT_EQ(print_address(*parse_address("0.0.0.0:65535")), "0.0.0.0:65535");
}

TEST(ParseAddress, RefusesOtherTexts) {
  for (const char* text : {"", "7860", ":7860", "::1:7860", "example.com:80", "127.0.0.1:",
                           "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:80x", "[]:80"}) {
    EXPECT_EQ(parse_address(text), std::nullopt) << text;
  }
}

TEST(ParseMoment, ReadsOffsets) {
  const auto moment = parse_moment("2026-11-25T14:10:00Z");
  ASSERT_TRUE(moment.has_value());
  EXPECT_EQ(parse_moment("2026-11-25T15:10:00+01:00"), moment);
  EXPECT_EQ(parse_moment("2026-11-25 09:40:00.5-04:30"), moment);
}

TEST(ParseMoment, RefusesWhatHasNoOffsetOrIsNoDate) {
  for (const char* text : {"", "2026-11-25", "2026-11-25T14:10:00", "2026-02-30T00:00:00Z",
                           "2026-11-25T24:00:00Z", "2026-11-25T14:10:00+1:00", "tomorrow"}) {
    EXPECT_EQ(parse_moment(text), std::nullopt) << text;
  }
}

TEST(Show, UsesTheLargestUnitThatIsExact) {
  const Range bytes{0, 1 << 30, true};
  EXPECT_EQ(show(std::int64_t{16 * 1024}, bytes), "\"16KiB\"");
  EXPECT_EQ(show(std::int64_t{25'000'000}, bytes), "\"25MB\"");
  EXPECT_EQ(show(std::int64_t{0}, bytes), "0");
  EXPECT_EQ(show(90'000ms), "\"90s\"");
  EXPECT_EQ(show(0ms), "\"0s\"");
}

}  // namespace
}  // namespace hookhost::app
