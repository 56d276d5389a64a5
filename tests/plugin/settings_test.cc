// SPDX-License-Identifier: Apache-2.0
//
// Does a changed setting reach the build that runs (hookhost.config/1), and is it all of them or
// none?
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugin/swapping_host.h"

namespace hookhost::plugin {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

struct ConfiguredHost : SwappingHost {
  ConfiguredHost()
      : SwappingHost(with_probation(std::chrono::milliseconds(0)), "remembering_one") {}
  LoadReport set(std::string_view config) {
    settings["remembering"].config_json = config;
    return registry->reload({file});
  }
  std::string count() { return answer("/webhooks/count"); }
};

TEST(Settings, ReachTheBuildThatRuns) {
  ConfiguredHost host;
  host.count();

  const LoadReport report = host.set(R"({"name":"second"})");
  host.publish().reset();

  EXPECT_THAT(report.configured, SizeIs(1));
  EXPECT_THAT(report.loaded, IsEmpty());
  EXPECT_EQ(host.count(), "\"one 2 2\"");
  EXPECT_EQ(host.states(), "1 live");
}

TEST(Settings, MakeANewGenerationWhenTheBuildAsksForIt) {
  ConfiguredHost host;
  host.count();

  const LoadReport report = host.set(R"({"name":"new"})");
  host.publish().reset();

  EXPECT_THAT(report.configured, IsEmpty());
  ASSERT_THAT(report.loaded, SizeIs(1));
  EXPECT_EQ(report.loaded[0].generation, 2u);
  EXPECT_EQ(host.count(), "\"one 2\"");  // it took over the count
}

TEST(Settings, ThatTheBuildRefusesAreNotTaken) {
  ConfiguredHost host;

  const LoadReport report = host.set(R"({"name":"bad"})");
  host.registry->undo({});

  ASSERT_THAT(report.refused, SizeIs(1));
  EXPECT_EQ(report.refused[0].reason, "apply failed: that name is bad");
  EXPECT_EQ(host.states(), "1 live");
}

TEST(Settings, AreTakenBackWhenTheChangeIsUndone) {
  ConfiguredHost host;
  host.set(R"({"name":"second"})");

  host.registry->undo({});

  EXPECT_EQ(host.count(), "\"one 1 1\"");
}

TEST(Settings, OfABuildWithNewSecretsMakeANewGeneration) {
  ConfiguredHost host;
  host.settings["remembering"].secrets.emplace("token", Secret("0123456789abcdef"));

  EXPECT_THAT(host.set(R"({"name":"second"})").loaded, SizeIs(1));
}

}  // namespace
}  // namespace hookhost::plugin
