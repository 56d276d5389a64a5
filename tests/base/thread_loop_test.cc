// SPDX-License-Identifier: Apache-2.0
//
// Does a thread's loop run what is posted, in order, and ring alarms?
#include "base/thread_loop.h"

#include <gtest/gtest.h>

#include <future>
#include <vector>

namespace hookhost {
namespace {

using namespace std::chrono_literals;

// Runs a function on the loop, once.
struct Job : Work {
  explicit Job(std::function<void()> what)
      : Work([](Work& work) noexcept { static_cast<Job&>(work).function(); }),
        function(std::move(what)) {}
  std::function<void()> function;
};

TEST(ThreadLoop, RunsWhatIsPostedInOrderOnItsThread) {
  const SystemClock clock;
  ThreadLoop loop("test", 7, clock);
  std::vector<int> order;
  std::thread::id thread;
  Job first([&] { order.push_back(1), thread = std::this_thread::get_id(); });
  Job second([&] { order.push_back(2); });
  loop.post(first);
  loop.start();
  loop.post(second);
  loop.stop();

  EXPECT_EQ(order, (std::vector{1, 2}));
  EXPECT_NE(thread, std::this_thread::get_id());
  EXPECT_EQ(loop.index(), 7u);
}

struct Bell : Alarm {
  Bell() : Alarm([](Alarm& alarm) noexcept { static_cast<Bell&>(alarm).rung.set_value(); }) {}
  std::promise<void> rung;
};

TEST(ThreadLoop, RingsAnAlarmWhenItsTimeHasCome) {
  const SystemClock clock;
  ThreadLoop loop("test", 0, clock);
  Bell bell;
  MonotonicTime at{};
  Job set([&] { loop.set_alarm(bell, at = clock.monotonic_now() + 5ms); });
  loop.post(set);
  loop.start();

  bell.rung.get_future().wait();
  EXPECT_GE(clock.monotonic_now(), at);
}

TEST(ThreadLoop, StopsAlthoughAnAlarmIsFarAway) {
  const SystemClock clock;
  ThreadLoop loop("test", 0, clock);
  Bell bell;
  Job set([&] { loop.set_alarm(bell, clock.monotonic_now() + 24h); });
  Job cancel([&] { loop.cancel_alarm(bell); });
  loop.start();
  loop.post(set);
  loop.post(cancel);
  loop.stop();
  EXPECT_FALSE(bell.is_set());
}

TEST(ThreadLoop, RunsWhatWorkPostsWhileItStops) {
  const SystemClock clock;
  ThreadLoop loop("test", 0, clock);
  bool has_run = false;
  Job later([&] { has_run = true; });
  Job now([&] { loop.post(later); });
  loop.post(now);
  loop.start();
  loop.stop();
  EXPECT_TRUE(has_run);
}

}  // namespace
}  // namespace hookhost
