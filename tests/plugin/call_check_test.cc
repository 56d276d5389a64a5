// SPDX-License-Identifier: Apache-2.0
//
// Is an inline handler that holds its event loop for too long told, and one in time not?
#include "plugin/call_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugin/puppet.h"
#include "support/fake_clock.h"

namespace hookhost::plugin {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

// The lines about a call of that duration.
std::vector<std::string> lines_after(std::chrono::nanoseconds duration, std::int32_t place,
                                     CheckLevel level = CheckLevel::kStrict) {
  test::FakeClock clock;
  TestHost host({"9.9.9", true, false, level}, &clock);
  Puppet puppet;
  puppet.endpoint("x", HOOKHOST_FORM_RAW, [&](hookhost_call*, const hookhost_request*) {
    clock.advance(duration);
    return hookhost_status{HOOKHOST_OK};
  });
  puppet.endpoints()[0].place = place;
  puppet.load(host);
  TestAttempt attempt;
  EXPECT_EQ(attempt.run(puppet.handler()).kind, OutcomeKind::kHandled);
  EXPECT_EQ(puppet.generation->violations(), host.log.lines().size());
  return host.log.lines();
}

TEST(SlowInlineHandler, IsToldBeyondTheLimitWithRouteAndEvent) {
  EXPECT_THAT(lines_after(5ms + 1ns, HOOKHOST_PLACE_INLINE),
              ElementsAre("4 puppet.1 /webhooks/x|evt_0000000000001|handle held its event loop for "
                          "6 ms; an inline handler has 5 ms"));
}

TEST(SlowInlineHandler, IsNotToldAtTheLimit) {
  EXPECT_THAT(lines_after(5ms, HOOKHOST_PLACE_INLINE), IsEmpty());
}

TEST(SlowInlineHandler, IsNotToldInThePool) {
  EXPECT_THAT(lines_after(1s, HOOKHOST_PLACE_POOL), IsEmpty());
}

TEST(SlowInlineHandler, IsNotToldBelowStrict) {
  EXPECT_THAT(lines_after(1s, HOOKHOST_PLACE_INLINE, CheckLevel::kBasic), IsEmpty());
}

TEST(DeferredNames, AreFoundUntilManyNewerOnesCame) {
  DeferredNames names;
  names.add(7, "/webhooks/x", "evt_7");
  ASSERT_TRUE(names.find(7));
  EXPECT_EQ(names.find(7)->route, "/webhooks/x");
  EXPECT_EQ(names.find(7)->event_id, "evt_7");
  EXPECT_FALSE(names.find(8));
  EXPECT_FALSE(names.find(0));

  for (hookhost_token token = 100; token < 355; ++token) names.add(token, "", "");
  EXPECT_TRUE(names.find(7));
  names.add(355, "", "");
  EXPECT_FALSE(names.find(7));
}

}  // namespace
}  // namespace hookhost::plugin
