// SPDX-License-Identifier: Apache-2.0
//
// Does each form of a path reach its handler, as with the Python server? Rows P01 to P14 of its
// table; P10 comes with the swap.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/live_host.h"
#include "support/temp_dir.h"

namespace hookhost::e2e {
namespace {

using ::testing::HasSubstr;

class Paths : public SharedHost<Paths, ::testing::TestWithParam<Row>> {
 public:
  static std::unique_ptr<LiveHost> make_host() {
    return std::make_unique<LiveHost>(
        std::vector<std::string>{"serve", "--plugins", plugin_folder("parity")});
  }
};

TEST_P(Paths, AnswersAsTheTableSays) { expect_answer(host(), GetParam()); }

Row reaches(std::string id, std::string target, std::string name) {
  return {std::move(id), {"POST", std::move(target)}, 200, '"' + std::move(name) + '"'};
}
Row unknown(std::string id, std::string target) {
  return {std::move(id), {"POST", std::move(target)}, 404, R"({"detail":"Not Found"})"};
}

const Row kPathRows[] = {
    reaches("P01_SlashInFront", "/webhooks/p01a", "p01_slash_in_front"),
    reaches("P01_NoSlash", "/webhooks/p01b", "p01_bare"),
    reaches("P01_SlashBehind", "/webhooks/p01c", "p01_slash_behind"),
    reaches("P01_SlashesAtBothEnds", "/webhooks/p01d", "p01_both"),
    reaches("P02_TwoSegments", "/webhooks/p02/b", "p02_two"),
    reaches("P02_TwoSegmentsInSlashes", "/webhooks/p02/b2", "p02_two_slashes"),
    reaches("P03_ManySlashes", "/webhooks/p03", "p03_slashes"),
    reaches("P04_ThePrefixIsAlwaysAdded", "/webhooks/webhooks/p04", "p04_prefix"),
    unknown("P04_NotWithoutTheSecondPrefix", "/webhooks/p04"),
    reaches("P05_EmptyIsTheName", "/webhooks/p05_empty", "p05_empty"),
    reaches("P07_Space", "/webhooks/%20p07", "p07_space"),
    reaches("P07_Letter", "/webhooks/p07%C3%A9", "p07_letter"),
    reaches("P07_LetterInLowerCaseEscapes", "/webhooks/p07%c3%a9", "p07_letter"),
    unknown("P07_IsDecodedOnce", "/webhooks/p07%25C3%25A9"),
    {"P08_TheParameterReachesTheHandler", {"POST", "/webhooks/p08/5"}, 200, R"({"id":"5"})"},
    {"P08_TheParameterIsDecoded", {"POST", "/webhooks/p08/a%20b"}, 200, R"({"id":"a b"})"},
    reaches("P08_FixedBeatsTemplate", "/webhooks/p08/fixed", "p08_fixed"),
    unknown("P08_ParameterIsOneSegment", "/webhooks/p08/5/6"),
    unknown("P08_ParameterIsNotEmpty", "/webhooks/p08/"),
    reaches("P11_SlashAtTheEndIsServed", "/webhooks/p01a/", "p01_slash_in_front"),
    unknown("P12_TwoSlashesInside", "/webhooks//p01a"),
    unknown("P12_OtherCase", "/webhooks/P01a"),
    unknown("P13_ThePrefixAlone", "/webhooks"),
    unknown("P13_ThePrefixWithASlash", "/webhooks/"),
};
INSTANTIATE_TEST_SUITE_P(Rows, Paths, ::testing::ValuesIn(kPathRows), row_name);

TEST(PathsAtLoad, P04_SayTheUnusualPrefix) {
  LiveHost host({"serve", "--plugins", plugin_folder("parity")});

  EXPECT_THAT(host.output(), HasSubstr("/webhooks/webhooks/p04"));
}

TEST(PathsAtLoad, P06_RefuseThePathOfAllWebhooks) {
  LiveHost host({"serve", "--plugins", plugin_folder("slash")});

  EXPECT_THAT(host.output(), HasSubstr("slash.so"));
  EXPECT_THAT(host.output(), HasSubstr("is that of all webhooks"));
  EXPECT_EQ(host.post("/webhooks/", "{}").status, 404);
}

TEST(PathsAtLoad, P07_PrintPercentEncoded) {
  LiveHost host({"serve", "--plugins", plugin_folder("parity")});

  EXPECT_THAT(host.output(), HasSubstr("/webhooks/%20p07\""));
  EXPECT_THAT(host.output(), HasSubstr("/webhooks/p07%C3%A9\""));
}

// The later file is refused with the seed's sentence and both names; the first one serves.
TEST(PathsAtLoad, P09_RefuseTheLaterOfTwoPluginsWithOnePath) {
  const test::TempDir folder;
  std::filesystem::copy(plugin_file("twin_a"), folder.path());
  std::filesystem::copy(plugin_file("twin_b"), folder.path());

  LiveHost host({"serve", "--plugins", folder.path()});

  EXPECT_EQ(host.post("/webhooks/twin", "{}").body, "\"twin_a\"");
  EXPECT_THAT(host.output(), HasSubstr("Webhook /webhooks/twin already exists."));
  EXPECT_THAT(host.output(), HasSubstr("twin_a.so, endpoint twin"));
  EXPECT_THAT(host.output(), HasSubstr("twin_b.so, endpoint twin"));
}

// Whoever can connect is served: the routes exist before the port listens. `ready` comes later
// still, so the first request after it proves the order only in part; that nothing is added to a
// table after it was published is what makes it true.
TEST(PathsAtLoad, P14_ExistBeforeThePortListens) {
  LiveHost host({"serve", "--plugins", plugin_folder("parity")});

  EXPECT_EQ(host.post("/webhooks/p01a", "{}").status, 200);
}

}  // namespace
}  // namespace hookhost::e2e
