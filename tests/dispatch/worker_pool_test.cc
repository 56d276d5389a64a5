// SPDX-License-Identifier: Apache-2.0
//
// Does the pool run everything it took, in order, and say no when it is full or ending?
#include "dispatch/worker_pool.h"
#include "support/rest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <latch>
#include <set>
#include <string>

namespace hookhost::dispatch {
namespace {

struct Errand : Work {
  explicit Errand(std::function<void()> what)
      : Work([](Work& work) noexcept { static_cast<Errand&>(work).action(); }),
        action(std::move(what)) {}
  std::function<void()> action;
};

// Keeps one thread of a pool busy until let_go(); outlives what it runs there.
class Blocker {
 public:
  void block(WorkerPool& pool) {
    pool.post(errand_);
    begun_.wait();
  }
  void let_go() { may_end_.count_down(); }

 private:
  std::latch begun_{1}, may_end_{1};
  Errand errand_{[this] {
    begun_.count_down();
    may_end_.wait();
  }};
};

TEST(WorkerPool, RunsWorkOnAThreadOfItsOwn) {
  WorkerPool pool({.threads = 1});
  ASSERT_TRUE(pool.start());
  std::thread::id ran_on;
  Errand errand([&] { ran_on = std::this_thread::get_id(); });

  EXPECT_TRUE(pool.try_post(errand));
  pool.stop();

  EXPECT_NE(ran_on, std::thread::id());
  EXPECT_NE(ran_on, std::this_thread::get_id());
}
TEST(WorkerPool, KeepsTheOrderOfOneSender) {
  WorkerPool pool({.threads = 1});
  std::vector<int> order;
  std::deque<Errand> errands;
  for (int i = 0; i < 100; ++i) errands.emplace_back([&order, i] { order.push_back(i); });
  for (Errand& errand : errands) EXPECT_TRUE(pool.try_post(errand));
  ASSERT_TRUE(pool.start());
  pool.stop();

  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  EXPECT_EQ(order.size(), 100U);
}
TEST(WorkerPool, SaysNoWhenItsQueueIsFull) {
  WorkerPool pool({.threads = 1, .queue_max = 2});
  ASSERT_TRUE(pool.start());
  std::atomic<int> ran{0};
  std::deque<Errand> errands;
  for (int i = 0; i < 4; ++i) errands.emplace_back([&] { ++ran; });
  Blocker busy;
  busy.block(pool);

  EXPECT_TRUE(pool.try_post(errands[0]));
  EXPECT_TRUE(pool.try_post(errands[1]));
  EXPECT_FALSE(pool.try_post(errands[2]));
  EXPECT_EQ(pool.queued(), 2U);
  EXPECT_EQ(pool.busy(), 1U);
  pool.post(errands[3]);  // the host's own work has no limit here
  busy.let_go();
  pool.stop();
  EXPECT_EQ(pool.queued(), 0U);
  EXPECT_EQ(pool.busy(), 0U);

  EXPECT_EQ(ran, 3);
}
TEST(WorkerPool, TakesNothingWithoutAQueue) {
  WorkerPool pool({.threads = 1, .queue_max = 0});
  Errand errand([] {});
  EXPECT_FALSE(pool.try_post(errand));
}
TEST(WorkerPool, RunsWhatIsQueuedBeforeItStopsAndTakesNoMore) {
  WorkerPool pool({.threads = 2});
  ASSERT_TRUE(pool.start());
  std::atomic<int> ran{0};
  std::deque<Errand> errands;
  for (int i = 0; i < 50; ++i) errands.emplace_back([&] { ++ran; });
  for (Errand& errand : errands) ASSERT_TRUE(pool.try_post(errand));

  pool.stop();

  EXPECT_EQ(ran, 50);
  Errand late([&] { ++ran; });
  EXPECT_FALSE(pool.try_post(late));
  pool.stop();
}
TEST(WorkerPool, RunsWhatIsQueuedEvenIfItNeverStarted) {
  bool ran = false;
  Errand errand([&] { ran = true; });
  {
    WorkerPool pool;
    ASSERT_TRUE(pool.try_post(errand));
  }
  EXPECT_TRUE(ran);
}
TEST(WorkerPool, UsesAllItsThreads) {
  constexpr unsigned kThreads = 4;
  WorkerPool pool({.threads = kThreads});
  ASSERT_TRUE(pool.start());
  std::latch all_there(kThreads);
  std::deque<Errand> errands;
  for (unsigned i = 0; i < kThreads; ++i)
    errands.emplace_back([&] { all_there.arrive_and_wait(); });

  for (Errand& errand : errands) ASSERT_TRUE(pool.try_post(errand));

  pool.stop();  // ends only if four ran at once
  EXPECT_EQ(pool.threads(), kThreads);
}
TEST(WorkerPool, NamesItsThreads) {
  WorkerPool pool({.threads = 1});
  ASSERT_TRUE(pool.start());
  std::string name;
  Errand errand([&] {
    std::array<char, 16> text{};
    ::pthread_getname_np(::pthread_self(), text.data(), text.size());
    name = text.data();
  });
  ASSERT_TRUE(pool.try_post(errand));
  pool.stop();

  EXPECT_EQ(name, "pool-0");
}
TEST(WorkerPool, HasThreadsForHandlersThatWaitUnlessToldOtherwise) {
  EXPECT_GE(WorkerPool().threads(), 8U);
  EXPECT_EQ(WorkerPool({.threads = 3}).threads(), 3U);
}
// ---- recycle()

// What a handler leaves on the thread that ran it.
struct Leftover {
  std::atomic<int>* ended = nullptr;
  ~Leftover() {
    if (ended != nullptr) ++*ended;
  }
};
thread_local Leftover t_leftover;

TEST(WorkerPool, RecycledItsThreadsEndAndOthersWork) {
  std::atomic<int> ended{0};
  WorkerPool pool({.threads = 1});
  ASSERT_TRUE(pool.start());
  std::latch ran(1);
  Errand leave([&] {
    t_leftover.ended = &ended;
    ran.count_down();
  });
  pool.post(leave);
  ran.wait();

  pool.recycle();

  while (ended == 0) test::rest();
  std::latch ran_again(1);
  Errand again([&] {
    if (t_leftover.ended == nullptr) ran_again.count_down();
  });
  pool.post(again);
  ran_again.wait();
  pool.stop();
}

TEST(WorkerPool, RecycledAThreadEndsWhatItRunsFirst) {
  WorkerPool pool({.threads = 1});
  ASSERT_TRUE(pool.start());
  Blocker blocker;
  blocker.block(pool);

  pool.recycle();
  std::latch ran(1);
  Errand errand([&] { ran.count_down(); });
  pool.post(errand);
  ran.wait();      // somebody else runs it
  pool.recycle();  // nothing: the one before has not ended

  blocker.let_go();
  pool.stop();
}

TEST(WorkerPool, RecycledUnderLoadItLosesNothing) {
  WorkerPool pool({.threads = 3, .queue_max = 100'000});
  ASSERT_TRUE(pool.start());
  std::atomic<int> runs{0};
  std::deque<Errand> errands;
  for (int i = 0; i < 30'000; ++i) errands.emplace_back([&] { ++runs; });
  std::thread sender([&] {
    for (Errand& errand : errands) pool.post(errand);
  });
  while (runs < 30'000) pool.recycle();
  sender.join();
  pool.stop();
  EXPECT_EQ(runs, 30'000);
}

TEST(WorkerPool, StoppedItIsNotRecycled) {
  WorkerPool pool({.threads = 1});
  ASSERT_TRUE(pool.start());
  pool.stop();
  pool.recycle();
}

TEST(WorkerPool, TakesWorkFromManyThreads) {
  WorkerPool pool({.threads = 3, .queue_max = 100'000});
  ASSERT_TRUE(pool.start());
  std::atomic<int> ran{0};
  std::vector<std::thread> senders;
  std::deque<std::deque<Errand>> errands(4);
  for (auto& mine : errands) {
    senders.emplace_back([&] {
      for (int i = 0; i < 2000; ++i) ASSERT_TRUE(pool.try_post(mine.emplace_back([&] { ++ran; })));
    });
  }
  for (std::thread& sender : senders) sender.join();
  pool.stop();

  EXPECT_EQ(ran, 8000);
}

}  // namespace
}  // namespace hookhost::dispatch
