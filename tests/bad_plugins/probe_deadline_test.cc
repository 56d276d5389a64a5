// SPDX-License-Identifier: Apache-2.0
//
// When is a build too slow? By its own doing, and not by that of the machine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <thread>
#include <vector>

#include "plugin/test_registry.h"

namespace hookhost::plugin {
namespace {

using testing::HasSubstr;

// More than a good build needs of a processor, less than it takes beside kRivals.
constexpr std::chrono::milliseconds kTimeout{1500};
constexpr int kRivals = 7;

ProbeReport check_within(std::chrono::milliseconds timeout, std::string_view plugin) {
  const test::TempDir folder;
  ProbeOptions options;
  options.program = HOOKHOST_TEST_PROBE;
  options.arguments.clear();
  options.timeout = timeout;
  return check_file(copy_plugin(plugin, folder), folder / "stage", options,
                    [](std::string_view) { return PluginSettings{}; });
}

// This thread, those that it starts and the children that they start, on one processor, with some
// that never rest.
class CrowdedProcessor {
 public:
  CrowdedProcessor() {
    ::sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(::sched_getcpu(), &one);
    ::sched_setaffinity(0, sizeof one, &one);
    for (int i = 0; i < kRivals; ++i) {
      rivals_.emplace_back([this] {
        while (!is_over_.load(std::memory_order_relaxed)) {
        }
      });
    }
  }
  ~CrowdedProcessor() {
    is_over_ = true;
    for (std::thread& rival : rivals_) rival.join();
    ::sched_setaffinity(0, sizeof before_, &before_);
  }
  CrowdedProcessor(const CrowdedProcessor&) = delete;
  CrowdedProcessor& operator=(const CrowdedProcessor&) = delete;

 private:
  cpu_set_t before_{};
  std::atomic<bool> is_over_{false};
  std::vector<std::thread> rivals_;
};

TEST(ProbeDeadline, DoesNotCountTheTimeInWhichABuildWaitsForAProcessor) {
  const CrowdedProcessor crowd;

  const ProbeReport report = check_within(kTimeout, "busy_in_create");

  EXPECT_TRUE(report.is_good) << report.reason;
}

TEST(ProbeDeadline, CountsTheTimeOnAProcessor) {
  const ProbeReport report = check_within(std::chrono::milliseconds(100), "busy_in_create");

  EXPECT_FALSE(report.is_good);
  EXPECT_THAT(report.reason, HasSubstr("did not come back from "));
}

TEST(ProbeDeadline, CountsTheTimeAsleepHoweverBusyTheMachineIs) {
  const CrowdedProcessor crowd;

  const ProbeReport report = check_within(kTimeout, "never_returns");

  EXPECT_FALSE(report.is_good);
  EXPECT_THAT(report.reason, HasSubstr("did not come back from create within 1.5 s"));
}

}  // namespace
}  // namespace hookhost::plugin
