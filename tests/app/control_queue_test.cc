// SPDX-License-Identifier: Apache-2.0
//
// Does what other threads want run on the control thread, once, and is nobody forgotten at the end?
#include "app/control_queue.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <thread>

namespace hookhost::app {
namespace {

bool is_readable(const ControlQueue& queue) {
  pollfd end{queue.fd(), POLLIN, 0};
  return ::poll(&end, 1, 0) == 1;
}

TEST(ControlQueue, RunsWhatWasPostedInItsOrder) {
  ControlQueue queue;
  std::string said;
  EXPECT_FALSE(is_readable(queue));
  EXPECT_TRUE(queue.post([&] { said += 'a'; }));
  EXPECT_TRUE(queue.post([&] { said += 'b'; }));
  EXPECT_TRUE(is_readable(queue));
  queue.run();
  EXPECT_EQ(said, "ab");
  EXPECT_FALSE(is_readable(queue));
  queue.run();
  EXPECT_EQ(said, "ab");
}

TEST(ControlQueue, MayBePostedToByWhatItRuns) {
  ControlQueue queue;
  int runs = 0;
  queue.post([&] {
    ++runs;
    queue.post([&] { ++runs; });
  });
  queue.run();
  EXPECT_EQ(runs, 1);
  EXPECT_TRUE(is_readable(queue));
  queue.run();
  EXPECT_EQ(runs, 2);
}

TEST(ControlQueue, ClosedItRunsWhatItHasAndTakesNothing) {
  ControlQueue queue;
  int runs = 0;
  queue.post([&] { ++runs; });
  queue.close();
  EXPECT_EQ(runs, 1);
  EXPECT_FALSE(queue.post([&] { ++runs; }));
  queue.close();
  EXPECT_EQ(runs, 1);
}

TEST(ControlQueue, TakesFromManyThreads) {
  ControlQueue queue;
  int runs = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 1000; ++k) queue.post([&] { ++runs; });
    });
  while (runs < 4000) queue.run();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(runs, 4000);
}

}  // namespace
}  // namespace hookhost::app
