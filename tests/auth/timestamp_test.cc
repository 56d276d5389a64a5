// SPDX-License-Identifier: Apache-2.0
//
// Which texts are a timestamp, and which moments are now?
#include "auth/timestamp.h"

#include <gtest/gtest.h>

namespace hookhost::auth {
namespace {

using namespace std::chrono_literals;
constexpr std::chrono::sys_seconds kSignedAt{1'614'265'330s};

TEST(Timestamp, IsDigitsAlone) {
  EXPECT_EQ(parse_timestamp("1614265330"), kSignedAt);
  EXPECT_TRUE(parse_timestamp("1"));
  EXPECT_TRUE(parse_timestamp("99999999999"));
  for (const auto* text :
       {"", "0", "00", "-1614265330", "+1614265330", "1614265330 ", " 1614265330", "1614265330.0",
        "16142653e1", "0x60381", "999999999999", "16142653301614265330"})
    EXPECT_FALSE(parse_timestamp(text)) << text;
}
TEST(Timestamp, IsFreshUpToTheEdgeOfTheWindow) {
  EXPECT_EQ(freshness(kSignedAt, kSignedAt, 300s), Proof::kAccepted);
  EXPECT_EQ(freshness(kSignedAt, kSignedAt + 300s + 999ms, 300s), Proof::kAccepted);
  EXPECT_EQ(freshness(kSignedAt, kSignedAt + 301s, 300s), Proof::kStale);
  EXPECT_EQ(freshness(kSignedAt, kSignedAt - 300s, 300s), Proof::kAccepted);
  EXPECT_EQ(freshness(kSignedAt, kSignedAt - 300s - 1ns, 300s), Proof::kAhead);
}

}  // namespace
}  // namespace hookhost::auth
