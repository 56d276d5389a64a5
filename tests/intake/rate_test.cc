// SPDX-License-Identifier: Apache-2.0
//
// Does a second have its share, and the next one as well?
#include "intake/rate.h"

#include <gtest/gtest.h>

namespace hookhost::intake {
namespace {

using namespace std::chrono_literals;

TEST(Rate, AllowsItsNumberInEachSecond) {
  Rate rate(2);
  const MonotonicTime began{1h};

  EXPECT_TRUE(rate.take(began));
  EXPECT_TRUE(rate.take(began));
  EXPECT_FALSE(rate.take(began + 999ms));
  EXPECT_TRUE(rate.take(began + 1s));
  EXPECT_TRUE(rate.take(began + 1s));
  EXPECT_FALSE(rate.take(began + 1s));
}

}  // namespace
}  // namespace hookhost::intake
