// SPDX-License-Identifier: Apache-2.0
//
// Does the fake host drive any plugin table, here one in C, as the ABI says, and does it catch what
// breaks the rules?
#include <gtest/gtest.h>
#include <hookhost/testing/fake_host.hpp>

#include <stdexcept>
#include <string>

#include "c_plugin.h"

namespace hookhost {
namespace {

using test::Outcome;

class CPlugin : public ::testing::Test {
 protected:
  CPlugin() { c_plugin_released = 0; }
  test::Host host{c_plugin()};
};

TEST_F(CPlugin, Answers) {
  const auto response = host.post("/webhooks/echo", "{not json");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "{not json");
  EXPECT_EQ(response.outcome, Outcome::kDone);
}

TEST_F(CPlugin, GetsEachChunkBackOnce) {
  host.post("echo", "x");
  EXPECT_EQ(c_plugin_released, 1);
  host.post("twice", "x");  // the second answer was not taken
  EXPECT_EQ(c_plugin_released, 2);
  host.post("bad_status", "x");
  EXPECT_EQ(c_plugin_released, 2);
}

TEST_F(CPlugin, FailsWhenItBreaksARule) {
  EXPECT_EQ(host.post("twice", "x").outcome, Outcome::kFailed);
  EXPECT_EQ(host.post("bad_status", "x").outcome, Outcome::kFailed);
  EXPECT_EQ(host.post("body_of_204", "x").outcome, Outcome::kFailed);
  EXPECT_EQ(host.post("pending", "x").error, "handle returned HOOKHOST_PENDING without defer");
}

TEST_F(CPlugin, CompletesADeferredCallOnce) { EXPECT_EQ(host.post("deferred", "x").body, "POST"); }

TEST_F(CPlugin, IsToldOfACancellation) {
  const auto delivery = host.start("parked", "x");
  EXPECT_EQ(delivery.response().outcome, Outcome::kPending);
  delivery.cancel(CancelReason::kDraining);
  EXPECT_EQ(c_plugin_cancelled_with(), HOOKHOST_CANCEL_DRAINING);
  EXPECT_EQ(delivery.response().outcome, Outcome::kRetry);
}

TEST_F(CPlugin, SeesTextWhereItStandsInTheBody) {
  EXPECT_EQ(host.post("zero_copy", test::hub_event()).body, "user/repo");
  EXPECT_EQ(host.post("zero_copy", test::hub_event({.action = "create", .scope = "repo"})).outcome,
            Outcome::kSkipped);
}

TEST_F(CPlugin, AsksForMembersByTheirSize) { EXPECT_TRUE(c_plugin_has_follows_struct_size()); }

std::string refusal(const hookhost_plugin& plugin) {
  try {
    test::Host host(&plugin);
    return "accepted";
  } catch (const std::runtime_error& refused) {
    return refused.what();
  }
}

TEST(FakeHost, RefusesWhatTheHostWouldRefuse) {
  hookhost_plugin plugin = *c_plugin();
  EXPECT_EQ(refusal(plugin), "accepted");
  plugin.abi_minor_required = HOOKHOST_ABI_MINOR + 1;
  EXPECT_EQ(refusal(plugin), "plugin: needs ABI 1.1, this host speaks 1.0");
  plugin = *c_plugin();
  plugin.magic = 0;
  EXPECT_EQ(refusal(plugin), "plugin: wrong magic");
  plugin = *c_plugin();
  plugin.endpoints.count = 0;
  EXPECT_EQ(refusal(plugin), "plugin: it has no endpoint");
  plugin = *c_plugin();
  plugin.id.len = 0;
  EXPECT_EQ(refusal(plugin), "plugin: id or version is empty");
}

TEST(HubEvent, IsAWholeEvent) {
  const Document event(
      test::hub_event({.repo_name = "a/b", .comment = "hi", .is_pull_request = true}));
  ASSERT_TRUE(event);
  EXPECT_EQ(event.root().pointer("/repo/url/web").get_or(""), "https://huggingface.co/a/b");
  EXPECT_EQ(event["comment"]["content"].get_or(""), "hi");
  EXPECT_EQ(event["discussion"]["isPullRequest"].get_or(false), true);
  EXPECT_FALSE(Document(test::hub_event())["discussion"]);
}

}  // namespace
}  // namespace hookhost
