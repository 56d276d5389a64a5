// SPDX-License-Identifier: Apache-2.0
//
// Who may go now, and who waits how long?
#include "dispatch/gate.h"

#include <gtest/gtest.h>

#include <array>
#include <deque>

namespace hookhost::dispatch {
namespace {

using Entry = Gate::Entry;

TEST(Gate, LetsAsManyInAsThereArePlaces) {
  Gate gate;
  std::array<Gate::Waiter, 3> waiters;

  EXPECT_EQ(gate.enter(waiters[0], 2), Entry::kEntered);
  EXPECT_EQ(gate.enter(waiters[1], 2), Entry::kEntered);
  EXPECT_EQ(gate.enter(waiters[2], 2), Entry::kWaiting);
}
TEST(Gate, GivesAPlaceToWhoWaitsLongest) {
  Gate gate;
  std::array<Gate::Waiter, 4> waiters;
  for (Gate::Waiter& waiter : waiters) static_cast<void>(gate.enter(waiter, 1));

  EXPECT_EQ(gate.leave(), &waiters[1]);
  EXPECT_EQ(gate.leave(), &waiters[2]);
  EXPECT_EQ(gate.leave(), &waiters[3]);
  EXPECT_EQ(gate.leave(), nullptr);
  EXPECT_EQ(gate.enter(waiters[0], 1), Entry::kEntered);
}
TEST(Gate, LetsNobodyOvertakeTheLine) {
  Gate gate;
  std::array<Gate::Waiter, 3> waiters;
  ASSERT_EQ(gate.enter(waiters[0], 1), Entry::kEntered);
  ASSERT_EQ(gate.enter(waiters[1], 1), Entry::kWaiting);

  EXPECT_EQ(gate.enter(waiters[2], 5), Entry::kWaiting);
}
TEST(Gate, ForgetsWhoIsTakenOut) {
  Gate gate;
  std::array<Gate::Waiter, 4> waiters;
  for (Gate::Waiter& waiter : waiters) static_cast<void>(gate.enter(waiter, 1));

  EXPECT_TRUE(gate.take_out(waiters[2]));   // from the middle
  EXPECT_FALSE(gate.take_out(waiters[2]));  // once
  EXPECT_FALSE(gate.take_out(waiters[0]));  // it is inside
  EXPECT_EQ(gate.leave(), &waiters[1]);
  EXPECT_FALSE(gate.take_out(waiters[1]));  // its turn came
  EXPECT_TRUE(gate.take_out(waiters[3]));   // the last
  EXPECT_EQ(gate.leave(), nullptr);
}
TEST(Gate, BoundsTheLine) {
  Gate gate;
  std::deque<Gate::Waiter> waiters(kGateWaitingMax + 2);
  ASSERT_EQ(gate.enter(waiters[0], 1), Entry::kEntered);
  for (std::size_t i = 1; i <= kGateWaitingMax; ++i)
    ASSERT_EQ(gate.enter(waiters[i], 1), Entry::kWaiting);

  EXPECT_EQ(gate.enter(waiters.back(), 1), Entry::kFull);
  EXPECT_EQ(gate.leave(), &waiters[1]);
  EXPECT_EQ(gate.enter(waiters.back(), 1), Entry::kWaiting);
}
// A new generation allows fewer: whoever waits under it waits until enough have left.
TEST(Gate, TakesTheLimitOfWhoWaits) {
  Gate gate;
  std::array<Gate::Waiter, 4> waiters;
  ASSERT_EQ(gate.enter(waiters[0], 3), Entry::kEntered);
  ASSERT_EQ(gate.enter(waiters[1], 3), Entry::kEntered);
  ASSERT_EQ(gate.enter(waiters[2], 3), Entry::kEntered);
  ASSERT_EQ(gate.enter(waiters[3], 1), Entry::kWaiting);

  EXPECT_EQ(gate.leave(), nullptr);
  EXPECT_EQ(gate.leave(), nullptr);
  EXPECT_EQ(gate.leave(), &waiters[3]);
}

}  // namespace
}  // namespace hookhost::dispatch
