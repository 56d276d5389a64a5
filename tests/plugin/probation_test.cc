// SPDX-License-Identifier: Apache-2.0
//
// When has a new build proved itself, and when must the one before come back?
#include "plugin/probation.h"

#include <gtest/gtest.h>

namespace hookhost::plugin {
namespace {

using namespace std::chrono_literals;
using Kind = ProbationVerdict::Kind;

constexpr CallTally kGood{.calls = 1000, .failed = 0, .violations = 0};

ProbationVerdict verdict(const CallTally& now, const CallTally& before = kGood,
                         std::chrono::milliseconds elapsed = 1s) {
  return judge({}, now, before, elapsed);
}

TEST(Probation, GoesOnUntilItsTimeOrItsCallsAreOver) {
  EXPECT_EQ(verdict({}, kGood, 29'999ms).kind, Kind::kGoesOn);
  EXPECT_EQ(verdict({}, kGood, 30s).kind, Kind::kProved);
  EXPECT_EQ(verdict({.calls = 199}).kind, Kind::kGoesOn);
  EXPECT_EQ(verdict({.calls = 200}).kind, Kind::kProved);
}

TEST(Probation, AFewFailuresAreChance) {
  EXPECT_EQ(verdict({.calls = 4, .failed = 4}).kind, Kind::kGoesOn);
  EXPECT_EQ(verdict({.calls = 5, .failed = 5}).kind, Kind::kFailed);
}

TEST(Probation, AFifthOfTheCallsMayFail) {
  EXPECT_EQ(verdict({.calls = 25, .failed = 5}).kind, Kind::kGoesOn);
  EXPECT_EQ(verdict({.calls = 24, .failed = 5}).kind, Kind::kFailed);
}

TEST(Probation, WhatFailedBeforeIsNoFaultOfTheNewBuild) {
  const CallTally half{.calls = 1000, .failed = 500, .violations = 0};
  EXPECT_EQ(verdict({.calls = 100, .failed = 70}, half).kind, Kind::kGoesOn);
  EXPECT_EQ(verdict({.calls = 100, .failed = 71}, half).kind, Kind::kFailed);
}

TEST(Probation, SaysWhatItSaw) {
  EXPECT_EQ(verdict({.calls = 8, .failed = 6}).reason, "6 of 8 calls failed (before: 0 of 1000)");
  EXPECT_EQ(verdict({.calls = 8, .failed = 0, .violations = 1}).reason,
            "it broke rules of the ABI 1 time, the build before none");
}

TEST(Probation, RulesThatTheBuildBeforeBrokeTooAreNoReason) {
  const CallTally before{.calls = 10, .failed = 0, .violations = 1};
  EXPECT_EQ(verdict({.calls = 8, .failed = 0, .violations = 9}, before).kind, Kind::kGoesOn);
}

TEST(Probation, FailsRatherThanProvesWhenBothAreDue) {
  EXPECT_EQ(verdict({.calls = 200, .failed = 200}, kGood, 1h).kind, Kind::kFailed);
}

}  // namespace
}  // namespace hookhost::plugin
