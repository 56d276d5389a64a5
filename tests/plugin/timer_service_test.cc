// SPDX-License-Identifier: Apache-2.0
//
// Do timers come when they are due, once at a time, and is it over when stop() has returned?
#include "plugin/timer_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <semaphore>
#include <thread>

#include "dispatch/worker_pool.h"
#include "plugin/puppet.h"
#include "support/fake_clock.h"
#include "support/rest.h"

namespace hookhost::plugin {
namespace {

using namespace std::chrono_literals;
using testing::AnyOf;

// Time and pool in the hands of the test.
class Timers : public testing::Test {
 public:
  static void count(void* user) { ++*static_cast<int*>(user); }
  std::uint64_t start(std::uint64_t after_ms, std::uint64_t period_ms) {
    std::uint64_t id = 0;
    EXPECT_EQ(service.start(owner, after_ms, period_ms, count, &calls, &id), HOOKHOST_OK);
    EXPECT_NE(id, 0u);
    return id;
  }
  // Time passes, and the pool does what it has got.
  void pass(std::chrono::milliseconds time) {
    clock.advance(time);
    service.ring_due();
    run_pool();
  }
  void run_pool() {
    for (auto queue = std::exchange(pool, {}); !queue.empty(); queue.pop_front())
      queue.front()->run(*queue.front());
  }

  test::FakeClock clock;
  std::deque<Work*> pool;
  bool is_full = false;
  int calls = 0;
  std::vector<std::string> failures;
  UseCount uses;
  struct Owner : TimerOwner {
    explicit Owner(UseCount& its_uses, std::vector<std::string>& its_failures)
        : TimerOwner{its_uses,
                     [](TimerOwner& self, std::string_view what) noexcept {
                       static_cast<Owner&>(self).failures.emplace_back(what);
                     }},
          failures(its_failures) {}
    std::vector<std::string>& failures;
  } owner{uses, failures};
  TimerService service{clock,
                       [this](Work& work) {
                         if (is_full) return false;
                         pool.push_back(&work);
                         return true;
                       },
                       false};
  ~Timers() override {
    service.stop_all(owner);
    run_pool();
  }
};

TEST_F(Timers, OnceIsCalledOnceWhenItIsDue) {
  const std::uint64_t id = start(100, 0);
  pass(99ms);
  EXPECT_EQ(calls, 0);
  pass(1ms);
  EXPECT_EQ(calls, 1);
  pass(1h);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(service.stop(owner, id), HOOKHOST_E_GONE);
}

TEST_F(Timers, APeriodKeepsItsBeatAndSkipsWhatWasMissed) {
  start(10, 10);
  for (int i = 1; i <= 3; ++i) {
    pass(10ms);
    EXPECT_EQ(calls, i);
  }
  pass(45ms);  // at 75: 40, 50, 60 and 70 were due
  EXPECT_EQ(calls, 4);
  pass(4ms);
  EXPECT_EQ(calls, 4);
  pass(1ms);  // 80
  EXPECT_EQ(calls, 5);
}

TEST_F(Timers, IsNotPostedAgainWhileItWaitsForThePool) {
  start(10, 10);
  clock.advance(10ms);
  service.ring_due();
  clock.advance(10ms);
  service.ring_due();
  EXPECT_EQ(pool.size(), 1u);
}

TEST_F(Timers, AFullPoolDelaysAndLosesNothing) {
  start(10, 0);
  is_full = true;
  pass(10ms);
  EXPECT_EQ(calls, 0);
  is_full = false;
  pass(49ms);
  EXPECT_EQ(calls, 0);
  pass(1ms);
  EXPECT_EQ(calls, 1);
}

TEST_F(Timers, AStoppedOneIsNotCalled) {
  const std::uint64_t waiting = start(10, 10);
  EXPECT_EQ(service.stop(owner, waiting), HOOKHOST_OK);
  EXPECT_EQ(service.stop(owner, waiting), HOOKHOST_E_GONE);
  const std::uint64_t posted = start(10, 10);
  clock.advance(10ms);
  service.ring_due();
  EXPECT_EQ(service.stop(owner, posted), HOOKHOST_OK);
  run_pool();

  EXPECT_EQ(calls, 0);
  EXPECT_EQ(service.stop(owner, posted), HOOKHOST_E_GONE);
  EXPECT_EQ(owner.timers, 0u);
}

TEST_F(Timers, BelongToTheirOwner) {
  Owner stranger{uses, failures};
  const std::uint64_t id = start(10, 0);
  EXPECT_EQ(service.stop(stranger, id), HOOKHOST_E_GONE);
  EXPECT_EQ(service.stop(owner, 0), HOOKHOST_E_GONE);
  EXPECT_EQ(service.stop(owner, id), HOOKHOST_OK);
}

TEST_F(Timers, KnowTheEdgesOfTheirLimits) {
  std::uint64_t id = 0;
  constexpr std::uint64_t kYearMs = 365ULL * 24 * 3600 * 1000;
  EXPECT_EQ(service.start(owner, 0, 0, nullptr, nullptr, &id), HOOKHOST_E_INVALID);
  EXPECT_EQ(service.start(owner, kYearMs + 1, 0, count, nullptr, &id), HOOKHOST_E_INVALID);
  EXPECT_EQ(service.start(owner, 0, kYearMs + 1, count, nullptr, &id), HOOKHOST_E_INVALID);
  EXPECT_EQ(service.start(owner, UINT64_MAX, 0, count, nullptr, &id), HOOKHOST_E_INVALID);
  for (int i = 0; i < 1024; ++i)
    ASSERT_EQ(service.start(owner, kYearMs, kYearMs, count, nullptr, &id), HOOKHOST_OK);
  EXPECT_EQ(service.start(owner, 1, 0, count, nullptr, &id), HOOKHOST_E_LIMIT);
  EXPECT_EQ(service.stop_all(owner), 1024u);
  EXPECT_EQ(service.start(owner, 1, 0, count, nullptr, &id), HOOKHOST_E_STATE);
}

TEST_F(Timers, AnExceptionIsReportedAndTheBeatGoesOn) {
  std::uint64_t id = 0;
  service.start(
      owner, 10, 10, [](void*) { throw std::runtime_error("boom"); }, nullptr, &id);
  pass(10ms);
  pass(10ms);

  EXPECT_THAT(failures,
              testing::ElementsAre("threw an exception: boom", "threw an exception: boom"));
}

TEST_F(Timers, OneCanStopItselfFromInside) {
  struct Self {
    Timers* test;
    std::uint64_t id = 0;
    hookhost_status first = 0, second = 0;
  } self{this};
  service.start(
      owner, 10, 10,
      [](void* user) {
        auto& own = *static_cast<Self*>(user);
        ++own.test->calls;
        own.first = own.test->service.stop(own.test->owner, own.id);
        own.second = own.test->service.stop(own.test->owner, own.id);
      },
      &self, &self.id);
  pass(10ms);
  pass(10ms);

  EXPECT_EQ(calls, 1);
  EXPECT_EQ(self.first, HOOKHOST_OK);
  EXPECT_EQ(self.second, HOOKHOST_E_GONE);
}

// ---- With threads (for TSan)

TEST(TimerThreads, StopReturnsOnlyWhenTheFunctionIsNotRunning) {
  TestHost host;
  UseCount uses;
  TimerOwner owner{uses, [](TimerOwner&, std::string_view) noexcept {}};
  struct State {
    std::atomic<bool> is_running{false};
    std::binary_semaphore entered{0};
  } state;
  std::uint64_t id = 0;
  host.services->timers().start(
      owner, 0, 0,
      [](void* user) {
        auto& own = *static_cast<State*>(user);
        own.is_running = true;
        own.entered.release();
        for (int i = 0; i < 20; ++i) test::rest();
        own.is_running = false;
      },
      &state, &id);
  state.entered.acquire();

  // Gone: it has ended already.
  EXPECT_THAT(host.services->timers().stop(owner, id), AnyOf(HOOKHOST_OK, HOOKHOST_E_GONE));

  EXPECT_FALSE(state.is_running);
}

TEST(TimerThreads, ManyStartAndStopAtOnce) {
  TestHost host;
  UseCount uses;
  TimerOwner owner{uses, [](TimerOwner&, std::string_view) noexcept {}};
  std::atomic<int> calls{0};
  const auto call = [](void* user) { ++*static_cast<std::atomic<int>*>(user); };
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        std::uint64_t id = 0;
        ASSERT_EQ(host.services->timers().start(owner, 0, 1, call, &calls, &id), HOOKHOST_OK);
        if (i % 2 == 0) std::this_thread::yield();
        ASSERT_EQ(host.services->timers().stop(owner, id), HOOKHOST_OK);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();

  EXPECT_EQ(owner.timers, 0u);
  const int at_the_end = calls;
  host.services.reset();  // waits for the pool
  EXPECT_EQ(calls, at_the_end);
  EXPECT_EQ(uses.count(), 0);
}

}  // namespace
}  // namespace hookhost::plugin
