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

std::string hex_decoded(std::string_view text, std::size_t bytes) {
  std::string out(bytes, '.');
  return hex_decode(text, std::as_writable_bytes(std::span(out))) ? out : "refused";
}
TEST(HexDecode, TakesExactlyTheLowerCaseDigitsThatItExpects) {
  EXPECT_EQ(hex_decoded("616a", 2), "aj");
  EXPECT_EQ(hex_decoded("", 0), "");
  for (const auto* text : {"616", "616a6", "616a62", "616A", "61 a", "6g6a", "0x61", ""})
    EXPECT_EQ(hex_decoded(text, 2), "refused") << text;
}
std::string base64_decoded(std::string_view text, std::size_t room = 8) {
  std::string out(room, '.');
  const auto size = base64_decode(text, std::as_writable_bytes(std::span(out)));
  return size ? out.substr(0, *size) : "refused";
}
// RFC 4648 section 10.
TEST(Base64, IsThePublishedOne) {
  for (const auto& [text, code] : {std::pair{"", ""},
                                   {"f", "Zg=="},
                                   {"fo", "Zm8="},
                                   {"foo", "Zm9v"},
                                   {"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(base64_encode(std::as_bytes(std::span(std::string_view(text)))), code);
    EXPECT_EQ(base64_decoded(code), text);
  }
  EXPECT_EQ(base64_decoded("+/+/"), "\xfb\xff\xbf");
}
TEST(Base64, IsRefusedInAnyOtherForm) {
  for (const auto* text : {"Zg", "Zg=", "Zg===", "Z===", "=", "====", "Zh==", "Zm9=", "Zm9v\n",
                           "Zm 9", "-_-_", "Zg==Zg==", "=Zg="})
    EXPECT_EQ(base64_decoded(text), "refused") << text;
  EXPECT_EQ(base64_decoded("Zm9v", 3), "foo");
  EXPECT_EQ(base64_decoded("Zm9v", 2), "refused");
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
