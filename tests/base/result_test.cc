// SPDX-License-Identifier: Apache-2.0
//
// Does a Result hold exactly one of value and error, and stop the program when asked for the other?
#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace hookhost {
namespace {

Result<int> halve(int n) {
  if (n % 2 != 0) return Error{ErrorCode::kInvalid, "odd", ""};
  return n / 2;
}

TEST(Result, HoldsAValueOrAnError) {
  EXPECT_EQ(*halve(4), 2);
  EXPECT_FALSE(halve(3));
  EXPECT_EQ(halve(3).error().message, "odd");
}

TEST(Result, MovesWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
  const std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 7);
}

TEST(ResultDeathTest, AskingForWhatIsNotThereIsOurBug) {
  EXPECT_DEATH((void)halve(3).value(), "check failed");
  EXPECT_DEATH((void)halve(4).error(), "check failed");
}

TEST(Status, IsGoodUntilItHoldsAnError) {
  EXPECT_TRUE(Status());
  const Status failed = Error{ErrorCode::kDenied, "no", ""};
  EXPECT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::kDenied);
}

}  // namespace
}  // namespace hookhost
