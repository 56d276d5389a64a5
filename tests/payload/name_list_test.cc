// SPDX-License-Identifier: Apache-2.0
#include "payload/name_list.h"

#include <gtest/gtest.h>

namespace hookhost::payload {
namespace {

TEST(NameList, MatchesANameAsItIsWritten) {
  EXPECT_TRUE(names_match("me/data", "me/data"));
  EXPECT_FALSE(names_match("me/data", "me/data2"));
  EXPECT_FALSE(names_match("me/data", "me/dat"));
  EXPECT_FALSE(names_match("me/data", "ME/data"));
  EXPECT_FALSE(names_match("me/data", ""));
}

TEST(NameList, LetsAStarStandForAnyCharacters) {
  EXPECT_TRUE(names_match("me/*", "me/a/b"));
  EXPECT_TRUE(names_match("me/*", "me/"));
  EXPECT_FALSE(names_match("me/*", "you/me/"));
  EXPECT_TRUE(names_match("*/data", "me/x/data"));
  EXPECT_TRUE(names_match("*a*b*", "xxaxxbxx"));
  EXPECT_FALSE(names_match("*a*b*", "xxbxxaxx"));
  EXPECT_TRUE(names_match("*", ""));
  EXPECT_TRUE(names_match("a*b", "aabab"));
  EXPECT_FALSE(names_match("a*b", "aabax"));
}

TEST(NameList, TakesAnyOfItsItems) {
  EXPECT_TRUE(names_match(" me/* , org/data ", "org/data"));
  EXPECT_TRUE(names_match("me/*,org/data", "me/x"));
  EXPECT_FALSE(names_match("me/*,org/data", "org/data/x"));
}

TEST(NameList, TakesNoMoreThanTheProductOfTheLengths) {
  const std::string stars = "*a*a*a*a*a*a*a*a*a*a*b";
  EXPECT_FALSE(names_match(stars, std::string(100'000, 'a')));
}

TEST(NameList, WantsSomethingInEachItem) {
  EXPECT_TRUE(validate_names("a, b"));
  EXPECT_FALSE(validate_names(""));
  EXPECT_FALSE(validate_names("a,"));
  EXPECT_FALSE(validate_names("a, ,b"));
}

}  // namespace
}  // namespace hookhost::payload
