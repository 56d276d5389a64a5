// SPDX-License-Identifier: Apache-2.0
//
// Do loops run what is posted, ring alarms in time, and say clearly why they cannot listen? And
// does the small client understand the door?
#include "http/event_loops.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "http/client.h"
#include "http/door_fixture.h"
#include "support/rest.h"

namespace hookhost::http {
namespace {

class CountedWork : public Work {
 public:
  CountedWork() : Work(&count) {}
  std::atomic<int>* counter = nullptr;
  int expected = 0;
  std::atomic<bool>* in_order = nullptr;

 private:
  static void count(Work& work) noexcept {
    auto& self = static_cast<CountedWork&>(work);
    if (self.counter->fetch_add(1) != self.expected) *self.in_order = false;
  }
};

void wait_until(const std::atomic<int>& counter, int value) {
  while (counter < value) test::rest();
}

TEST(EventLoops, RunWhatIsPostedFromManyThreadsInTheOrderOfEach) {
  RunningDoor door(quick_limits(), 2);
  constexpr int kThreads = 4, kWorks = 2000;
  std::atomic<bool> in_order{true};
  std::vector<std::atomic<int>> counters(kThreads);
  std::vector<std::vector<CountedWork>> works(kThreads);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    works[t] = std::vector<CountedWork>(kWorks);
    threads.emplace_back([&, t] {
      for (int i = 0; i < kWorks; ++i) {
        CountedWork& work = works[t][static_cast<std::size_t>(i)];
        work.counter = &counters[t];
        work.expected = i;
        work.in_order = &in_order;
        door.loops().loop(static_cast<unsigned>(t % 2)).post(work);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& counter : counters) wait_until(counter, kWorks);
  EXPECT_TRUE(in_order);
}

// Sets alarms on the loop when it is posted.
class AlarmSetter : public Work {
 public:
  explicit AlarmSetter(Loop& loop) : Work(&set), loop_(loop) {}

  struct Bell : Alarm {
    Bell() : Alarm(&rang) {}
    AlarmSetter* owner = nullptr;
    int number = 0;
    static void rang(Alarm& alarm) noexcept {
      auto& bell = static_cast<Bell&>(alarm);
      bell.owner->order.push_back(bell.number);
      bell.owner->rang_at.push_back(std::chrono::steady_clock::now() - alarm.at);
      ++bell.owner->count;
    }
  };

  std::vector<int> order;
  std::vector<std::chrono::nanoseconds> rang_at;
  std::atomic<int> count{0};

 private:
  static void set(Work& work) noexcept {
    auto& self = static_cast<AlarmSetter&>(work);
    const auto now = std::chrono::steady_clock::now();
    const std::chrono::milliseconds delays[] = {60ms, 30ms, 0ms, -5ms, 40ms};
    for (int i = 0; i < 5; ++i) {
      self.bells_[i].owner = &self;
      self.bells_[i].number = i;
      self.loop_.set_alarm(self.bells_[i], now + delays[i]);
    }
    self.loop_.cancel_alarm(self.bells_[4]);
  }
  Loop& loop_;
  Bell bells_[5];
};

TEST(EventLoops, RingAlarmsInOrderAndNeverEarly) {
  Limits limits = quick_limits();
  limits.tick = 250ms;  // alarms do not wait for the tick
  RunningDoor door(limits);
  AlarmSetter setter(door.loops().loop(0));
  door.loops().loop(0).post(setter);
  wait_until(setter.count, 4);
  EXPECT_EQ(setter.order, (std::vector<int>{3, 2, 1, 0}));
  for (const auto& late : setter.rang_at) EXPECT_GE(late.count(), 0);
}

TEST(EventLoops, SayThatAPortIsInUse) {
  RunningDoor door;
  SystemClock clock;
  ScriptedReceiver receiver;
  EventLoops second({.count = 1}, clock);
  const auto address = second.listen({"127.0.0.1", door.port()}, receiver);
  ASSERT_FALSE(address);
  EXPECT_EQ(address.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(address.error().message, "port " + std::to_string(door.port()) + " is in use");
  EXPECT_FALSE(address.error().fix.empty());
}

TEST(EventLoops, SayWhatIsWrongWithAnAddress) {
  SystemClock clock;
  ScriptedReceiver receiver;
  EventLoops loops({.count = 1}, clock);
  EXPECT_EQ(loops.listen({"localhost", 0}, receiver).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(loops.listen({"192.0.2.1", 0}, receiver).error().code, ErrorCode::kInvalid);
  EXPECT_EQ(loops.listen({"", 0}, receiver).error().code, ErrorCode::kInvalid);
}

TEST(EventLoops, ListenOnSeveralAddressesWithTheirReceivers) {
  SystemClock clock;
  ScriptedReceiver first, second;
  EventLoops loops({.count = 2}, clock);
  const auto a = loops.listen({"127.0.0.1", 0}, first);
  const auto b = loops.listen({"::1", 0}, second);
  ASSERT_TRUE(a && b);
  loops.start();
  EXPECT_EQ(request(*a, "POST", "/echo", {}, "1", 20s)->body, "1");
  EXPECT_EQ(request(*b, "POST", "/echo", {}, "2", 20s)->body, "2");
  EXPECT_EQ(first.seen().size(), 1U);
  ASSERT_EQ(second.seen().size(), 1U);
  EXPECT_TRUE(second.seen()[0].remote_address.starts_with("[::1]:"));
}

TEST(EventLoops, CanBeDestroyedWithoutEverRunning) {
  SystemClock clock;
  ScriptedReceiver receiver;
  EventLoops loops({.count = 2}, clock);
  EXPECT_TRUE(loops.listen({"127.0.0.1", 0}, receiver));
  EXPECT_EQ(loops.oldest_tick_age().count(), 0);
  loops.drain(1ms);
}

TEST(EventLoops, TickWhileTheyAreHealthy) {
  RunningDoor door(quick_limits(), 2);
  const auto age = [&] { return door.loops().oldest_tick_age(); };
  while (age().count() == 0) test::rest();
  // It grows until the loop ticks again.
  for (auto last = age(), now = last; now >= last; last = std::exchange(now, age())) test::rest();
  SUCCEED();
}

TEST(EventLoops, CountRefusalsByRule) {
  RunningDoor door;
  RawClient client(door.port());
  client.send("GET /\r\n");
  client.read_all();
  EXPECT_EQ(door.refused("request-line"), 1U);
  EXPECT_EQ(door.refused("framing"), 0U);
  EXPECT_EQ(door.loops().stats().answers, 1U);
  EXPECT_EQ(door.loops().stats().requests, 0U);
}

// The client.

TEST(Client, SendsAndReads) {
  RunningDoor door;
  const auto answer =
      request({"127.0.0.1", door.port()}, "POST", "/echo?x", {{"X-A", "b"}}, "body", 20s);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "body");
  EXPECT_EQ(answer->header("content-type"), "text/plain");
  EXPECT_EQ(door.receiver.seen().back().query, "x");
}

TEST(Client, ReadsHeadAndNoContent) {
  RunningDoor door;
  const ListenAddress address{"127.0.0.1", door.port()};
  EXPECT_EQ(request(address, "HEAD", "/unread", {}, "", 20s)->body, "");
  EXPECT_EQ(request(address, "POST", "/quiet", {}, "", 20s)->status, 204);
  EXPECT_EQ(request(address, "POST", "/echo", {{"Expect", "100-continue"}}, "x", 20s)->body, "x");
  EXPECT_EQ(request(address, "POST", "/large", {}, "", 20s)->body.size(), 40U * 1024 * 1024);
}

TEST(Client, SaysThatNobodyListens) {
  std::uint16_t port = 0;
  {
    RunningDoor door;
    port = door.port();
  }
  const auto answer = request({"127.0.0.1", port}, "GET", "/", {}, "", 20s);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
}

TEST(Client, GivesUpInTime) {
  RunningDoor door;
  const auto answer = request({"127.0.0.1", door.port()}, "POST", "/gate", {}, "", 50ms);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
}

TEST(Client, RefusesToSendALineEndInAHeader) {
  const auto answer = request({"127.0.0.1", 1}, "GET", "/", {{"X", "a\r\nY: b"}}, "", 1s);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kInvalid);
}

}  // namespace
}  // namespace hookhost::http
