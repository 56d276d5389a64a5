// SPDX-License-Identifier: Apache-2.0
//
// Does a task take its frame from the arena, run when started, wait, give its value, and clean up
// when it is destroyed while waiting?
#include "base/task.h"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>

namespace hookhost {
namespace {

struct Owner {
  alignas(64) std::array<std::byte, 4096> block;
  Arena memory{block};
  Arena& arena() { return memory; }
};

struct Gate {
  std::coroutine_handle<> waiting;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) noexcept { waiting = handle; }
  int await_resume() const noexcept { return 7; }
};

struct Flag {
  bool& flag;
  ~Flag() { flag = true; }
};

Task<int> plain(Owner&) { co_return 1; }
Task<int> nested(Owner& owner) { co_return co_await plain(owner) + 1; }
Task<int> waiting(Owner&, Gate& gate, bool& cleaned) {
  const Flag flag{cleaned};
  co_return co_await gate;
}
Task<int> failing(Owner&) {
  throw std::runtime_error("no");
  co_return 0;
}

void count(void* argument) noexcept { ++*static_cast<int*>(argument); }

TEST(Task, RunsToItsEndWhenNothingMakesItWait) {
  Owner owner;
  int done = 0;
  Task<int> task = nested(owner);
  EXPECT_FALSE(task.is_done());
  task.start(count, &done);
  EXPECT_EQ(done, 1);
  EXPECT_EQ(task.take(), 2);
}

TEST(Task, TakesItsFrameFromTheArena) {
  Owner owner;
  void* before = owner.memory.allocate(1, 1);
  Task<int> task = plain(owner);
  void* after = owner.memory.allocate(1, 1);
  EXPECT_GT(static_cast<std::byte*>(after) - static_cast<std::byte*>(before), 16);
  EXPECT_LT(after, owner.block.data() + owner.block.size());
}

TEST(Task, WaitsAndGoesOn) {
  Owner owner;
  Gate gate;
  int done = 0;
  bool cleaned = false;
  Task<int> task = waiting(owner, gate, cleaned);
  task.start(count, &done);
  EXPECT_EQ(done, 0);
  gate.waiting.resume();
  EXPECT_EQ(done, 1);
  EXPECT_TRUE(cleaned);
  EXPECT_EQ(task.take(), 7);
}

TEST(Task, ATaskThatIsDestroyedWhileItWaitsCleansUp) {
  Owner owner;
  Gate gate;
  int done = 0;
  bool cleaned = false;
  {
    Task<int> task = waiting(owner, gate, cleaned);
    task.start(count, &done);
  }
  EXPECT_TRUE(cleaned);
  EXPECT_EQ(done, 0);
}

TEST(Task, HandsItsExceptionToWhoeverTakesTheValue) {
  Owner owner;
  int done = 0;
  Task<int> task = failing(owner);
  task.start(count, &done);
  EXPECT_EQ(done, 1);
  EXPECT_THROW(task.take(), std::runtime_error);
}

}  // namespace
}  // namespace hookhost
