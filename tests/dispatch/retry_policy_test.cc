// SPDX-License-Identifier: Apache-2.0
//
// What becomes of a delivery after each kind of outcome, and when is it tried again?
#include "dispatch/retry_policy.h"

#include <gtest/gtest.h>

namespace hookhost::dispatch {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using store::State;

constexpr double kMiddle = 0.5;  // no jitter

milliseconds delay_after(std::uint32_t attempts, double random = kMiddle) {
  return next_step({.kind = OutcomeKind::kFailed}, attempts - 1, random).due_in;
}

TEST(RetryPolicy, AnAttemptThatHandledOrSkippedOrGaveUpIsTheLast) {
  EXPECT_EQ(next_step({.kind = OutcomeKind::kHandled}, 0, kMiddle).state, State::kDone);
  EXPECT_EQ(next_step({.kind = OutcomeKind::kSkipped}, 3, kMiddle).state, State::kSkipped);
  const NextStep dead = next_step({.kind = OutcomeKind::kDead}, 3, kMiddle);
  EXPECT_EQ(dead.state, State::kDead);
  EXPECT_EQ(dead.attempts, 4u);
}

TEST(RetryPolicy, AFailureAndAMissedDeadlineAreTriedAgain) {
  for (const OutcomeKind kind : {OutcomeKind::kFailed, OutcomeKind::kTimedOut}) {
    const NextStep next = next_step({.kind = kind}, 0, kMiddle);
    EXPECT_EQ(next.state, State::kReady);
    EXPECT_EQ(next.attempts, 1u);
    EXPECT_EQ(next.due_in, 1s);
  }
}

TEST(RetryPolicy, TheDelaysGrowFromASecondToEightHours) {
  EXPECT_EQ(delay_after(1), 1s);
  EXPECT_EQ(delay_after(2), 5s);
  EXPECT_EQ(delay_after(10), 6h);
  EXPECT_EQ(delay_after(11), 8h);
  milliseconds sum{0};
  for (std::uint32_t attempt = 1; attempt < kAttemptsMax; ++attempt) sum += delay_after(attempt);
  EXPECT_LT(sum, 24h);
}

TEST(RetryPolicy, TheTwelfthFailureIsTheEnd) {
  EXPECT_EQ(next_step({.kind = OutcomeKind::kFailed}, 10, kMiddle).state, State::kReady);
  const NextStep last = next_step({.kind = OutcomeKind::kFailed}, 11, kMiddle);
  EXPECT_EQ(last.state, State::kDead);
  EXPECT_EQ(last.attempts, kAttemptsMax);
}

TEST(RetryPolicy, JitterMovesADelayByAFifthBothWays) {
  EXPECT_EQ(delay_after(3, 0.0), 24s);
  EXPECT_GT(delay_after(3, 0.999), 35s);
  EXPECT_LE(delay_after(3, 0.999), 36s);
}

TEST(RetryPolicy, AHandlersWishTakesThePlaceOfADelayUpToSixHours) {
  Outcome outcome{.kind = OutcomeKind::kFailed};
  outcome.retry_after = 90s;
  EXPECT_EQ(next_step(outcome, 5, 0.9).due_in, 90s);
  outcome.retry_after = 6h;
  EXPECT_EQ(next_step(outcome, 5, 0.9).due_in, 6h);
  outcome.retry_after = 7h;
  EXPECT_EQ(next_step(outcome, 5, 0.9).due_in, 6h);
  EXPECT_EQ(next_step(outcome, 11, 0.9).state, State::kDead) << "a wish is no further attempt";
}

TEST(RetryPolicy, WhatDidNotRunIsNoAttempt) {
  for (const OutcomeKind kind : {OutcomeKind::kOverloaded, OutcomeKind::kCancelled}) {
    const NextStep next = next_step({.kind = kind}, 11, kMiddle);
    EXPECT_EQ(next.state, State::kReady);
    EXPECT_EQ(next.attempts, 11u);
    EXPECT_EQ(next.due_in, kNotTriedDelay);
  }
}

}  // namespace
}  // namespace hookhost::dispatch
