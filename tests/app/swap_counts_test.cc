// SPDX-License-Identifier: Apache-2.0
//
// Is every swap counted under what became of it and why, with words that are a closed set?
#include "app/swap_counts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "telemetry/exposition.h"

namespace hookhost::app {
namespace {

using namespace std::chrono_literals;
using plugin::SwapCause;
using testing::HasSubstr;
using testing::Not;

std::string text_of(const SwapCounts& counts) {
  telemetry::MetricSet set;
  counts.collect(set);
  return telemetry::exposition(std::move(set).take());
}

TEST(SwapCounts, ShowsTheZeroOfWhatCanHappenAndNothingElse) {
  const std::string text = text_of(SwapCounts());
  EXPECT_THAT(text, HasSubstr(R"(hookhost_swaps_total{result="live",reason="none"} 0)"));
  EXPECT_THAT(text, HasSubstr(R"(hookhost_swaps_total{result="removed",reason="none"} 0)"));
  for (const char* reason : {"pinned", "stage", "inspect", "probe", "load", "conflict", "create",
                             "config", "batch", "command"})
    EXPECT_THAT(text, HasSubstr("hookhost_swaps_total{result=\"refused\",reason=\"" +
                                std::string(reason) + "\"} 0"));
  EXPECT_THAT(text, HasSubstr(R"(hookhost_swaps_total{result="rolled_back",reason="command"} 0)"));
  EXPECT_THAT(text,
              HasSubstr(R"(hookhost_swaps_total{result="rolled_back",reason="probation"} 0)"));
  EXPECT_THAT(text, Not(HasSubstr("restless")));
  EXPECT_THAT(text, Not(HasSubstr(R"(result="refused",reason="probation")")));
}

TEST(SwapCounts, TellsCausesApartAndSumsThem) {
  SwapCounts counts;
  counts.add(SwapLine::Kind::kRefused, SwapCause::kInspect);
  counts.add(SwapLine::Kind::kRefused, SwapCause::kProbe);
  counts.add(SwapLine::Kind::kRefused, SwapCause::kProbe);
  counts.add(SwapLine::Kind::kLive, SwapCause::kNone);

  EXPECT_EQ(counts.of(SwapLine::Kind::kRefused), 3u);
  const std::string text = text_of(counts);
  EXPECT_THAT(text, HasSubstr(R"({result="refused",reason="inspect"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"({result="refused",reason="probe"} 2)"));
  EXPECT_THAT(text, HasSubstr(R"({result="live",reason="none"} 1)"));
}

TEST(SwapCounts, MeasuresSwapsInTheBucketsOfEveryHistogram) {
  SwapCounts counts;
  counts.add_swap(10ms);
  counts.add_swap(11ms);
  const std::string text = text_of(counts);
  EXPECT_THAT(text, HasSubstr(R"(hookhost_swap_seconds_bucket{le="0.01"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(hookhost_swap_seconds_bucket{le="0.025"} 2)"));
  EXPECT_THAT(text, HasSubstr("hookhost_swap_seconds_count 2"));
  EXPECT_THAT(text, HasSubstr("hookhost_swap_seconds_sum 0.021"));
}

TEST(SwapCounts, SaysWhatIsRefusedAndPinnedNow) {
  SwapCounts counts;
  counts.set_now(2, 1);
  EXPECT_THAT(text_of(counts), HasSubstr("hookhost_plugins_refused 2"));
  EXPECT_THAT(text_of(counts), HasSubstr("hookhost_pinned_generations 1"));
}

}  // namespace
}  // namespace hookhost::app
