// SPDX-License-Identifier: Apache-2.0
//
// When does a change of the folder have to wait, and until when? What swaps do is tests/e2e's.
#include "app/plugin_swap.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/fake_clock.h"
#include "support/temp_dir.h"

namespace hookhost::app {
namespace {

using namespace std::chrono_literals;

struct NoLog final : plugin::LogSink {
  void write(const plugin::LogLine&) noexcept override {}
};

// A folder of files that are no libraries, a clock of the test's own, and no host around it.
class SwapTimes : public testing::Test {
 protected:
  void start(SwapBatch batch, std::chrono::milliseconds interval) {
    std::filesystem::create_directories(folder_ / "plugins");
    config_.plugins = folder_ / "plugins";
    config_.swap_settle = 0ms;
    config_.swap_batch = batch;
    config_.swap_interval = interval;
    plugin::LoadReport report;
    auto plan = swap_.start(report);
    ASSERT_TRUE(plan);
    table_.emplace(std::move(plan->table));
    swap_.serve(*table_, [] {});
  }
  void write(std::string_view name, std::string_view text) {
    folder_.write("plugins/" + std::string(name), text, 0700);
    swap_.tend();
    clock_.advance(1ms);
    swap_.tend();
  }
  std::uint64_t refused() const { return swap_.counts().of(SwapLine::Kind::kRefused); }
  std::chrono::nanoseconds wait() const { return swap_.tend_by() - clock_.monotonic_now(); }

  test::FakeClock clock_;
  test::TempDir folder_;
  Config config_;
  telemetry::Log log_{{.format = telemetry::LogFormat::kJson, .level = telemetry::Level::kError},
                      {},
                      clock_,
                      [](std::string_view) {}};
  telemetry::Metrics metrics_{1};
  NoLog no_log_;
  plugin::Registry registry_{
      {.stage_dir = folder_ / "stage", .host_version = "1", .is_probed = false, .probe = {}},
      {clock_, no_log_, [](Work&) { return false; }},
      [](std::string_view) { return plugin::PluginSettings(); }};
  PluginSwap swap_{config_, {}, registry_, metrics_, log_, clock_};
  std::optional<routing::PublishedTable> table_;
};

TEST_F(SwapTimes, AFileIsLoadedOnceInAnInterval) {
  start(SwapBatch::kEach, 1000ms);
  write("a.so", "no library");
  EXPECT_EQ(refused(), 1u);
  write("a.so", "none either");
  EXPECT_EQ(refused(), 1u);
  EXPECT_GT(wait(), 900ms);
  EXPECT_LE(wait(), 1000ms);

  write("b.so", "another one");
  EXPECT_EQ(refused(), 2u) << "it has nothing to wait for";

  clock_.advance(1000ms);
  swap_.tend();
  EXPECT_EQ(refused(), 3u);
}

TEST_F(SwapTimes, ABatchWaitsAsAWhole) {
  start(SwapBatch::kAll, 1000ms);
  write("a.so", "no library");
  clock_.advance(500ms);
  write("b.so", "another one");  // tried with a.so, which was loaded too short ago
  EXPECT_EQ(refused(), 1u);
  EXPECT_GT(wait(), 400ms);
  clock_.advance(500ms);
  swap_.tend();
  EXPECT_EQ(refused(), 2u) << "the first one is known";
}

TEST_F(SwapTimes, ABatchThatIsHeldBackWaitsForNewsAndNotForTime) {
  start(SwapBatch::kAll, 0ms);
  write("a.so", "no library");
  EXPECT_EQ(refused(), 1u);
  for (int i = 0; i < 3; ++i) {
    EXPECT_GT(wait(), 1s) << "only the look at the folder";
    clock_.advance(10s);
    swap_.tend();
  }
  EXPECT_EQ(refused(), 1u);
}

}  // namespace
}  // namespace hookhost::app
