// SPDX-License-Identifier: Apache-2.0
//
// Which templates may an operator write, and what do they sign?
#include "auth/signed_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace hookhost::auth {
namespace {

using ::testing::HasSubstr;

std::string filled(std::string_view text) {
  const SignedText made = SignedText::parse(text).value();
  std::string out;
  for (const auto piece : made.fill({.id = "ID", .timestamp = "5", .body = "BODY"})) out += piece;
  return out;
}
std::string flaw_of(std::string_view text) {
  const auto made = SignedText::parse(text);
  if (!made) return made.error().message;
  const Status apart = made->check_boundaries();
  return apart ? "" : apart.error().message;
}

TEST(SignedText, PutsThePartsBetweenItsText) {
  EXPECT_EQ(filled("{body}"), "BODY");
  EXPECT_EQ(filled("v0:{ts}:{body}"), "v0:5:BODY");
  EXPECT_EQ(filled("{id}.{ts}.{body}"), "ID.5.BODY");
  EXPECT_EQ(filled("{body}}"), "BODY}");
}
TEST(SignedText, IsRefusedWithItsReason) {
  EXPECT_THAT(flaw_of(""), HasSubstr("leaves the body unsigned"));
  EXPECT_THAT(flaw_of("{ts}"), HasSubstr("leaves the body unsigned"));
  EXPECT_THAT(flaw_of("{time}.{body}"), HasSubstr("unknown"));
  EXPECT_THAT(flaw_of("{body"), HasSubstr("unknown"));
  EXPECT_THAT(flaw_of("{body}.{body}"), HasSubstr("twice"));
}
TEST(SignedText, IsRefusedWhenPartsCouldRunTogether) {
  for (const auto* text : {"{ts}{body}", "{id}{ts}.{body}", "{id}.{body}{ts}", "{ts}0{body}"})
    EXPECT_THAT(flaw_of(text), HasSubstr("run together")) << text;
  for (const auto* text : {"{ts}.{body}", "0{ts}.{body}", "{id}0{body}", "{body}"})
    EXPECT_EQ(flaw_of(text), "") << text;
}
TEST(SignedText, TakesNoIdThatHoldsWhatEndsIt) {
  const SignedText text = SignedText::parse("{id}.{ts}.{body}").value();
  EXPECT_TRUE(text.is_unambiguous("msg_1"));
  EXPECT_FALSE(text.is_unambiguous("msg.1"));
}

}  // namespace
}  // namespace hookhost::auth
