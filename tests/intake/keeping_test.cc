// SPDX-License-Identifier: Apache-2.0
//
// When does an event go to the journal, and what is its sender told? A 2xx never before it is on
// disk.
#include "intake/keeping.h"

#include "intake/corridor_fixture.h"
#include "support/fake_journal.h"

namespace hookhost::intake {
namespace {

using namespace std::chrono_literals;
using store::State;
using telemetry::Result;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class KeepingTest : public CorridorTest {
 protected:
  KeepingTest() {
    route.on_failure = OnFailure::kRetry;
    route.telemetry_slot = 1;
  }
  test::FakeAnswer answer(test::FakeRequest request) {
    const auto exchange = start(std::move(request));
    loop.run_until([&] { return exchange->is_answered(); });
    return exchange->answer();
  }
  std::unique_ptr<test::FakeExchange> start(test::FakeRequest request) {
    auto exchange = std::make_unique<test::FakeExchange>(loop, std::move(request));
    exchange->start(keeper);
    return exchange;
  }
  void serve_outcomes(std::initializer_list<OutcomeKind> script) {
    handler = std::make_shared<test::ScriptedHandler>(script);
    route.handler = handler;
    serve();
  }

  test::FakeJournal journal{clock};
  Intake keeper{{}, published, dispatcher, observer, clock, 1, &journal};
};

// ---- Before the handler: ack = durable

TEST_F(KeepingTest, ADurableEventIsAnswered202WithItsIdAndNoHandlerRuns) {
  route.ack = Ack::kDurable;
  serve();
  const auto said = answer(good());

  ASSERT_THAT(journal.kept(), SizeIs(1));
  const store::NewEvent& event = journal.kept()[0].event;
  EXPECT_EQ(said.status, 202);
  EXPECT_EQ(said.body, R"({"id":")" + observer.seen.at(0).event_id + R"(","status":"queued"})");
  EXPECT_EQ(event.state, State::kReady);
  EXPECT_EQ(event.attempts, 0u);
  EXPECT_EQ(event.route, "endpoint");
  EXPECT_EQ(event.type, "repo.content:update");
  EXPECT_EQ(event.sender_id, "delivery-1");
  EXPECT_EQ(event.body, kPush);
  EXPECT_THAT(event.head, testing::Not(HasSubstr("s3cret")));
  EXPECT_THAT(handler->attempts(), IsEmpty());
  EXPECT_EQ(observer.seen.at(0).result, Result::kQueued);
}

TEST_F(KeepingTest, ADurableEventIsNotAnsweredBeforeItIsOnDisk) {
  route.ack = Ack::kDurable;
  serve();
  journal.hold();
  const auto exchange = start(good());
  loop.run();
  EXPECT_FALSE(exchange->is_answered());

  journal.commit();
  loop.run();
  EXPECT_EQ(exchange->answer().status, 202);
}

TEST_F(KeepingTest, ADurableEventThatCannotBeStoredIsAnswered503) {
  route.ack = Ack::kDurable;
  serve();
  journal.hold();
  const auto exchange = start(good());
  journal.fail();
  loop.run();
  EXPECT_EQ(exchange->answer().status, 503);
  EXPECT_EQ(exchange->answer().header("Retry-After"), "5");

  journal.refuse();
  EXPECT_EQ(answer(good()).status, 503);
  EXPECT_EQ(observer.seen.at(1).rule, "journal-unavailable");
  EXPECT_THAT(journal.kept(), IsEmpty());
}

TEST_F(KeepingTest, ATwinIsAnswered200WithTheIdOfTheFirst) {
  route.ack = Ack::kDurable;
  serve();
  journal.be_twin_of(1, State::kDone);
  const auto said = answer(good());
  EXPECT_EQ(said.status, 200);
  EXPECT_EQ(said.body, R"({"id":"evt_0000000000001","duplicate":true})");
  EXPECT_EQ(observer.seen.at(0).result, Result::kDuplicate);
}

TEST_F(KeepingTest, AConnectionThatEndsMeanwhileDoesNotTakeTheEventBack) {
  route.ack = Ack::kDurable;
  serve();
  journal.hold();
  const auto exchange = start(good());
  exchange->end();
  journal.commit();
  loop.run();
  EXPECT_THAT(journal.kept(), SizeIs(1));
}

TEST_F(KeepingTest, AStrangersEventNeverComesToTheJournal) {
  route.ack = Ack::kDurable;
  serve();
  auto request = good();
  request.headers[2].second = "wrong";
  EXPECT_EQ(answer(request).status, 403);
  EXPECT_THAT(journal.kept(), IsEmpty());
}

// ---- After a handler that failed: on_failure = retry

TEST_F(KeepingTest, AnEventWhoseHandlerFailedIsKeptAndAnswered202) {
  serve_outcomes({OutcomeKind::kFailed});
  const auto said = answer(good());

  ASSERT_THAT(journal.kept(), SizeIs(1));
  EXPECT_EQ(said.status, 202);
  EXPECT_THAT(said.body, HasSubstr(R"("status":"will_retry")"));
  EXPECT_EQ(journal.kept()[0].event.state, State::kReady);
  EXPECT_EQ(journal.kept()[0].event.attempts, 1u);
  EXPECT_EQ(journal.kept()[0].event.generation, "plugin.so gen 1");
  EXPECT_GE(journal.kept()[0].event.due_in, 800ms);
  EXPECT_LE(journal.kept()[0].event.due_in, 1200ms);
  EXPECT_EQ(observer.seen.at(0).result, Result::kKept);
}

TEST_F(KeepingTest, OneThatFoundNoRoomIsKeptWithoutAnAttempt) {
  serve_outcomes({OutcomeKind::kOverloaded});
  EXPECT_EQ(answer(good()).status, 202);
  EXPECT_EQ(journal.kept().at(0).event.attempts, 0u);
}

TEST_F(KeepingTest, OneThatMustNeverBeTriedAgainIsKeptDead) {
  serve_outcomes({OutcomeKind::kDead});
  const auto said = answer(good());
  EXPECT_EQ(said.status, 202);
  EXPECT_THAT(said.body, HasSubstr(R"("status":"dead")"));
  EXPECT_EQ(journal.kept().at(0).event.state, State::kDead);
  EXPECT_EQ(observer.seen.at(0).result, Result::kDead);
}

TEST_F(KeepingTest, WhatWasHandledOrSkippedOrStoppedIsNotKept) {
  for (const auto& [kind, status] : {std::pair{OutcomeKind::kHandled, 200},
                                     {OutcomeKind::kSkipped, 204},
                                     {OutcomeKind::kCancelled, 503}}) {
    serve_outcomes({kind});
    EXPECT_EQ(answer(good()).status, status);
  }
  EXPECT_THAT(journal.kept(), IsEmpty());
}

TEST_F(KeepingTest, UnderFailTheSenderReadsTheFailure) {
  route.on_failure = OnFailure::kFail;
  serve_outcomes({OutcomeKind::kFailed});
  EXPECT_EQ(answer(good()).status, 500);
  EXPECT_THAT(journal.kept(), IsEmpty());
}

TEST_F(KeepingTest, AFailureThatCannotBeStoredIsAnsweredAsAFailure) {
  serve_outcomes({OutcomeKind::kFailed, OutcomeKind::kTimedOut});
  journal.refuse();
  EXPECT_EQ(answer(good()).status, 500);
  EXPECT_EQ(answer(good()).status, 504);
}

TEST_F(KeepingTest, WithoutAJournalBothWordsOfTheRouteAreAsIfNotSaid) {
  route.ack = Ack::kDurable;
  serve_outcomes({OutcomeKind::kHandled, OutcomeKind::kFailed});
  EXPECT_EQ(CorridorTest::answer(good()).status, 200);
  EXPECT_EQ(CorridorTest::answer(good()).status, 500);
}

}  // namespace
}  // namespace hookhost::intake
