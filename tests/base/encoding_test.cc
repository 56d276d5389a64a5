// SPDX-License-Identifier: Apache-2.0
//
// Is decoding done once, and is everything malformed refused?
#include "base/encoding.h"

#include <gtest/gtest.h>

#include <array>

namespace hookhost {
namespace {

TEST(PercentDecode, LeavesTextWithoutPercentWhereItIs) {
  Arena arena;
  const std::string_view text = "/webhooks/x";
  EXPECT_EQ(percent_decode(text, arena)->data(), text.data());
}

TEST(PercentDecode, DecodesOnceAndOnlyOnce) {
  Arena arena;
  EXPECT_EQ(percent_decode("%41%2f%e9", arena), "A/\xe9");
  EXPECT_EQ(percent_decode("%252e", arena), "%2e");
  EXPECT_EQ(percent_decode("%00", arena), std::string_view("\0", 1));
}

TEST(PercentDecode, RefusesAPercentWithoutTwoDigits) {
  Arena arena;
  for (const char* text : {"%", "%4", "a%", "%zz", "%4g", "%g4", "% 41", "%-1"}) {
    EXPECT_EQ(percent_decode(text, arena), std::nullopt) << text;
  }
}

TEST(PercentEncodePath, KeepsWhatIsUnreservedAndTheSlash) {
  EXPECT_EQ(percent_encode_path("/webhooks/a-b.c_d~e1"), "/webhooks/a-b.c_d~e1");
  EXPECT_EQ(percent_encode_path(" \xc3\xa9%{}"), "%20%C3%A9%25%7B%7D");
}

TEST(HexEncode, WritesTwoLowerCaseDigitsAByte) {
  const std::array bytes{std::byte{0}, std::byte{0xAB}, std::byte{0xFF}};
  EXPECT_EQ(hex_encode(bytes), "00abff");
  EXPECT_EQ(hex_encode({}), "");
}

}  // namespace
}  // namespace hookhost
