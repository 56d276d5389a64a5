// SPDX-License-Identifier: Apache-2.0
//
// Which delivery is fresh, which is on its way, which was acknowledged, and for how long?
#include "intake/seen_ids.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace hookhost::intake {
namespace {

using namespace std::chrono_literals;

constexpr MonotonicTime kNow{1h};
constexpr auto kWindow = 10s;

const SeenIds::Key kKey = SeenIds::key_of("/webhooks/x", "7");

Sight sight(SeenIds& ids, const SeenIds::Key& key, MonotonicTime now) {
  return ids.begin(key, 1, now).sight;
}
void acknowledge(SeenIds& ids, std::string_view id, MonotonicTime now = kNow,
                 std::chrono::seconds window = kWindow) {
  const auto key = SeenIds::key_of("/webhooks/x", id);
  ASSERT_EQ(sight(ids, key, now), Sight::kFresh);
  ids.acknowledge(key, now, window);
}

TEST(SeenIds, AreOnTheirWayUntilTheirAnswerIsKnown) {
  SeenIds ids;
  EXPECT_EQ(ids.begin(kKey, 1, kNow).first, 1U);
  const auto again = ids.begin(kKey, 2, kNow + 1h);
  EXPECT_EQ(again.sight, Sight::kInFlight);
  EXPECT_EQ(again.first, 1U);

  ids.acknowledge(kKey, kNow + 1h, kWindow);
  const auto third = ids.begin(kKey, 3, kNow + 1h);
  EXPECT_EQ(third.sight, Sight::kDuplicate);
  EXPECT_EQ(third.first, 1U);
}
TEST(SeenIds, AreAsGoodAsNewWhenTheFirstFailed) {
  SeenIds ids;
  ids.begin(kKey, 1, kNow);
  ids.forget(kKey);
  EXPECT_EQ(ids.size(), 0U);
  const auto again = ids.begin(kKey, 2, kNow);
  EXPECT_EQ(again.sight, Sight::kFresh);
  EXPECT_EQ(again.first, 2U);
}
TEST(SeenIds, AreRememberedToTheLastMomentOfTheWindow) {
  SeenIds ids;
  acknowledge(ids, "7");
  EXPECT_EQ(sight(ids, kKey, kNow + kWindow), Sight::kDuplicate);
  EXPECT_EQ(sight(ids, kKey, kNow + kWindow + 1ns), Sight::kFresh);
  EXPECT_EQ(sight(ids, kKey, kNow + kWindow + 1ns), Sight::kInFlight);
}
TEST(SeenIds, CountTheWindowFromTheAnswer) {
  SeenIds ids;
  ids.begin(kKey, 1, kNow);
  ids.acknowledge(kKey, kNow + 5s, kWindow);
  EXPECT_EQ(sight(ids, kKey, kNow + 5s + kWindow), Sight::kDuplicate);
}
TEST(SeenIds, MeanSomethingOnTheirRouteAlone) {
  EXPECT_EQ(SeenIds::key_of("/webhooks/x", "7"), kKey);
  EXPECT_NE(SeenIds::key_of("/webhooks/y", "7"), kKey);
  EXPECT_NE(SeenIds::key_of("/webhooks/x", "8"), kKey);
  EXPECT_NE(SeenIds::key_of("/webhooks/", "x7"), kKey);
}
TEST(SeenIds, ForgetTheOldestBeyondTheirNumber) {
  SeenIds ids(2);
  acknowledge(ids, "1");
  acknowledge(ids, "2");
  EXPECT_EQ(sight(ids, SeenIds::key_of("/webhooks/x", "1"), kNow), Sight::kDuplicate);
  acknowledge(ids, "3");

  EXPECT_EQ(ids.size(), 2U);
  EXPECT_EQ(sight(ids, SeenIds::key_of("/webhooks/x", "2"), kNow), Sight::kDuplicate);
  EXPECT_EQ(sight(ids, SeenIds::key_of("/webhooks/x", "3"), kNow), Sight::kDuplicate);
  EXPECT_EQ(sight(ids, SeenIds::key_of("/webhooks/x", "1"), kNow), Sight::kFresh);
}
TEST(SeenIds, ForgetNoneThatIsOnItsWay) {
  SeenIds ids(1);
  ids.begin(kKey, 1, kNow);
  acknowledge(ids, "8");
  acknowledge(ids, "9");
  EXPECT_EQ(sight(ids, kKey, kNow), Sight::kInFlight);
  ids.acknowledge(kKey, kNow, kWindow);
  EXPECT_EQ(sight(ids, kKey, kNow), Sight::kDuplicate);
  EXPECT_EQ(ids.size(), 1U);
}
TEST(SeenIds, TakeNoMemoryWhenTheirWindowHasEnded) {
  SeenIds ids;
  acknowledge(ids, "1");
  acknowledge(ids, "2");
  acknowledge(ids, "3", kNow + kWindow);
  EXPECT_EQ(ids.size(), 3U);
  acknowledge(ids, "4", kNow + kWindow + 1ns);
  EXPECT_EQ(ids.size(), 2U);
}
TEST(SeenIds, LetOneOfManyThreadsRunADelivery) {
  constexpr int kThreads = 4, kIds = 500;
  SeenIds ids;
  std::atomic<int> fresh{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int id = 0; id < kIds; ++id) {
        const auto key = SeenIds::key_of("/webhooks/x", std::to_string(id));
        if (sight(ids, key, kNow) != Sight::kFresh) continue;
        ++fresh;
        ids.acknowledge(key, kNow, kWindow);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(fresh, kIds);
}

}  // namespace
}  // namespace hookhost::intake
