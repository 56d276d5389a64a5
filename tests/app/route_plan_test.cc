// SPDX-License-Identifier: Apache-2.0
//
// From what plugins say of their routes and what the operator says, to the table.
#include "app/route_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/routes.h"
#include "support/scripted_handler.h"

namespace hookhost::app {
namespace {

using ::testing::HasSubstr;

class RoutePlanTest : public ::testing::Test {
 protected:
  RoutePlanTest() : word_(config_.routes["endpoint"]) { route_.form = PayloadForm::kHub; }
  Result<RoutePlan> plan() const { return plan_routes({route_}, config_); }
  std::string complaint() const {
    const auto planned = plan();
    return planned ? "" : planned.error().message;
  }
  const Route& planned(const RoutePlan& plan) const { return *plan.table->routes().begin(); }

  Route route_ = test::route_to(std::make_shared<test::ScriptedHandler>());
  Config config_;
  RouteOverrides& word_;
};

TEST_F(RoutePlanTest, HasNoRateLimitUnlessToldSo) {
  EXPECT_EQ(planned(plan().value()).rate_limit, nullptr);
}

TEST_F(RoutePlanTest, TakesAsManyAtOnceAsASecondUnlessToldOtherwise) {
  constexpr MonotonicTime now{std::chrono::hours(1)};
  word_.rate = 2;
  const RoutePlan two = plan().value();
  RateLimit& limit = *planned(two).rate_limit;
  EXPECT_EQ(limit.take(now).count(), 0);
  EXPECT_EQ(limit.take(now).count(), 0);
  EXPECT_GT(limit.take(now).count(), 0);

  word_.burst = 1;
  const RoutePlan one = plan().value();
  RateLimit& narrow = *planned(one).rate_limit;
  EXPECT_EQ(narrow.take(now).count(), 0);
  EXPECT_GT(narrow.take(now).count(), 0);
}

TEST_F(RoutePlanTest, HasTheWindowOfItsOwnOrElseTheGlobalOne) {
  config_.dedup_window = std::chrono::hours(2);
  EXPECT_EQ(planned(plan().value()).dedup_window, std::chrono::hours(2));
  word_.dedup_window = std::chrono::hours(0);
  EXPECT_EQ(planned(plan().value()).dedup_window, std::chrono::hours(0));
}

TEST_F(RoutePlanTest, TakesTheOperatorsWishBesideThePluginsFilter) {
  route_.events = "repo";
  word_.wish = {"repo.content", "me/*", "refs/heads/main", "bot"};
  const RoutePlan made = plan().value();
  EXPECT_EQ(planned(made).events, "repo");
  EXPECT_EQ(planned(made).wish.events, "repo.content");
  EXPECT_EQ(planned(made).wish.repos, "me/*");
  EXPECT_EQ(planned(made).wish.refs, "refs/heads/main");
  EXPECT_EQ(planned(made).wish.ignored_authors, "bot");
}

TEST_F(RoutePlanTest, TakesTheAddressesThatTheOperatorAllows) {
  EXPECT_TRUE(planned(plan().value()).allow_from.empty());

  word_.allow_from = {*parse_ip_range("10.0.0.0/8")};

  const RoutePlan made = plan().value();
  ASSERT_EQ(planned(made).allow_from.size(), 1U);
  EXPECT_EQ(print_ip_range(planned(made).allow_from.front()), "10.0.0.0/8");
}

TEST_F(RoutePlanTest, RefusesAWishThatFindsNothingToLookAt) {
  word_.wish.repos = "me/*";
  route_.form = PayloadForm::kRaw;
  EXPECT_THAT(complaint(), HasSubstr("route endpoint: a filter by repository, ref or author has "
                                     "nothing to look at: the body is taken raw"));

  route_.form = PayloadForm::kJson;
  word_.scheme = "stripe";
  config_.secrets.credentials.emplace_back(Secret("a-secret-of-24-bytes-abc"));
  EXPECT_THAT(complaint(), HasSubstr("repos has nothing to look at: events of this scheme do not "
                                     "say it"));
  word_.scheme = "github";
  EXPECT_EQ(complaint(), "");
}

}  // namespace
}  // namespace hookhost::app
