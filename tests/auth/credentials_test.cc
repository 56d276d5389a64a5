// SPDX-License-Identifier: Apache-2.0
//
// Which secrets are valid when, and is every one of them tried every time (seed rows K11, K12)?
#include "auth/credentials.h"

#include <gtest/gtest.h>

#include <string>

#include "support/fake_clock.h"

namespace hookhost::auth {
namespace {

using namespace std::chrono_literals;
constexpr SystemTime kNow = test::FakeClock::kStart;

Credential always(const char* text) { return Credential(Secret(text)); }

TEST(Credentials, ContainEachSecretVerbatimK11) {
  const Credentials credentials(std::vector{always("first"), always("second")});

  EXPECT_TRUE(credentials.contain("first", kNow));
  EXPECT_TRUE(credentials.contain("second", kNow));
  for (const auto* other : {"", "firs", "first ", "First", "third", "firstsecond"})
    EXPECT_FALSE(credentials.contain(other, kNow)) << other;
  EXPECT_FALSE(credentials.contain(std::string_view("first\0", 6), kNow));
}
TEST(Credentials, ContainNothingWhenThereIsNone) {
  EXPECT_FALSE(Credentials({}).contain("", kNow));
}
TEST(Credentials, AreValidBetweenTheirTimesK11) {
  const Credentials credentials(std::vector{Credential(Secret("old"), kNow - 1h, kNow + 1h)});

  EXPECT_TRUE(credentials.contain("old", kNow));
  EXPECT_TRUE(credentials.contain("old", kNow - 1h));
  EXPECT_TRUE(credentials.contain("old", kNow + 1h));
  EXPECT_FALSE(credentials.contain("old", kNow - 1h - 1ns));
  EXPECT_FALSE(credentials.contain("old", kNow + 1h + 1ns));
}
TEST(Credentials, StayValidInOneFormWhenTheSameTextIsThereTwice) {
  const Credentials credentials(
      std::vector{Credential(Secret("s"), kNow - 2h, kNow - 1h), always("s")});

  EXPECT_TRUE(credentials.contain("s", kNow));
}
TEST(Credentials, AreComparedUpToTheLongestSecret) {
  const std::string longest(kSecretBytesMax, 'a');
  const Credentials credentials(std::vector{always(longest.c_str())});

  EXPECT_TRUE(credentials.contain(longest, kNow));
  const std::string longer = longest + "a";
  EXPECT_FALSE(credentials.contain(longer, kNow));
  EXPECT_FALSE(Credentials(std::vector{always(longer.c_str())}).contain(longer, kNow))
      << "a stranger's text costs no more than a secret";
}

TEST(Credentials, AreAllTriedWhereverTheMatchIsK12) {
  const std::vector<int> entries{1, 2, 3, 4};
  for (const int wanted : {1, 3, 4, 5}) {
    int tried = 0;
    const unsigned found = match_in_all(entries, [&](int entry) {
      ++tried;
      return entry == wanted;
    });
    EXPECT_EQ(found, wanted <= 4 ? static_cast<unsigned>(wanted) : 0U);
    EXPECT_EQ(tried, 4) << wanted;
  }
}
TEST(Credentials, NameTheFirstOfEqualSecrets) {
  const Credentials credentials(std::vector{always("a"), always("s"), always("s")});

  EXPECT_EQ(credentials.find("s", kNow), 2U);
  EXPECT_EQ(credentials.find("x", kNow), 0U);
}
TEST(Credentials, GiveNumbersUpTo255) {
  EXPECT_EQ(verdict_of(0).proof, Proof::kWrong);
  EXPECT_EQ(verdict_of(255).secret, 255);
  EXPECT_EQ(verdict_of(256).secret, 255);
}

}  // namespace
}  // namespace hookhost::auth
