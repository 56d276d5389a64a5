// SPDX-License-Identifier: Apache-2.0
//
// Is each delivery given out once, in the order of its time, and none forgotten between memory and
// disk?
#include "store/due_schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace hookhost::store {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

constexpr MonotonicTime kNow{1h};

Due due(std::int64_t ms, EventId id, std::uint32_t run = 0) {
  return {{ms, id, run}, kNow + std::chrono::milliseconds(ms)};
}

std::vector<EventId> ids(const std::vector<DueKey>& keys) {
  std::vector<EventId> ids;
  for (const DueKey& key : keys) ids.push_back(key.id);
  return ids;
}

DueSchedule complete() {
  DueSchedule schedule;
  schedule.add_page({}, true);
  return schedule;
}

TEST(DueSchedule, GivesOutWhatIsDueOldestFirst) {
  DueSchedule schedule = complete();
  schedule.add(due(20, 1));
  schedule.add(due(10, 2));
  schedule.add(due(21, 3));

  EXPECT_EQ(schedule.next(), kNow + 10ms);
  EXPECT_EQ(ids(schedule.take(kNow + 20ms, 10)), (std::vector<EventId>{2, 1}));
  EXPECT_EQ(schedule.next(), kNow + 21ms);
}

TEST(DueSchedule, GivesOutNoMoreThanAskedFor) {
  DueSchedule schedule = complete();
  schedule.add(due(0, 1));
  schedule.add(due(0, 2));

  EXPECT_EQ(ids(schedule.take(kNow, 1)), (std::vector<EventId>{1}));
  EXPECT_EQ(ids(schedule.take(kNow, 1)), (std::vector<EventId>{2}));
  EXPECT_THAT(schedule.take(kNow, 1), IsEmpty());
}

TEST(DueSchedule, KeepsALeaseFromEveryoneElse) {
  DueSchedule schedule = complete();
  schedule.add(due(0, 1));
  static_cast<void>(schedule.take(kNow, 1));

  schedule.add_page({due(0, 1)}, true);

  EXPECT_EQ(schedule.next(), std::nullopt);
}

TEST(DueSchedule, TakesALeaseBackAtItsTime) {
  DueSchedule schedule = complete();
  schedule.add(due(0, 1));
  static_cast<void>(schedule.take(kNow, 1));

  schedule.put_back(1, 0, kNow + 5s);
  schedule.put_back(1, 0, kNow + 1s);  // it is no lease any more

  EXPECT_EQ(schedule.next(), kNow + 5s);
}

TEST(DueSchedule, ForgetsALeaseThatEnded) {
  DueSchedule schedule = complete();
  schedule.add(due(0, 1));
  static_cast<void>(schedule.take(kNow, 1));

  schedule.settle(1, 0);
  schedule.put_back(1, 0, kNow);

  EXPECT_EQ(schedule.next(), std::nullopt);
}

TEST(DueSchedule, LeavesWhatIsBehindThePageOnDisk) {
  DueSchedule schedule;
  schedule.add_page({due(10, 1)}, false);

  schedule.add(due(11, 2));
  schedule.add(due(9, 3));

  EXPECT_EQ(ids(schedule.take(kNow + 1h, 10)), (std::vector<EventId>{3, 1}));
  EXPECT_TRUE(schedule.wants_page());
}

TEST(DueSchedule, LosesNothingWhenItShedsWhatIsTooMuch) {
  // The disk, as delivery_due would have it.
  std::set<DueKey> disk;
  DueSchedule schedule = complete();
  constexpr EventId kCount = 2 * DueSchedule::kDuesMax + 500;
  for (EventId id = 1; id <= kCount; ++id) {
    // Later ones are due earlier: the worst order.
    const Due one = due(static_cast<std::int64_t>(kCount - id), id);
    disk.insert(one.key);
    schedule.add(one);
  }
  ASSERT_FALSE(schedule.is_complete());

  std::set<EventId> seen;
  while (!disk.empty()) {
    if (schedule.wants_page()) {
      std::vector<Due> page;
      for (auto it = disk.upper_bound(schedule.last());
           it != disk.end() && page.size() < DueSchedule::kPage; ++it) {
        page.push_back({*it, kNow + std::chrono::milliseconds(it->next_ms)});
      }
      schedule.add_page(page, page.size() < DueSchedule::kPage);
    }
    const auto taken = schedule.take(kNow + 1h, 100);
    ASSERT_FALSE(taken.empty());
    for (const DueKey& key : taken) {
      EXPECT_TRUE(seen.insert(key.id).second) << "twice: " << key.id;
      disk.erase(key);
      schedule.settle(key.id, key.run);
    }
  }

  EXPECT_EQ(seen.size(), kCount);
}

}  // namespace
}  // namespace hookhost::store
