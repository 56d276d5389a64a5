// SPDX-License-Identifier: Apache-2.0
//
// What does an attempt end with, and who is told, when handlers are slow, late, too many, or when
// the sender, the deadline or the host does not wait for them? Seed row F02: the pool is the
// default place.
#include "dispatch/dispatcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "support/fake_exchange.h"
#include "support/rest.h"
#include "support/scripted_handler.h"

namespace hookhost::dispatch {
namespace {

using namespace std::chrono_literals;
using enum OutcomeKind;
using test::FakeClock;
using test::FakeExchange;
using test::FakeLoop;
using test::ScriptedHandler;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Answers with the number of the outcome, so that a test reads it as the status.
constexpr int status_of(OutcomeKind kind) { return 200 + static_cast<int>(kind); }

class Corridor final : public Receiver {
 public:
  Corridor(Dispatcher& dispatcher, const Clock& clock) : dispatcher_(dispatcher), clock_(clock) {}

  Task<Response> receive(Exchange& exchange) override {
    Attempt& attempt = dispatcher_.prepare(exchange);
    attempt.head = &exchange.head();
    attempt.path = exchange.arena().copy(exchange.head().path);
    Terms mine = terms;
    mine.now = clock_.monotonic_now();
    mine.user = this;
    mine.let_go = [](void* user) noexcept { ++static_cast<Corridor*>(user)->let_go; };
    Outcome outcome = co_await dispatcher_.hand_over(attempt, mine);
    outcome.response.status = status_of(outcome.kind);
    co_return outcome.response;
  }

  Terms terms{.path = "/webhooks/x"};
  int let_go = 0;  // how often a route was let go

 private:
  Dispatcher& dispatcher_;
  const Clock& clock_;
};

class DispatcherTest : public ::testing::Test {
 protected:
  explicit DispatcherTest(WorkerPoolOptions options = {.threads = 2, .queue_max = 8})
      : pool(options) {
    EXPECT_TRUE(pool.start());
    corridor.terms.handler = &handler;
  }
  ~DispatcherTest() override {
    handler.open();
    pool.stop();
    loop.run();
  }
  std::unique_ptr<FakeExchange> send() {
    auto exchange = std::make_unique<FakeExchange>(loop, test::FakeRequest{});
    exchange->start(corridor);
    return exchange;
  }
  int status_after_all(FakeExchange& exchange) {
    loop.run_until([&] { return exchange.is_answered(); });
    return exchange.answer().status;
  }

  FakeClock clock;
  FakeLoop loop{clock};
  WorkerPool pool;
  Dispatcher dispatcher{pool, 1};
  ScriptedHandler handler{kHandled};
  Corridor corridor{dispatcher, clock};
};

int releases = 0;
const Chunk kChunk{"text", [](void*) { ++releases; }, nullptr};
Outcome handled_with_chunk() {
  releases = 0;
  Outcome outcome{.kind = kHandled};
  outcome.response.chunks = {&kChunk, 1};
  return outcome;
}

// ---- The happy cases
// -----------------------------------------------------------------------------

TEST_F(DispatcherTest, RunsAnInlineHandlerOnTheLoop) {
  corridor.terms.is_inline = true;

  const auto exchange = send();

  ASSERT_TRUE(exchange->is_answered());
  EXPECT_EQ(exchange->answer().status, status_of(kHandled));
  EXPECT_EQ(handler.attempts().front().thread, std::this_thread::get_id());
  EXPECT_EQ(corridor.let_go, 1);
  EXPECT_EQ(loop.alarms(), 0U);
}
TEST_F(DispatcherTest, RunsAPoolHandlerOnAnotherThreadF02) {
  const auto exchange = send();

  EXPECT_EQ(status_after_all(*exchange), status_of(kHandled));
  EXPECT_NE(handler.attempts().front().thread, std::this_thread::get_id());
  EXPECT_EQ(corridor.let_go, 1);
  EXPECT_EQ(exchange->holds(), 0);
}
TEST_F(DispatcherTest, DoesNotStallTheLoopWhileAPoolHandlerIsSlowF02) {
  handler.shut();
  const auto slow = send();
  handler.wait_for_attempts(1);
  ScriptedHandler quick;
  corridor.terms.handler = &quick;
  corridor.terms.is_inline = true;

  EXPECT_TRUE(send()->is_answered());
  EXPECT_FALSE(slow->is_answered());
  handler.open();
  EXPECT_EQ(status_after_all(*slow), status_of(kHandled));
}
TEST_F(DispatcherTest, GivesEveryOutcomeOfAHandler) {
  for (const bool is_inline : {true, false}) {
    for (const OutcomeKind kind : {kHandled, kSkipped, kFailed, kDead, kCancelled}) {
      ScriptedHandler scripted{kind};
      corridor.terms.handler = &scripted;
      corridor.terms.is_inline = is_inline;
      EXPECT_EQ(status_after_all(*send()), status_of(kind));
    }
  }
}
TEST_F(DispatcherTest, GivesTheResponseWithItsChunks) {
  ScriptedHandler scripted(handled_with_chunk());
  corridor.terms.handler = &scripted;

  const auto exchange = send();

  EXPECT_EQ(status_after_all(*exchange), status_of(kHandled));
  EXPECT_EQ(exchange->answer().body, "text");
  EXPECT_EQ(releases, 1);
}

// ---- Handlers that answer later
// ------------------------------------------------------------------

class Deferred : public DispatcherTest, public ::testing::WithParamInterface<bool> {
 protected:
  Deferred() {
    corridor.terms.handler = &later;
    corridor.terms.is_inline = GetParam();
  }
  std::unique_ptr<FakeExchange> send_and_begin() {
    auto exchange = send();
    later.wait_for_attempts(1);
    if (!GetParam()) wait_until_pending();
    return exchange;
  }
  // The pool's thread notes the attempt as pending when it leaves handle().
  void wait_until_pending() {
    while (!later.has_pending()) test::rest();
  }
  ScriptedHandler later{kPending};
};
INSTANTIATE_TEST_SUITE_P(Places, Deferred, ::testing::Bool(),
                         [](const auto& place) { return place.param ? "Inline" : "Pool"; });

TEST_P(Deferred, WaitsForFinishFromAnyThread) {
  const auto exchange = send_and_begin();
  loop.run();
  EXPECT_FALSE(exchange->is_answered());
  EXPECT_EQ(dispatcher.stats().waiting, 1U);

  std::thread([&] { later.finish({.kind = kSkipped}); }).join();

  EXPECT_EQ(status_after_all(*exchange), status_of(kSkipped));
  EXPECT_EQ(dispatcher.stats().waiting, 0U);
  EXPECT_EQ(corridor.let_go, 1);
}
TEST_P(Deferred, TimesOutAtTheDeadlineAtOnce) {
  corridor.terms.timeout = 5s;
  const auto exchange = send_and_begin();
  EXPECT_EQ(later.attempts().front().deadline, FakeClock::kMonotonicStart + 5s);

  loop.advance(5s - 1ms);
  EXPECT_FALSE(exchange->is_answered());
  EXPECT_THAT(later.cancels(), IsEmpty());
  loop.advance(1ms);

  ASSERT_TRUE(exchange->is_answered());
  EXPECT_EQ(exchange->answer().status, status_of(kTimedOut));
  EXPECT_THAT(later.cancels(), ElementsAre(CancelReason::kDeadline));
  later.finish({.kind = kHandled});
  loop.run();
}
TEST_P(Deferred, NeverTimesOutWithoutADeadline) {
  const auto exchange = send_and_begin();
  EXPECT_EQ(later.attempts().front().deadline, MonotonicTime{});

  loop.advance(24h);

  EXPECT_FALSE(exchange->is_answered());
  later.finish({.kind = kHandled});
  EXPECT_EQ(status_after_all(*exchange), status_of(kHandled));
}
TEST_P(Deferred, KeepsTheMemoryOfAZombieUntilItLetsGo) {
  corridor.terms.timeout = 5s;
  const auto exchange = send_and_begin();
  loop.advance(5s);
  exchange->end();
  EXPECT_EQ(exchange->holds(), 1);
  EXPECT_EQ(dispatcher.stats().zombies, 1U);
  EXPECT_EQ(corridor.let_go, 0);

  later.finish({.kind = kHandled});
  loop.run();

  EXPECT_EQ(exchange->holds(), 0);
  EXPECT_EQ(dispatcher.stats().zombies, 0U);
  EXPECT_EQ(corridor.let_go, 1);
}
TEST_P(Deferred, ReleasesTheChunksOfALateAnswerOnce) {
  corridor.terms.timeout = 5s;
  const auto exchange = send_and_begin();
  loop.advance(5s);

  later.finish(handled_with_chunk());
  loop.run();

  EXPECT_EQ(releases, 1);
  EXPECT_EQ(exchange->answer().status, status_of(kTimedOut));
  EXPECT_EQ(exchange->answers(), 1);
}
TEST_P(Deferred, PrefersTheOutcomeThatCameJustBeforeTheDeadline) {
  corridor.terms.timeout = 5s;
  const auto exchange = send_and_begin();
  clock.advance(6s);
  later.finish({.kind = kHandled});  // posted, and not yet run when the alarm rings

  loop.ring_due();
  loop.run();

  EXPECT_EQ(exchange->answer().status, status_of(kHandled));
  EXPECT_THAT(later.cancels(), IsEmpty());
}

// ---- Nobody waits any more
// -----------------------------------------------------------------------

TEST_P(Deferred, TellsTheHandlerThatThePeerIsGoneAndGoesOn) {
  const auto exchange = send_and_begin();

  exchange->lose_peer();
  loop.run();

  EXPECT_THAT(later.cancels(), ElementsAre(CancelReason::kPeerGone));
  EXPECT_FALSE(exchange->is_answered());
  later.finish({.kind = kHandled});
  EXPECT_EQ(status_after_all(*exchange), status_of(kHandled));
  EXPECT_FALSE(exchange->is_watched());
}
TEST_P(Deferred, IsToldOnceWhateverElseHappens) {
  corridor.terms.timeout = 5s;
  const auto exchange = send_and_begin();
  exchange->lose_peer();
  loop.run();

  loop.advance(5s);
  dispatcher.drain();
  loop.run();

  EXPECT_THAT(later.cancels(), ElementsAre(CancelReason::kPeerGone));
  EXPECT_EQ(exchange->answer().status, status_of(kTimedOut));
  later.finish({.kind = kHandled});
  loop.run();
}
TEST_P(Deferred, SurvivesTheEndOfItsTask) {
  corridor.terms.timeout = 5s;
  const auto exchange = send_and_begin();

  exchange->end();

  EXPECT_THAT(later.cancels(), ElementsAre(CancelReason::kPeerGone));
  EXPECT_EQ(exchange->holds(), 1);
  EXPECT_EQ(loop.alarms(), 0U);
  EXPECT_FALSE(exchange->is_watched());
  later.finish(handled_with_chunk());
  loop.run();
  EXPECT_EQ(exchange->holds(), 0);
  EXPECT_EQ(releases, 1);
  EXPECT_EQ(corridor.let_go, 1);
}
TEST_P(Deferred, SurvivesTheEndOfItsTaskWithTheOutcomeOnItsWay) {
  const auto exchange = send_and_begin();
  later.finish(handled_with_chunk());

  exchange->end();
  EXPECT_EQ(exchange->holds(), 1);
  loop.run();

  EXPECT_THAT(later.cancels(), IsEmpty());
  EXPECT_EQ(exchange->holds(), 0);
  EXPECT_EQ(releases, 1);
}
TEST_P(Deferred, IsToldOfTheDrainAndHasItsSay) {
  const auto exchange = send_and_begin();

  dispatcher.drain();
  dispatcher.drain();
  loop.run();

  EXPECT_THAT(later.cancels(), ElementsAre(CancelReason::kDraining));
  EXPECT_FALSE(exchange->is_answered());
  later.finish({.kind = kHandled});
  EXPECT_EQ(status_after_all(*exchange), status_of(kHandled));
}
TEST_P(Deferred, IsToldOfTheDrainWhenItsTaskEndsThen) {
  const auto exchange = send_and_begin();
  dispatcher.drain();

  exchange->end();  // before the loop turned

  EXPECT_THAT(later.cancels(), ElementsAre(CancelReason::kDraining));
  later.finish({.kind = kCancelled});
  loop.run();
}
TEST_F(DispatcherTest, StartsNothingAfterTheDrain) {
  dispatcher.drain();
  for (const bool is_inline : {true, false}) {
    corridor.terms.is_inline = is_inline;
    EXPECT_EQ(send()->answer().status, status_of(kCancelled));
  }
  EXPECT_THAT(handler.attempts(), IsEmpty());
  EXPECT_EQ(corridor.let_go, 2);
}

// ---- Too many
// ------------------------------------------------------------------------------------

class OneThread : public DispatcherTest {
 protected:
  OneThread() : DispatcherTest({.threads = 1, .queue_max = 2}) {}
  // The only thread is inside the handler.
  std::unique_ptr<FakeExchange> occupy() {
    handler.shut();
    auto exchange = send();
    handler.wait_for_attempts(1);
    return exchange;
  }
};

TEST_F(OneThread, IsOverloadedWhenTheQueueIsFull) {
  const auto busy = occupy();
  const auto second = send(), third = send();

  const auto fourth = send();

  ASSERT_TRUE(fourth->is_answered());
  EXPECT_EQ(fourth->answer().status, status_of(kOverloaded));
  EXPECT_EQ(corridor.let_go, 1);
  EXPECT_EQ(dispatcher.stats().waiting, 3U);
  handler.open();
  for (const auto* exchange : {&busy, &second, &third})
    EXPECT_EQ(status_after_all(**exchange), status_of(kHandled));
}
TEST_F(OneThread, NeverBeginsWhatTimedOutInTheQueue) {
  const auto busy = occupy();
  corridor.terms.timeout = 5s;
  const auto queued = send();

  loop.advance(5s);

  EXPECT_EQ(queued->answer().status, status_of(kTimedOut));
  EXPECT_EQ(dispatcher.stats().zombies, 1U);  // its node is still in the pool's queue
  handler.open();
  loop.run_until([&] { return dispatcher.stats().zombies == 0; });
  EXPECT_EQ(handler.attempts().size(), 1U);
  EXPECT_THAT(handler.cancels(), IsEmpty());
  EXPECT_EQ(status_after_all(*busy), status_of(kHandled));
}
TEST_F(OneThread, NeverBeginsWhatNobodyWaitsForInTheQueue) {
  const auto busy = occupy();
  const auto queued = send();

  queued->end();
  EXPECT_EQ(queued->holds(), 1);
  handler.open();
  loop.run_until([&] { return queued->holds() == 0; });

  EXPECT_EQ(handler.attempts().size(), 1U);
  EXPECT_EQ(status_after_all(*busy), status_of(kHandled));
}
TEST_F(OneThread, StillRunsWhatIsQueuedWhenThePeerIsGone) {
  const auto busy = occupy();
  const auto queued = send();

  queued->lose_peer();
  loop.run();
  handler.open();

  EXPECT_EQ(status_after_all(*queued), status_of(kHandled));
  EXPECT_THAT(handler.cancels(), IsEmpty());
  EXPECT_EQ(status_after_all(*busy), status_of(kHandled));
}
TEST_F(OneThread, CancelsWhatIsQueuedAtTheDrain) {
  const auto busy = occupy();
  const auto queued = send();

  dispatcher.drain();
  loop.run();

  EXPECT_EQ(queued->answer().status, status_of(kCancelled));
  EXPECT_THAT(handler.cancels(), ElementsAre(CancelReason::kDraining));
  handler.open();
  EXPECT_EQ(status_after_all(*busy), status_of(kHandled));
  loop.run_until([&] { return dispatcher.stats().zombies == 0; });
}

// ---- The route's own limit
// -----------------------------------------------------------------------

class Limited : public DispatcherTest, public ::testing::WithParamInterface<bool> {
 protected:
  Limited() {
    corridor.terms.handler = &later;
    corridor.terms.is_inline = GetParam();
    corridor.terms.concurrency_max = 1;
  }
  // Until so many attempts have come and the last is pending.
  void begin(std::size_t count) {
    if (GetParam()) loop.run();
    later.wait_for_attempts(count);
    while (!later.has_pending()) test::rest();
  }
  ScriptedHandler later{kPending};
};
INSTANTIATE_TEST_SUITE_P(Places, Limited, ::testing::Bool(),
                         [](const auto& place) { return place.param ? "Inline" : "Pool"; });

TEST_P(Limited, RunsOneAfterTheOtherInOrder) {
  const auto first = send(), second = send(), third = send();
  begin(1);
  EXPECT_EQ(later.attempts().size(), 1U);

  later.finish({.kind = kHandled});
  EXPECT_EQ(status_after_all(*first), status_of(kHandled));
  begin(2);
  EXPECT_FALSE(second->is_answered());
  later.finish({.kind = kSkipped});
  EXPECT_EQ(status_after_all(*second), status_of(kSkipped));
  begin(3);
  later.finish({.kind = kFailed});

  EXPECT_EQ(status_after_all(*third), status_of(kFailed));
  EXPECT_EQ(later.running_max(), 1U);
  EXPECT_EQ(corridor.let_go, 3);
}
TEST_P(Limited, LetsAnotherPathPass) {
  const auto first = send();
  begin(1);
  corridor.terms.path = "/webhooks/y";

  const auto other = send();
  later.wait_for_attempts(2);

  while (!other->is_answered()) {
    if (later.has_pending()) later.finish({.kind = kHandled});
    loop.run();
  }
  EXPECT_EQ(status_after_all(*first), status_of(kHandled));
}
TEST_P(Limited, TimesOutInTheLineWithoutATrace) {
  const auto first = send();
  begin(1);
  corridor.terms.timeout = 5s;
  const auto second = send();

  loop.advance(5s);

  EXPECT_EQ(second->answer().status, status_of(kTimedOut));
  EXPECT_EQ(dispatcher.stats().zombies, 0U);
  EXPECT_EQ(second->holds(), 0);
  later.finish({.kind = kHandled});
  EXPECT_EQ(status_after_all(*first), status_of(kHandled));
  EXPECT_EQ(later.attempts().size(), 1U);
}
TEST_P(Limited, ForgetsInTheLineWhomNobodyWaitsFor) {
  const auto first = send();
  begin(1);
  const auto second = send(), third = send();

  second->end();
  EXPECT_EQ(second->holds(), 0);
  later.finish({.kind = kHandled});
  begin(2);
  later.finish({.kind = kHandled});

  EXPECT_EQ(status_after_all(*first), status_of(kHandled));
  EXPECT_EQ(status_after_all(*third), status_of(kHandled));
  EXPECT_EQ(later.attempts().size(), 2U);
  EXPECT_EQ(corridor.let_go, 3);
}
TEST_P(Limited, CancelsTheLineAtTheDrain) {
  const auto first = send();
  begin(1);
  const auto second = send(), third = send();

  dispatcher.drain();
  loop.run();

  EXPECT_EQ(second->answer().status, status_of(kCancelled));
  EXPECT_EQ(third->answer().status, status_of(kCancelled));
  later.finish({.kind = kHandled});
  EXPECT_EQ(status_after_all(*first), status_of(kHandled));
}
TEST_P(Limited, KeepsThePlaceOfAZombie) {
  corridor.terms.timeout = 5s;
  const auto zombie = send();
  begin(1);
  loop.advance(5s);
  EXPECT_EQ(zombie->answer().status, status_of(kTimedOut));
  corridor.terms.timeout = 0s;

  const auto next = send();
  loop.run();
  EXPECT_EQ(later.attempts().size(), 1U);
  later.finish({.kind = kHandled});
  begin(2);
  later.finish({.kind = kHandled});

  EXPECT_EQ(status_after_all(*next), status_of(kHandled));
}
TEST_P(Limited, IsOverloadedBeyondTheLine) {
  std::vector<std::unique_ptr<FakeExchange>> exchanges;
  exchanges.push_back(send());
  begin(1);
  for (std::size_t i = 0; i < kGateWaitingMax; ++i) exchanges.push_back(send());
  EXPECT_FALSE(exchanges.back()->is_answered());

  EXPECT_EQ(send()->answer().status, status_of(kOverloaded));

  for (auto& exchange : exchanges) exchange->end();
  later.finish({.kind = kHandled});
  loop.run();
}

TEST_F(OneThread, TurnsTheLineAwayWhenThePoolHasNoRoomForIt) {
  ScriptedHandler limited{kPending};
  corridor.terms.handler = &limited;
  corridor.terms.concurrency_max = 1;
  const auto first = send();
  limited.wait_for_attempts(1);
  while (!limited.has_pending()) test::rest();
  const auto second = send(), third = send();
  corridor.terms.handler = &handler;
  corridor.terms.concurrency_max = 0;
  const auto busy = occupy();
  const auto queued1 = send(), queued2 = send();  // the pool is full now

  limited.finish({.kind = kHandled});

  EXPECT_EQ(status_after_all(*first), status_of(kHandled));
  EXPECT_EQ(status_after_all(*second), status_of(kOverloaded));
  EXPECT_EQ(status_after_all(*third), status_of(kOverloaded));
  handler.open();
  for (const auto* exchange : {&busy, &queued1, &queued2})
    EXPECT_EQ(status_after_all(**exchange), status_of(kHandled));
}

// ---- Misuse of the awaitable
// ---------------------------------------------------------------------

TEST_F(DispatcherTest, LetsTheRouteGoWhenItIsNeverAwaited) {
  FakeExchange exchange(loop, {});
  Terms terms = corridor.terms;
  int let_go = 0;
  terms.user = &let_go;
  terms.let_go = [](void* user) noexcept { ++*static_cast<int*>(user); };

  { const HandOver unused = dispatcher.hand_over(dispatcher.prepare(exchange), terms); }

  EXPECT_EQ(let_go, 1);
  EXPECT_EQ(exchange.holds(), 0);
}

}  // namespace
}  // namespace hookhost::dispatch
