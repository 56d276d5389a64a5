// SPDX-License-Identifier: Apache-2.0
//
// Does a path that a plugin writes become the route that its author means (seed rows P01 to P08)?
#include "routing/path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "routing/route_table.h"

namespace hookhost::routing {
namespace {

using ::testing::HasSubstr;

std::string path_of(std::string_view path) { return route_path(path, "name").value(); }
std::string refusal_of(std::string_view path) {
  const auto result = route_path(path, "name");
  return result ? "accepted as " + *result : result.error().message;
}

TEST(RoutePath, IgnoresSlashesAtItsEndsP01) {
  for (const auto* path : {"/x", "x", "x/", "/x/"}) EXPECT_EQ(path_of(path), "/webhooks/x") << path;
}
TEST(RoutePath, MayHaveSeveralSegmentsP02) {
  EXPECT_EQ(path_of("a/b"), "/webhooks/a/b");
  EXPECT_EQ(path_of("/a/b2/"), "/webhooks/a/b2");
}
TEST(RoutePath, IgnoresManySlashesAtItsEndsP03) { EXPECT_EQ(path_of("//d//"), "/webhooks/d"); }
TEST(RoutePath, AlwaysGetsThePrefixP04) {
  EXPECT_EQ(path_of("/webhooks/x2"), "/webhooks/webhooks/x2");
}
TEST(RoutePath, IsTheNameWhenEmptyP05) { EXPECT_EQ(path_of(""), "/webhooks/name"); }
TEST(RoutePath, IsRefusedWhenItIsThePrefixItselfP06) {
  EXPECT_THAT(refusal_of("/"), HasSubstr("is that of all webhooks"));
  EXPECT_THAT(refusal_of("//"), HasSubstr("is that of all webhooks"));
}
TEST(RoutePath, KeepsBlanksAndUnicodeP07) {
  EXPECT_EQ(path_of(" sp"), "/webhooks/ sp");
  EXPECT_EQ(path_of("é"), "/webhooks/é");
  EXPECT_EQ(printed_path(path_of(" sp")), "/webhooks/%20sp");
  EXPECT_EQ(printed_path(path_of("é")), "/webhooks/%C3%A9");
}
TEST(RoutePath, TakesParametersP08) {
  EXPECT_EQ(path_of("tpl/{id}"), "/webhooks/tpl/{id}");
  EXPECT_EQ(path_of("{team_1}/x/{_id}"), "/webhooks/{team_1}/x/{_id}");
  EXPECT_EQ(printed_path("/webhooks/é/{id}"), "/webhooks/%C3%A9/{id}");
}

TEST(RoutePath, RefusesWhatIsNoParameter) {
  for (const auto* path : {"a{id}", "{id}a", "{}", "{1d}", "{a-b}", "{id:int}", "{", "}", "{a}{b}"})
    EXPECT_THAT(refusal_of(path), HasSubstr("has a parameter that is not")) << path;
  EXPECT_THAT(refusal_of("{a}/{a}"), HasSubstr("has a parameter twice"));
}
TEST(RoutePath, RefusesWhatARequestCouldNotNameInOneWay) {
  for (const auto* path : {"a%20b", "a?b", "a#b", "a;b", "a\\b"})
    EXPECT_THAT(refusal_of(path), HasSubstr("has one of the characters")) << path;
  EXPECT_THAT(refusal_of("a//b"), HasSubstr("two slashes in a row"));
  EXPECT_THAT(refusal_of("a/../b"), HasSubstr("a segment . or .."));
  EXPECT_THAT(refusal_of("."), HasSubstr("a segment . or .."));
  EXPECT_THAT(refusal_of("a\nb"), HasSubstr("has control characters"));
  EXPECT_THAT(refusal_of("a\x7f"), HasSubstr("has control characters"));
  EXPECT_THAT(refusal_of("a\xc0\xae"), HasSubstr("is not UTF-8"));
}
TEST(RoutePath, PrintsAStrangersTextSafely) {
  EXPECT_EQ(refusal_of("a\x1b[31m"), "path \"a\\x1b[31m\" has control characters");
}

std::string repeated(std::string_view text, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}
TEST(RoutePath, HasLimits) {
  EXPECT_EQ(path_of(std::string(kRoutePathBytesMax - kPrefix.size(), 'a')).size(),
            kRoutePathBytesMax);
  EXPECT_THAT(refusal_of(std::string(kRoutePathBytesMax - kPrefix.size() + 1, 'a')),
              HasSubstr("is longer than 1024 bytes"));
  EXPECT_EQ(path_of(repeated("a/", kSegmentsMax - 1)).size(), 9 + 2 * (kSegmentsMax - 1) + 0);
  EXPECT_THAT(refusal_of(repeated("a/", kSegmentsMax)), HasSubstr("has more than 32 segments"));
  std::string parameters = "{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}";
  EXPECT_EQ(path_of(parameters), "/webhooks/" + parameters);
  EXPECT_THAT(refusal_of(parameters + "/{i}"), HasSubstr("has more than 8 parameters"));
}

TEST(ParameterValue, IsTextThatLeadsNowhere) {
  for (const auto* good : {"5", "a b", "é", "a.b", "...", "~", "a+b&c=d", "{x}"})
    EXPECT_TRUE(is_parameter_value(good)) << good;
  for (const auto* bad : {"", ".", "..", "a/b", "a\\b", "a;b", "%2e", "a\nb", "\x7f", "\xc0\xae"})
    EXPECT_FALSE(is_parameter_value(bad)) << bad;
  EXPECT_FALSE(is_parameter_value(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace hookhost::routing
