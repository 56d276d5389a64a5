// SPDX-License-Identifier: Apache-2.0
//
// Can a stranger's text move the cursor, forge a line or turn the writing direction? It must not.
#include "base/text.h"

#include <gtest/gtest.h>

#include <array>

namespace hookhost {
namespace {

TEST(Printable, LeavesOrdinaryTextAlone) {
  EXPECT_EQ(printable("me/data \xc3\xa9 \xf0\x9f\xa4\x97 \\"),
            "me/data \xc3\xa9 \xf0\x9f\xa4\x97 \\");
}

TEST(Printable, EscapesControlCharacters) {
  EXPECT_EQ(printable("a\nb\tc\r\x1b[2J\x7f"), "a\\nb\\tc\\r\\x1b[2J\\x7f");
  EXPECT_EQ(printable(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(printable("\xc2\x9b"), "\\u{009b}");  // CSI as a C1 control
}

TEST(Printable, EscapesBidiControlsAndSeparators) {
  EXPECT_EQ(printable("\xe2\x80\xae"), "\\u{202e}");
  EXPECT_EQ(printable("\xe2\x80\xa8"), "\\u{2028}");
  EXPECT_EQ(printable("\xe2\x81\xa6"), "\\u{2066}");
}

TEST(Printable, EscapesBytesThatAreNotUtf8) {
  EXPECT_EQ(printable("\xff\xc0\xaf"), "\\xff\\xc0\\xaf");
  EXPECT_EQ(printable("\xe2\x80"), "\\xe2\\x80");
}

TEST(Printable, CutsAtACharacter) {
  EXPECT_EQ(printable("abcd", 4), "abcd");
  EXPECT_EQ(printable("abcde", 4), "abcd...");
  EXPECT_EQ(printable("abc\xc3\xa9", 4), "abc...");
}

TEST(AsciiIequals, IgnoresTheCaseOfAsciiOnly) {
  EXPECT_TRUE(ascii_iequals("X-Webhook-Secret", "x-webhook-SECRET"));
  EXPECT_FALSE(ascii_iequals("a", "ab"));
  EXPECT_FALSE(ascii_iequals("\xc3\xa9", "\xc3\x89"));
  EXPECT_FALSE(ascii_iequals("@", "`"));
}

TEST(IsUtf8, FollowsRfc3629) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("\xf4\x8f\xbf\xbf"));
  EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80"));  // above U+10FFFF
  EXPECT_FALSE(is_utf8("\xed\xa0\x80"));      // a surrogate
  EXPECT_FALSE(is_utf8("\xc0\x80"));          // overlong
  EXPECT_FALSE(is_utf8("\xe0\x9f\xbf"));      // overlong
}

TEST(Nearest, FindsASlipOfTheFingersAndNothingElse) {
  constexpr std::array<std::string_view, 3> kWords{"concurrency", "timeout", "ack"};
  EXPECT_EQ(nearest("concurency", kWords.data(), kWords.size()), "concurrency");
  EXPECT_EQ(nearest("acq", kWords.data(), kWords.size()), "ack");
  EXPECT_EQ(nearest("body", kWords.data(), kWords.size()), "");
}

}  // namespace
}  // namespace hookhost
