// SPDX-License-Identifier: Apache-2.0
//
// Does the queue ring every alarm once, in order, and never one that was cancelled?
#include "base/timer_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>

namespace hookhost {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;

constexpr MonotonicTime kStart{};

struct Bell : Alarm {
  Bell(int n, std::vector<int>& heard) : Alarm(&ring_bell), number(n), rung(heard) {}
  static void ring_bell(Alarm& alarm) noexcept {
    auto& bell = static_cast<Bell&>(alarm);
    bell.rung.push_back(bell.number);
    if (bell.again != nullptr) bell.again->set(bell, bell.again_at);
  }
  int number;
  std::vector<int>& rung;
  TimerQueue* again = nullptr;
  MonotonicTime again_at{};
};

TEST(TimerQueue, RingsWhatIsDueInTheOrderOfTime) {
  std::vector<int> rung;
  TimerQueue queue;
  Bell late(3, rung), early(1, rung), middle(2, rung);
  queue.set(late, kStart + milliseconds(30));
  queue.set(early, kStart + milliseconds(10));
  queue.set(middle, kStart + milliseconds(20));

  EXPECT_EQ(queue.next(), kStart + milliseconds(10));
  EXPECT_EQ(queue.ring_due(kStart + milliseconds(20)), 2u);
  EXPECT_THAT(rung, ElementsAre(1, 2));
  EXPECT_EQ(queue.ring_due(kStart + milliseconds(29)), 0u);
  EXPECT_EQ(queue.ring_due(kStart + milliseconds(30)), 1u);
  EXPECT_EQ(queue.next(), std::nullopt);
}

TEST(TimerQueue, NeverRingsACancelledAlarm) {
  std::vector<int> rung;
  TimerQueue queue;
  Bell a(1, rung), b(2, rung);
  queue.set(a, kStart);
  queue.set(b, kStart);

  queue.cancel(a);
  queue.cancel(a);  // Again: left alone.
  queue.ring_due(kStart);

  EXPECT_THAT(rung, ElementsAre(2));
  EXPECT_FALSE(a.is_set());
}

TEST(TimerQueue, MovesAnAlarmThatIsSetAgain) {
  std::vector<int> rung;
  TimerQueue queue;
  Bell a(1, rung), b(2, rung);
  queue.set(a, kStart + milliseconds(10));
  queue.set(b, kStart + milliseconds(20));

  queue.set(a, kStart + milliseconds(30));
  queue.ring_due(kStart + milliseconds(20));
  EXPECT_THAT(rung, ElementsAre(2));
  queue.set(a, kStart + milliseconds(5));
  EXPECT_EQ(queue.next(), kStart + milliseconds(5));
  queue.cancel(a);
}

TEST(TimerQueue, AnAlarmThatSetsItselfAgainWaitsForTheNextCall) {
  std::vector<int> rung;
  TimerQueue queue;
  Bell restless(1, rung);
  restless.again = &queue;
  restless.again_at = kStart;
  queue.set(restless, kStart);

  EXPECT_EQ(queue.ring_due(kStart), 1u);
  EXPECT_EQ(queue.ring_due(kStart), 1u);
  restless.again = nullptr;
  queue.ring_due(kStart);
  EXPECT_THAT(rung, ElementsAre(1, 1, 1));
}

TEST(TimerQueue, KeepsItsOrderThroughAThousandRandomChanges) {
  std::mt19937 random(20261124);
  std::vector<int> rung;
  TimerQueue queue;
  std::vector<std::unique_ptr<Bell>> bells;
  for (int i = 0; i < 100; ++i) bells.push_back(std::make_unique<Bell>(i, rung));

  for (int step = 0; step < 1000; ++step) {
    Bell& bell = *bells[random() % bells.size()];
    if (random() % 3 == 0) {
      queue.cancel(bell);
    } else {
      queue.set(bell, kStart + milliseconds(random() % 50));
    }
  }
  const std::size_t left = queue.size();
  queue.ring_due(kStart + milliseconds(50));

  EXPECT_EQ(rung.size(), left);
  for (std::size_t i = 1; i < rung.size(); ++i) {
    EXPECT_LE(bells[static_cast<std::size_t>(rung[i - 1])]->at,
              bells[static_cast<std::size_t>(rung[i])]->at);
  }
}

}  // namespace
}  // namespace hookhost
