// SPDX-License-Identifier: Apache-2.0
//
// Are two plugins that want the same told apart from two that do not, and are both named?
#include "plugin/conflict.h"

#include <gtest/gtest.h>

namespace hookhost::plugin {
namespace {

const Claim kFirst{"a.so", "retrain", {{"train", "/webhooks/train"}, {"of", "/teams/{team}/hook"}}};

TEST(Conflict, IsNoneBetweenOtherIdsAndOtherRoutes) {
  EXPECT_TRUE(check_conflict(kFirst, {"b.so", "notify", {{"train", "/webhooks/trains"}}}));
  EXPECT_TRUE(check_conflict(kFirst, {"b.so", "notify", {}}));
}

TEST(Conflict, OfAnIdNamesTheFirstFile) {
  const Status status = check_conflict(kFirst, {"b.so", "retrain", {}});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, "plugin id \"retrain\" is taken by a.so");
}

TEST(Conflict, OfARouteNamesBothEndpoints) {
  const Status status = check_conflict(kFirst, {"b.so", "notify", {{"late", "/webhooks/train"}}});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, "Webhook /webhooks/train already exists.");
  EXPECT_EQ(status.error().fix,
            "first:  a.so, endpoint train\nsecond: b.so, endpoint late   (refused)");
}

TEST(Conflict, CountsParametersByPlaceAndNotByName) {
  EXPECT_FALSE(check_conflict(kFirst, {"b.so", "notify", {{"x", "/teams/{who}/hook"}}}));
  EXPECT_TRUE(check_conflict(kFirst, {"b.so", "notify", {{"x", "/teams/{who}/other"}}}));
}

}  // namespace
}  // namespace hookhost::plugin
