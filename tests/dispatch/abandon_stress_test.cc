// SPDX-License-Identifier: Apache-2.0
//
// Is every attempt answered at most once, every chunk released once, every route let go once and
// all memory given back, whoever gives up first: the sender, the deadline, the host or the handler?
// Several loops, a pool and a thread that finishes deferred attempts race over seeded random steps;
// meant for TSan and ASan.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <deque>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "dispatch/dispatcher.h"
#include "support/fake_exchange.h"

namespace hookhost::dispatch {
namespace {

using namespace std::chrono_literals;
using enum OutcomeKind;
using test::FakeClock;
using test::FakeExchange;
using test::FakeLoop;

constexpr unsigned kLoops = 3;
constexpr int kStepsPerLoop = 1500;
constexpr std::size_t kOpenMax = 24;  // requests of a loop at once

std::atomic<int> chunks_made{0}, chunks_released{0};

Outcome outcome_with_chunk(Arena& arena) {
  ++chunks_made;
  const auto chunk = arena.allocate_array<Chunk>(1);
  chunk[0] = {"text", [](void*) { ++chunks_released; }, nullptr};
  Outcome outcome{.kind = kHandled};
  outcome.response.chunks = chunk;
  return outcome;
}

// Handles, fails, or hands the attempt to a thread that finishes it some time later.
class RacingHandler final : public Handler {
 public:
  RacingHandler() : finisher_([this] { finish_all(); }) {}
  ~RacingHandler() {
    {
      const MutexLock lock(mutex_);
      is_over_ = true;
      changed_.notify_one();
    }
    finisher_.join();
  }
  Outcome handle(Attempt& attempt) noexcept override {
    switch (counter_++ % 5) {
      case 0: return {.kind = kFailed};
      case 1: std::this_thread::yield(); return outcome_with_chunk(*attempt.arena);
      case 2:
      case 3: {
        const MutexLock lock(mutex_);
        pending_.push_back(&attempt);
        changed_.notify_one();
        return {};
      }
      default: return outcome_with_chunk(*attempt.arena);
    }
  }
  void cancel(Attempt& attempt, CancelReason) noexcept override {
    touched_ += static_cast<int>(attempt.path.size());
  }

 private:
  void finish_all() {
    for (;;) {
      Attempt* attempt = nullptr;
      {
        const MutexLock lock(mutex_);
        while (pending_.empty() && !is_over_) changed_.wait(mutex_);
        if (pending_.empty()) return;
        attempt = pending_.front();
        pending_.pop_front();
      }
      if (counter_ % 7 == 0) std::this_thread::yield();
      attempt->finish(outcome_with_chunk(*attempt->arena));
    }
  }

  std::atomic<unsigned> counter_{0};
  std::atomic<int> touched_{0};
  Mutex mutex_;
  Condition changed_;
  std::deque<Attempt*> pending_ HOOKHOST_GUARDED_BY(mutex_);
  bool is_over_ HOOKHOST_GUARDED_BY(mutex_) = false;
  std::thread finisher_;
};

class Corridor final : public Receiver {
 public:
  Corridor(Dispatcher& dispatcher, Handler& handler, const Clock& clock)
      : dispatcher_(dispatcher), handler_(handler), clock_(clock) {}

  Task<Response> receive(Exchange& exchange) override {
    Attempt& attempt = dispatcher_.prepare(exchange);
    attempt.path = exchange.head().path;
    Outcome outcome = co_await dispatcher_.hand_over(
        attempt, {.handler = &handler_,
                  .is_inline = is_inline,
                  .timeout = timeout,
                  .concurrency_max = concurrency_max,
                  .path = "/webhooks/x",
                  .now = clock_.monotonic_now(),
                  .let_go = [](void* self) noexcept { ++static_cast<Corridor*>(self)->let_go; },
                  .user = this});
    co_return outcome.response;
  }
  bool is_inline = false;
  std::chrono::milliseconds timeout{0};
  std::uint32_t concurrency_max = 0;
  int begun = 0, let_go = 0;

 private:
  Dispatcher& dispatcher_;
  Handler& handler_;
  const Clock& clock_;
};

// A seed of these also drains in the middle of everything.
constexpr unsigned kDrainingSeed = 3;

struct LoopOnAThread {
  explicit LoopOnAThread(unsigned index) : loop(clock, index) {}
  FakeClock clock;
  FakeLoop loop;
};

// What one loop goes through. Returns when every request of it is over and its memory is free.
void live(LoopOnAThread& mine, unsigned seed, Dispatcher& dispatcher, Handler& handler) {
  std::minstd_rand random(seed * 31 + mine.loop.index());
  FakeClock& clock = mine.clock;
  FakeLoop& loop = mine.loop;
  Corridor corridor(dispatcher, handler, clock);
  std::deque<std::unique_ptr<FakeExchange>> open;
  const auto chance = [&](unsigned percent) { return random() % 100 < percent; };
  const auto retire = [&](std::size_t i) {
    if (open[i]->is_answered()) static_cast<void>(open[i]->answer());
    open[i]->end();
    loop.run_until([&] { return open[i]->holds() == 0; });
    open.erase(open.begin() + static_cast<std::ptrdiff_t>(i));
  };

  for (int step = 0; step < kStepsPerLoop; ++step) {
    if (seed == kDrainingSeed && step == kStepsPerLoop / 2) dispatcher.drain();
    corridor.is_inline = chance(30);
    corridor.timeout = chance(50) ? 20ms : 0ms;
    corridor.concurrency_max = chance(40) ? 2 : 0;
    ++corridor.begun;
    open.push_back(std::make_unique<FakeExchange>(loop, test::FakeRequest{}));
    open.back()->start(corridor);
    if (chance(20)) open[random() % open.size()]->lose_peer();
    if (chance(30)) loop.turn();
    if (chance(15)) clock.advance(10ms);
    if (chance(20) || open.size() > kOpenMax) retire(random() % open.size());
  }
  while (!open.empty()) retire(0);
  loop.run();
  ASSERT_EQ(corridor.let_go, corridor.begun);
  ASSERT_EQ(loop.alarms(), 0U);
}

class Abandoning : public ::testing::TestWithParam<unsigned> {};
INSTANTIATE_TEST_SUITE_P(Seeds, Abandoning, ::testing::Values(1U, 2U, kDrainingSeed));

TEST_P(Abandoning, LosesNothingWhoeverGivesUpFirst) {
  chunks_made = chunks_released = 0;
  WorkerPool pool({.threads = 3, .queue_max = 16});
  ASSERT_TRUE(pool.start());
  Dispatcher dispatcher(pool, kLoops);
  std::deque<LoopOnAThread> loops;
  for (unsigned i = 0; i < kLoops; ++i) loops.emplace_back(i);
  {
    RacingHandler handler;
    std::vector<std::thread> threads;
    for (LoopOnAThread& loop : loops)
      threads.emplace_back([&] { live(loop, GetParam(), dispatcher, handler); });
    for (std::thread& thread : threads) thread.join();
    pool.stop();
  }

  EXPECT_EQ(dispatcher.stats().waiting, 0U);
  EXPECT_EQ(dispatcher.stats().zombies, 0U);
  EXPECT_GT(chunks_made, 0);
  EXPECT_EQ(chunks_made, chunks_released);
}

}  // namespace
}  // namespace hookhost::dispatch
