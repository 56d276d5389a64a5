// SPDX-License-Identifier: Apache-2.0
//
// Do coroutine handlers and deferred answers end exactly once: with a value, an exception, a
// cancellation, at the end of the plugin, and with threads racing? Run it under the address and the
// thread sanitizer.
#include <gtest/gtest.h>
#include <hookhost/testing/fake_host.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace hookhost {
namespace {

using namespace std::chrono_literals;
using test::Outcome;

std::atomic<int> frames = 0;  // alive coroutines, by their local Frame
struct Frame {
  Frame() { ++frames; }
  ~Frame() { --frames; }
};

Task<Reply> at_once(const Payload& payload) {
  const Frame frame;
  co_return accepted("{}", payload.repo.name);
}
Task<Reply> in_pool(const Payload& payload, Context& ctx) {
  const Frame frame;
  const auto size = co_await ctx.pool([&] { return payload.repo.name.size(); });
  co_return ok("{} {}", payload.repo.name, size);
}
Task<int> sleeps(Context& ctx) {
  const Frame frame;
  const bool slept = co_await ctx.sleep(2s);
  co_return slept ? 1 : 0;
}
Task<void> returns_nothing(Context& ctx) { co_await ctx.sleep(1ms); }
Task<std::string> inner(Context& ctx, std::string text) {
  const Frame frame;
  co_await ctx.sleep(1s);
  co_return text + "!";
}
Task<std::string> nested(Context& ctx, const Json& document) {
  std::string all;
  for (const Json& element : document) all += co_await inner(ctx, element.get_or(std::string()));
  co_return all;
}
Task<Reply> throws_at_once() {
  const Frame frame;
  throw std::runtime_error("at once");
  co_return ok();
}
Task<Reply> throws_later(Context& ctx) {
  const Frame frame;
  co_await ctx.sleep(1s);
  throw std::runtime_error("later");
}
Task<Reply> throws_in_pool(Context& ctx) {
  const Frame frame;
  try {
    co_await ctx.pool([] { throw std::runtime_error("in the pool"); });
  } catch (const std::runtime_error& e) {
    co_return fail("caught {}", e.what());
  }
  co_return ok();
}
Task<Reply> waits_twice(Context& ctx) {
  const Frame frame;
  const int first = co_await ctx.pool([] { return 20; });
  co_await ctx.sleep(1s);
  const auto second = co_await ctx.pool([&] { return std::make_unique<int>(first + 1); });
  co_return ok(*second);
}
Task<int> sleeps_after_pool(Context& ctx) {
  const Frame frame;
  co_await ctx.pool([] {});
  co_return co_await ctx.sleep(1h) ? 1 : 0;
}
Task<Reply> tells_cancel(Context& ctx) {
  const Frame frame;
  const bool slept = co_await ctx.sleep(1h);
  co_return ok("{} {}", slept, static_cast<int>(ctx.cancel_reason()));
}
Task<Reply> answers_pending() { co_return pending(); }
Task<Reply> skips(Context& ctx) {
  co_await ctx.sleep(1s);
  co_return ignored();
}
void sleeps_without_task(Context& ctx) { ctx.sleep(1s); }

class Tasks : public ::testing::Test {
 protected:
  void TearDown() override { EXPECT_EQ(frames, 0) << "a coroutine was not freed"; }
};

TEST_F(Tasks, MayEndWithoutWaiting) {
  const auto response = test::post(at_once, test::hub_event());
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(response.body, R"("user/repo")");
}

TEST_F(Tasks, WaitForThePool) {
  EXPECT_EQ(test::post(in_pool, test::hub_event()).body, R"("user/repo 9")");
}

TEST_F(Tasks, SleepAsLongAsTheySay) {
  test::Host host({.pool = test::Pool::kManual});
  const auto delivery = host.start(sleeps, "");
  host.advance(1999ms);
  EXPECT_FALSE(delivery.is_answered());
  host.advance(1ms);
  EXPECT_EQ(delivery.response().body, "1");
}

TEST_F(Tasks, MapTheirResultsAsHandlersDo) {
  EXPECT_EQ(test::post(returns_nothing, "").body, "null");
  EXPECT_EQ(test::post(skips, "").outcome, Outcome::kSkipped);
}

TEST_F(Tasks, WaitForOtherTasks) {
  EXPECT_EQ(test::post(nested, R"(["a","b","c"])").body, R"("a!b!c!")");
}

TEST_F(Tasks, WaitSeveralTimes) { EXPECT_EQ(test::post(waits_twice, "").body, "21"); }

TEST_F(Tasks, FailWithWhatTheyThrow) {
  EXPECT_EQ(test::post(throws_at_once, "").error, "at once");
  EXPECT_EQ(test::post(throws_later, "").error, "later");
  EXPECT_EQ(test::post(throws_later, "").outcome, Outcome::kFailed);
  EXPECT_EQ(test::post(throws_in_pool, "").error, "caught in the pool");
}

TEST_F(Tasks, CannotAnswerPending) {
  EXPECT_EQ(test::post(answers_pending, "").error, "pending() from a coroutine: not possible now");
}

TEST_F(Tasks, FailWhenThePoolIsFull) {
  test::Host host({.pool_queue_max = 0});
  EXPECT_EQ(host.post(waits_twice, "").error, "pool.post: a limit was reached");
}

TEST_F(Tasks, FailWhereTheHostHasNoTimerOrPool) {
  test::Host host({.without = {"hookhost.timer/1", "hookhost.pool/1"}});
  EXPECT_EQ(host.post(sleeps, "").error, "hookhost.timer/1: this host cannot do it");
  EXPECT_EQ(host.post(waits_twice, "").error, "hookhost.pool/1: this host cannot do it");
}

TEST_F(Tasks, AreTheOnlyHandlersThatWait) {
  EXPECT_EQ(test::post(sleeps_without_task, "").error,
            "only a handler that returns Task can wait: not possible now");
}

TEST_F(Tasks, WakeWhenTheyAreCancelled) {
  test::Host host({.pool = test::Pool::kManual});
  const auto delivery = host.start(tells_cancel, "");

  delivery.cancel(CancelReason::kPeerGone);
  EXPECT_FALSE(delivery.is_answered()) << "it goes on in the pool, not in cancel";
  host.run_pool();

  EXPECT_EQ(delivery.response().body, R"("false 2")");
}

TEST_F(Tasks, WakeAtTheirDeadline) {
  test::Host host;
  EXPECT_EQ(host.post(tells_cancel, "", {.deadline = 5s}).body, R"("false 1")");
  EXPECT_EQ(host.now_ns(), 6'000'000'000u);
}

TEST_F(Tasks, WakeInCancelWhenThePoolTakesNothing) {
  test::Host host({.pool = test::Pool::kManual, .pool_queue_max = 0});
  const auto delivery = host.start(tells_cancel, "");
  delivery.cancel();
  EXPECT_EQ(delivery.response().body, R"("false 2")");
}

TEST_F(Tasks, DoNotSleepOnceCancelled) {
  test::Host host({.pool = test::Pool::kManual});
  const auto delivery = host.start(nested, R"(["a","b"])");
  delivery.cancel();
  host.run_pool();
  EXPECT_EQ(delivery.response().body, R"("a!b!")");
}

TEST_F(Tasks, WakeWhenThePluginEnds) {
  test::Host host({.pool = test::Pool::kManual});
  const auto first = host.start(tells_cancel, "");
  const auto second = host.start(nested, R"(["a","b"])");
  host.quiesce();
  EXPECT_EQ(first.response().body, R"("false 3")");
  EXPECT_EQ(second.response().body, R"("a!b!")");
}

TEST_F(Tasks, DoNotSleepOnceThePluginEnds) {
  test::Host host({.pool = test::Pool::kManual});
  const auto delivery = host.start(sleeps_after_pool, "");
  host.plugin().quiesce(host.instance());
  host.run_pool();
  EXPECT_EQ(delivery.response().body, "0");
}

// ---- Deferred

std::optional<Deferred> parked;
void park(Context& ctx) { parked = ctx.defer(); }
Reply park_and_reply(Context& ctx) {
  parked = ctx.defer();
  return ok("ignored");
}
void park_and_throw(Context& ctx) {
  parked = ctx.defer();
  throw std::runtime_error("too late");
}
void drop(Context& ctx) { static_cast<void>(ctx.defer()); }
void answer_inside(Context& ctx) { ctx.defer().complete(7); }
void defer_twice(Context& ctx) {
  const Deferred first = ctx.defer();
  const Deferred second = ctx.defer();
}
Task<int> defers_in_task(Context& ctx) {
  const Deferred deferred = ctx.defer();
  co_return 1;
}

class Deferring : public ::testing::Test {
 protected:
  void TearDown() override { parked.reset(); }
  test::Host host{{.pool = test::Pool::kManual}};
};

TEST_F(Deferring, AnswersLater) {
  const auto delivery = host.start(park, "");
  EXPECT_EQ(delivery.response().outcome, Outcome::kPending);
  EXPECT_TRUE(parked->complete(json({{"a", 1}})));
  EXPECT_EQ(delivery.response().body, R"({"a":1})");
}

TEST_F(Deferring, AnswersOnce) {
  const auto delivery = host.start(park, "");
  EXPECT_TRUE(parked->complete(1));
  EXPECT_FALSE(parked->complete(2));
  EXPECT_EQ(delivery.response().body, "1");
}

TEST_F(Deferring, AnswersFromInsideTheHandler) {
  EXPECT_EQ(host.start(answer_inside, "").response().body, "7");
}

TEST_F(Deferring, IgnoresWhatTheHandlerReturnsOrThrows) {
  const auto first = host.start(park_and_reply, "");
  EXPECT_TRUE(parked->complete(1));
  EXPECT_EQ(first.response().body, "1");
  const auto second = host.start(park_and_throw, "");
  EXPECT_TRUE(parked->complete(2));
  EXPECT_EQ(second.response().body, "2");
}

TEST_F(Deferring, FailsWhenItIsDropped) {
  EXPECT_EQ(host.start(drop, "").response().error, "the deferred answer was dropped");
}

TEST_F(Deferring, IsPossibleOnceAndNotInATask) {
  EXPECT_EQ(host.start(defer_twice, "").response().error, "the deferred answer was dropped");
  EXPECT_EQ(host.start(defers_in_task, "").response().error,
            "defer in a coroutine: not possible now");
}

TEST_F(Deferring, SeesItsCancellation) {
  const auto delivery = host.start(park, "");
  EXPECT_FALSE(parked->is_cancelled());
  delivery.cancel();
  EXPECT_TRUE(parked->is_cancelled());
  EXPECT_TRUE(parked->complete());
  EXPECT_EQ(delivery.response().body, "null");
}

TEST_F(Deferring, AnswersFromAnotherThread) {
  const auto delivery = host.start(park, "");
  std::thread other([] { parked->complete("from afar"); });
  other.join();
  EXPECT_EQ(delivery.response().body, R"("from afar")");
}

// ---- Races. Worth running under the thread sanitizer.

TEST_F(Tasks, RaceWithThreadsOfThePool) {
  test::Host host({.pool = test::Pool::kThreads});
  std::vector<test::Host::Delivery> deliveries;
  for (int i = 0; i < 50; ++i) deliveries.push_back(host.start(in_pool, test::hub_event()));
  for (const auto& delivery : deliveries) EXPECT_EQ(delivery.wait().body, R"("user/repo 9")");
}

TEST_F(Tasks, RaceBetweenTheClockAndCancellation) {
  for (int round = 0; round < 50; ++round) {
    test::Host host({.pool = test::Pool::kThreads});
    std::vector<test::Host::Delivery> deliveries;
    for (int i = 0; i < 4; ++i) deliveries.push_back(host.start(sleeps, ""));

    std::thread canceller([&] {
      for (const auto& delivery : deliveries) delivery.cancel();
    });
    host.advance(2s);
    canceller.join();

    for (const auto& delivery : deliveries) {
      const std::string body = delivery.wait().body;
      EXPECT_TRUE(body == "0" || body == "1") << body;
    }
  }
}

TEST_F(Tasks, RaceBetweenTheEndOfThePluginAndTheClock) {
  for (int round = 0; round < 50; ++round) {
    std::vector<test::Host::Delivery> deliveries;
    test::Host host({.pool = test::Pool::kThreads});
    for (int i = 0; i < 4; ++i) deliveries.push_back(host.start(sleeps, ""));

    std::thread clock([&] { host.advance(2s); });
    host.quiesce();
    clock.join();

    for (const auto& delivery : deliveries) EXPECT_EQ(delivery.wait().status, 200);
  }
}

}  // namespace
}  // namespace hookhost
