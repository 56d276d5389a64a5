// SPDX-License-Identifier: Apache-2.0
//
// Is what is due handed to the handler that serves its route now, and does the journal hear what
// came of it?
#include "intake/redelivery.h"

#include "intake/corridor_fixture.h"
#include "store/event_head.h"
#include "support/fake_journal.h"
#include "support/temp_dir.h"

namespace hookhost::intake {
namespace {

using namespace std::chrono_literals;
using store::State;
using telemetry::Result;
using testing::IsEmpty;
using testing::SizeIs;

class RedeliveryTest : public CorridorTest {
 protected:
  ~RedeliveryTest() override {
    redelivery.give_up();
    loop.run();
  }
  // An event that waits; the loop has not turned.
  void keep(EventId id, std::uint32_t attempts = 0, const std::string& route_name = "endpoint") {
    const std::vector<Header> headers = {{"Content-Type", "application/json"}};
    const RequestHead head{.method = "POST",
                           .target = "/webhooks/x",
                           .path = "/webhooks/x",
                           .query = {},
                           .headers = headers,
                           .remote_address = "127.0.0.1:1"};
    ASSERT_TRUE(journal.append({.id = id,
                                .received_at = clock.now(),
                                .route = route_name,
                                .sender_id = "delivery-1",
                                .head = store::write_head(head, ""),
                                .body = kPush,
                                .attempts = attempts},
                               [](const store::Appended&) {}));
  }
  void run() {
    redelivery.wake();
    loop.run();
  }
  void serve_outcomes(std::initializer_list<OutcomeKind> script) {
    handler = std::make_shared<test::ScriptedHandler>(script);
    route.handler = handler;
    serve();
  }

  // The process ends while these are with their handler, and the next one begins.
  CrashRecord record_of(std::initializer_list<EventId> running, int crashes) {
    for (int i = 0; i < crashes; ++i) {
      CrashRecord record = CrashRecord::open(folder / "running").value();
      for (const EventId id : running) record.begin(id, 0);
    }
    return CrashRecord::open(folder / "running").value();
  }
  std::unique_ptr<Redelivery> after_crashes(std::initializer_list<EventId> running, int crashes) {
    return std::make_unique<Redelivery>(RedeliveryOptions{.running_max = 4, .of_route_max = 4},
                                        journal, record_of(running, crashes), published, dispatcher,
                                        observer, clock, loop);
  }

  test::TempDir folder;
  test::FakeJournal journal{clock};
  Redelivery redelivery{{.running_max = 4, .of_route_max = 2},
                        journal,
                        CrashRecord(),
                        published,
                        dispatcher,
                        observer,
                        clock,
                        loop};
};

TEST_F(RedeliveryTest, WhatIsDueIsHandledAndDone) {
  serve();
  keep(7, 2);
  run();

  const auto seen = handler->attempts();
  ASSERT_THAT(seen, SizeIs(1));
  EXPECT_EQ(seen[0].body, kPush);
  EXPECT_EQ(seen[0].path, "/webhooks/x");
  EXPECT_EQ(seen[0].event_id, "evt_0000000000007");
  EXPECT_EQ(seen[0].delivery_id, "delivery-1");
  EXPECT_TRUE(seen[0].has_index);
  ASSERT_THAT(journal.kept()[0].finishes, SizeIs(1));
  EXPECT_EQ(journal.kept()[0].finishes[0].state, State::kDone);
  EXPECT_EQ(journal.kept()[0].finishes[0].attempts, 3u);
  EXPECT_EQ(journal.kept()[0].finishes[0].generation, "plugin.so gen 1");
  EXPECT_EQ(observer.seen.at(0).result, Result::kHandled);
  EXPECT_EQ(redelivery.running(), 0u);
}

TEST_F(RedeliveryTest, AFailureIsTriedAgainWhenItsTimeHasCome) {
  serve_outcomes({OutcomeKind::kFailed, OutcomeKind::kHandled});
  keep(7);
  run();
  EXPECT_EQ(journal.kept()[0].event.state, State::kReady);
  EXPECT_EQ(journal.kept()[0].event.attempts, 1u);

  loop.advance(700ms);
  EXPECT_THAT(handler->attempts(), SizeIs(1));
  loop.advance(600ms);
  EXPECT_THAT(handler->attempts(), SizeIs(2));
  EXPECT_EQ(journal.kept()[0].event.state, State::kDone);
  EXPECT_EQ(journal.kept()[0].event.attempts, 2u);
}

TEST_F(RedeliveryTest, TheTwelfthFailureIsDead) {
  serve_outcomes({OutcomeKind::kFailed});
  keep(7, 11);
  run();
  EXPECT_EQ(journal.kept()[0].event.state, State::kDead);
  EXPECT_EQ(observer.seen.at(0).result, Result::kDead);
}

TEST_F(RedeliveryTest, AnEventWhoseRouteNobodyServesWaitsAndIsNoAttempt) {
  keep(7);
  run();
  EXPECT_THAT(journal.kept()[0].finishes, IsEmpty());
  EXPECT_EQ(journal.kept()[0].event.attempts, 0u);

  serve();
  loop.advance(1min);
  EXPECT_EQ(journal.kept()[0].event.state, State::kDone);
}

TEST_F(RedeliveryTest, ARouteOfAnotherNameOnThatPathDoesNotGetIt) {
  serve();
  keep(7, 0, "another");
  run();
  EXPECT_THAT(handler->attempts(), IsEmpty());
}

TEST_F(RedeliveryTest, AnEventWhoseHeadIsDamagedIsDeadWithThatReason) {
  serve();
  keep(7);
  journal.kept()[0].event.head = "no head";
  run();
  EXPECT_THAT(handler->attempts(), IsEmpty());
  EXPECT_EQ(journal.kept()[0].event.state, State::kDead);
  EXPECT_EQ(journal.kept()[0].finishes.at(0).error, "the head of the event is damaged");
}

TEST_F(RedeliveryTest, ASlowRouteLeavesRoomForTheOthers) {
  serve_outcomes({OutcomeKind::kPending});
  for (EventId id = 1; id <= 4; ++id) keep(id);
  run();
  EXPECT_THAT(handler->attempts(), SizeIs(2)) << "of_route_max";

  handler->finish({.kind = OutcomeKind::kHandled});
  loop.run();
  EXPECT_EQ(journal.kept()[0].event.state, State::kDone);
  loop.advance(300ms);
  EXPECT_EQ(handler->attempts().size(), 3u);
  while (handler->has_pending()) {
    handler->finish({.kind = OutcomeKind::kHandled});
    loop.run();
    loop.advance(300ms);
  }
  EXPECT_EQ(handler->attempts().size(), 4u);
}

TEST_F(RedeliveryTest, AMissedDeadlineIsAFailureAlthoughTheHandlerHasNotLetGo) {
  route.timeout = 5s;
  serve_outcomes({OutcomeKind::kPending});
  keep(7);
  run();
  loop.advance(5s);
  EXPECT_EQ(journal.kept()[0].event.attempts, 1u);
  EXPECT_EQ(observer.seen.at(0).result, Result::kTimedOut);
  EXPECT_THAT(handler->cancels(), testing::ElementsAre(CancelReason::kDeadline));

  handler->finish({.kind = OutcomeKind::kHandled});  // reads and frees its memory now
  loop.run();
  EXPECT_EQ(journal.kept()[0].finishes.size(), 1u);
}

TEST_F(RedeliveryTest, AnAttemptAcrossASwapIsToldAsWhatItWas) {
  route.name = "a name that is too long to lie in the string itself";
  serve_outcomes({OutcomeKind::kPending});
  keep(7, 0, route.name);
  run();
  published.publish(test::table_of({}));
  run();  // lets go of the table before

  handler->finish({.kind = OutcomeKind::kHandled});
  loop.run();
  EXPECT_EQ(observer.seen.at(0).route, route.name);
  EXPECT_EQ(journal.kept()[0].event.state, State::kDone);
}

TEST_F(RedeliveryTest, WhatIsGivenUpStaysReady) {
  serve_outcomes({OutcomeKind::kPending});
  keep(7);
  run();
  EXPECT_EQ(redelivery.running(), 1u);
  redelivery.give_up();
  loop.run();
  EXPECT_EQ(redelivery.running(), 0u);
  EXPECT_THAT(journal.kept()[0].finishes, IsEmpty());

  handler->finish({.kind = OutcomeKind::kHandled});
  loop.run();
  EXPECT_THAT(journal.kept()[0].finishes, IsEmpty()) << "nobody wants to know any more";
}

// ---- After the process ended under them

TEST_F(RedeliveryTest, SuspectsRunAloneOneAfterTheOtherAndThenTheRest) {
  serve_outcomes({OutcomeKind::kPending});
  for (EventId id = 1; id <= 4; ++id) keep(id);
  const auto next = after_crashes({2, 3}, 1);
  next->wake();
  loop.run();
  ASSERT_EQ(handler->attempts().size(), 1u);
  EXPECT_EQ(handler->attempts()[0].event_id, "evt_0000000000002");

  loop.advance(1s);
  EXPECT_EQ(handler->attempts().size(), 1u) << "it has the room to itself";
  handler->finish({.kind = OutcomeKind::kHandled});
  loop.run();
  loop.advance(1s);
  ASSERT_EQ(handler->attempts().size(), 2u);
  EXPECT_EQ(handler->attempts()[1].event_id, "evt_0000000000003");
  EXPECT_EQ(journal.kept()[1].event.attempts, 2u) << "the crash was one";

  handler->finish({.kind = OutcomeKind::kHandled});
  loop.run();
  loop.advance(1s);
  EXPECT_EQ(handler->attempts().size(), 4u);
  next->give_up();
  loop.run();
  while (handler->has_pending()) handler->finish({.kind = OutcomeKind::kHandled});
  loop.run();
}

TEST_F(RedeliveryTest, ASuspectThatTakesLongDoesNotKeepTheOthersForEver) {
  serve_outcomes({OutcomeKind::kPending});
  keep(1);
  keep(2);
  const auto next = after_crashes({1}, 1);
  next->wake();
  loop.run();
  loop.advance(29s);
  EXPECT_EQ(handler->attempts().size(), 1u);
  loop.advance(2s);
  EXPECT_EQ(handler->attempts().size(), 2u);
  next->give_up();
  loop.run();
  while (handler->has_pending()) handler->finish({.kind = OutcomeKind::kHandled});
  loop.run();
}

TEST_F(RedeliveryTest, OneUnderWhichTheProcessEndedTwiceIsDead) {
  serve();
  keep(1);
  keep(2);
  const auto next = after_crashes({1}, 2);
  next->wake();
  loop.run();
  EXPECT_EQ(journal.kept()[0].event.state, State::kDead);
  EXPECT_EQ(journal.kept()[0].event.attempts, 2u);
  EXPECT_EQ(journal.kept()[1].event.state, State::kDone);
  EXPECT_EQ(handler->attempts().size(), 1u);
  EXPECT_EQ(observer.seen.at(0).detail, "the host ended twice during this event");
}

TEST_F(RedeliveryTest, WhatIsGivenUpAtAnEndInOrderIsNoSuspect) {
  serve_outcomes({OutcomeKind::kPending});
  keep(1);
  {
    const auto first = after_crashes({}, 0);
    first->wake();
    loop.run();
    ASSERT_EQ(handler->attempts().size(), 1u);
    first->give_up();
    loop.run();
    handler->finish({.kind = OutcomeKind::kHandled});
    loop.run();
  }
  EXPECT_FALSE(record_of({}, 0).has_suspects());
}

TEST_F(RedeliveryTest, NothingIsTakenAfterTheStop) {
  serve();
  redelivery.stop_claiming();
  keep(7);
  run();
  EXPECT_THAT(handler->attempts(), IsEmpty());
}

}  // namespace
}  // namespace hookhost::intake
