// SPDX-License-Identifier: Apache-2.0
//
// Does a change of a route's secrets say what was meant, and leave every other byte of the user's
// configuration as it was?
#include "app/secret_edit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/config_value.h"
#include "support/fake_clock.h"

namespace hookhost::app {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr SystemTime kNow = test::FakeClock::kStart;
constexpr const char* kFile = "/etc/hookhost/hookhost.toml";

SecretSource source(std::string name, SystemTime not_after = SystemTime::max()) {
  return {.name = std::move(name), .not_after = not_after, .origin = {}};
}
std::vector<std::string> names_of(const std::vector<SecretSource>& sources) {
  std::vector<std::string> names;
  for (const SecretSource& one : sources) names.push_back(one.name);
  return names;
}

// The new text, or the reason why there is none.
std::string edited(std::string_view text, std::vector<SecretSource> sources,
                   std::optional<std::string> scheme = {}) {
  const auto result = edit_secrets(
      text, {}, kFile, {.route = "ci", .sources = std::move(sources), .scheme = std::move(scheme)});
  return result ? *result : result.error().message + "\n" + result.error().fix;
}

// ---- Rotation

TEST(RotateSecrets, PutsTheNewOneFirstAndEndsTheOldOnes) {
  const Rotation rotation =
      rotate_secrets({source("old"), source("ends_sooner", kNow + 1h)}, source("new"), kNow, 24h);
  EXPECT_THAT(names_of(rotation.sources), ElementsAre("new", "old", "ends_sooner"));
  EXPECT_EQ(rotation.sources[0].not_after, SystemTime::max());
  EXPECT_EQ(rotation.sources[1].not_after, kNow + 24h);
  EXPECT_EQ(rotation.sources[2].not_after, kNow + 1h);
  EXPECT_EQ(rotation.old_until, kNow + 24h);
  EXPECT_EQ(rotation.dropped, 0U);
}

TEST(RotateSecrets, LetsGoOfWhatIsPast) {
  const Rotation rotation =
      rotate_secrets({source("past", kNow), source("old", kNow + 1s)}, source("new"), kNow, 24h);
  EXPECT_THAT(names_of(rotation.sources), ElementsAre("new", "old"));
  EXPECT_EQ(rotation.dropped, 1U);
}

TEST(RotateSecrets, WithoutOverlapLeavesTheNewOneAlone) {
  const Rotation rotation = rotate_secrets({source("old")}, source("new"), kNow, 0s);
  EXPECT_THAT(names_of(rotation.sources), ElementsAre("new"));
}

TEST(RotateSecrets, NeverGivesLessOverlapThanWasAskedFor) {
  const Rotation rotation = rotate_secrets({source("old")}, source("new"), kNow + 1s, 30s);
  EXPECT_EQ(rotation.old_until, kNow + 60s) << "whole minutes";
}

// ---- The text

TEST(EditSecrets, AddsASectionAtTheEndOfAFile) {
  EXPECT_EQ(edited("", {source("/run/keys/ci")}, "github"),
            "[route.ci]\nscheme = \"github\"\nsecrets = [{file = \"/run/keys/ci\"}]\n");
  EXPECT_EQ(edited("loops = 1  # few", {source("/run/keys/ci")}),
            "loops = 1  # few\n\n[route.ci]\nsecrets = [{file = \"/run/keys/ci\"}]\n");
}

TEST(EditSecrets, WritesBelowTheHeaderOfASection) {
  EXPECT_EQ(edited("# ours\n[route.ci]  # CI\ntimeout = \"3s\"\n", {source("/k")}, "gitlab"),
            "# ours\n[route.ci]  # CI\nscheme = \"gitlab\"\nsecrets = [{file = \"/k\"}]\n"
            "timeout = \"3s\"\n");
}

TEST(EditSecrets, TurnsAFileIntoAListAndKeepsTheCommentBehindIt) {
  EXPECT_EQ(
      edited("[route.ci]\n  secret_file = '/old'  # from the vault\ntimeout = \"3s\" # short\n",
             {source("/new"), source("/old", kNow)}),
      "[route.ci]\n  secrets = [{file = \"/new\"}, {file = \"/old\", not_after = "
      "2026-09-01T12:00:00.000Z}]  # from the vault\ntimeout = \"3s\" # short\n");
}

TEST(EditSecrets, ReplacesAListOfSeveralLines) {
  EXPECT_EQ(edited("[route.ci]\nsecrets = [\n  { file = \"/a]\" },\n  { env = \"B\" },\n]\n"
                   "# the end\n[log]\nlevel = \"warn\"\n",
                   {source("/c")}),
            "[route.ci]\nsecrets = [{file = \"/c\"}]\n# the end\n[log]\nlevel = \"warn\"\n");
}

TEST(EditSecrets, MakesOneOfAFileAndAList) {
  EXPECT_EQ(
      edited("[route.ci]\nsecret_file = \"/a\"\nenabled = true\nsecrets = [{file = \"/b\"}]\n",
             {source("/a"), source("/b"), source("/c")}),
      "[route.ci]\nsecrets = [{file = \"/a\"}, {file = \"/b\"}, {file = \"/c\"}]\n"
      "enabled = true\n");
}

TEST(EditSecrets, TakesTheLineAwayWithTheLastSecret) {
  EXPECT_EQ(edited("[route.ci]\ntimeout = \"3s\"\nsecret_file = \"/a\"\n# end\n", {}),
            "[route.ci]\ntimeout = \"3s\"\n# end\n");
}

TEST(EditSecrets, FindsEveryWayToWriteASection) {
  EXPECT_EQ(edited("route.ci.secret_file = \"/a\"\n", {source("/b")}),
            "route.ci.secrets = [{file = \"/b\"}]\n");
  EXPECT_EQ(edited("[route]\nci = { secret_file = \"/a\", enabled = true } # é\n", {source("/b")}),
            "[route]\nci = { secrets = [{file = \"/b\"}], enabled = true } # é\n");
  EXPECT_EQ(edited("[route]\nci = { enabled = true }\n", {source("/b")}),
            "[route]\nci = { secrets = [{file = \"/b\"}], enabled = true }\n");
  EXPECT_EQ(edited("[route.'ci']\n\"secret_file\" = \"/a\"\n", {source("/b")}),
            "[route.'ci']\nsecrets = [{file = \"/b\"}]\n");
}

TEST(EditSecrets, CountsCharactersAndNotBytesOfALine) {
  EXPECT_EQ(
      edited("[route]\n\"é\".enabled = true\nci = { timeout = \"1s\", secret_file = \"/é\" }\n",
             {source("/b")}),
      "[route]\n\"é\".enabled = true\nci = { timeout = \"1s\", secrets = [{file = \"/b\"}] }\n");
}

TEST(EditSecrets, NamesFilesBelowTheConfigurationAsTheirUserWould) {
  EXPECT_EQ(edited("", {source("/etc/hookhost/secrets/ci.1"), source("/etc/other")}),
            "[route.ci]\nsecrets = [{file = \"secrets/ci.1\"}, {file = \"/etc/other\"}]\n");
}

TEST(EditSecrets, KeepsTheOtherSources) {
  SecretSource variable{.kind = SecretKind::kEnvironment, .name = "CI", .origin = {}};
  SecretSource credential{.kind = SecretKind::kCredential, .name = "ci", .origin = {}};
  EXPECT_EQ(edited("", {variable, credential}),
            "[route.ci]\nsecrets = [{env = \"CI\"}, {credential = \"ci\"}]\n");
}

TEST(EditSecrets, DoesNotThrowACommentAway) {
  const std::string refused =
      edited("[route.ci]\nsecrets = [\n  { file = \"/a\" },  # of Anna\n]\n", {source("/b")});
  EXPECT_THAT(refused, HasSubstr("a comment inside the list would get lost"));
  EXPECT_THAT(refused, HasSubstr("write by hand, in [route.ci]: secrets = [{file = \"/b\"}]"));
}

TEST(EditSecrets, LeavesAloneWhatItCannotWrite) {
  EXPECT_THAT(edited("route.ci.timeout = \"3s\"\n", {source("/b")}),
              HasSubstr("in a way that only its author can change"));
  EXPECT_THAT(edited("route = { other = { enabled = true } }\n", {source("/b")}),
              HasSubstr("write by hand"));
}

TEST(EditSecrets, RefusesWhatTheConfigurationWouldRefuse) {
  EXPECT_THAT(edited("[route.ci]\nscheme = \"none\"\n", {source("/b")}),
              HasSubstr("scheme \"none\" takes no secret"));
  EXPECT_THAT(edited("", {source("/b")}, "githib"), HasSubstr("got \"githib\""));
}

TEST(EditSecrets, SeesThatTheEnvironmentWins) {
  const auto result = edit_secrets(
      "", {.environment = {{"HOOKHOST_ROUTE__CI__SECRET_FILE", "/from/the/environment"}}}, kFile,
      {.route = "ci", .sources = {source("/b")}, .scheme = {}});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("only its author"));
}

TEST(EditSecrets, QuotesANameThatNeedsIt) {
  const auto result =
      edit_secrets("", {}, kFile, {.route = "a/b \"c\"", .sources = {source("/b")}, .scheme = {}});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_THAT(*result, HasSubstr("[route.\"a/b \\\"c\\\"\"]\n"));
}

}  // namespace
}  // namespace hookhost::app
