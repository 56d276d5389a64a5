// SPDX-License-Identifier: Apache-2.0
//
// Does a delivery that its sender repeats run once, and one that nobody acknowledged again?
#include "intake/corridor_fixture.h"

namespace hookhost::intake {
namespace {

using namespace std::chrono_literals;
using test::FakeRequest;
using test::ScriptedHandler;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class Repeat : public CorridorTest {
 protected:
  Repeat() {
    route.dedup_window = 24h;
    serve();
  }
  void script(std::initializer_list<OutcomeKind> kinds) {
    route.handler = handler = std::make_shared<ScriptedHandler>(kinds);
    serve();
  }
  static FakeRequest with_id(std::string id) {
    FakeRequest request = good();
    request.headers.back().second = std::move(id);
    return request;
  }
  const test::SeenDelivery& seen() const { return observer.seen.back(); }
};

TEST_F(Repeat, OfAHandledDeliveryWakesNoHandler) {
  EXPECT_EQ(answer(good()).body, "null");
  const std::string first = seen().event_id;

  const auto sent = answer(good());

  EXPECT_EQ(sent.status, 200);
  EXPECT_EQ(sent.content_type, "application/json");
  EXPECT_EQ(sent.body, R"({"id":")" + first + R"(","duplicate":true})");
  EXPECT_EQ(seen().result, telemetry::Result::kDuplicate);
  EXPECT_EQ(seen().event_id, first);
  EXPECT_THAT(handler->attempts(), SizeIs(1));
}
TEST_F(Repeat, OfASkippedDeliveryWakesNoHandler) {
  script({OutcomeKind::kSkipped});
  EXPECT_EQ(answer(good()).status, 204);
  EXPECT_EQ(answer(good()).status, 200);
  EXPECT_THAT(handler->attempts(), SizeIs(1));
}
TEST_F(Repeat, OfADeliveryThatGotNo2xxRuns) {
  for (const OutcomeKind kind : {OutcomeKind::kFailed, OutcomeKind::kDead, OutcomeKind::kTimedOut,
                                 OutcomeKind::kCancelled, OutcomeKind::kOverloaded}) {
    script({kind, OutcomeKind::kHandled});
    const FakeRequest request = with_id("id-" + std::to_string(static_cast<int>(kind)));
    EXPECT_GE(answer(request).status, 500);
    EXPECT_EQ(answer(request).body, "null");
    EXPECT_THAT(answer(request).body, HasSubstr("duplicate"));
    EXPECT_THAT(handler->attempts(), SizeIs(2));
  }
}
TEST_F(Repeat, OfADeliveryWhoseHandlerRefusedItRuns) {
  for (const int status : {199, 300, 422}) {
    Outcome no{.kind = OutcomeKind::kHandled};
    no.response.status = status;
    route.handler = handler = std::make_shared<ScriptedHandler>(no);
    serve();
    answer(with_id("id-" + std::to_string(status)));
    answer(with_id("id-" + std::to_string(status)));
    EXPECT_THAT(handler->attempts(), SizeIs(2)) << status;
  }
}
TEST_F(Repeat, WaitsWhileTheFirstIsOnItsWay) {
  script({OutcomeKind::kPending});
  const auto first = start(good());

  const auto sent = answer(good());
  EXPECT_EQ(sent.status, 503);
  EXPECT_EQ(sent.header("Retry-After"), "1");
  EXPECT_EQ(seen().rule, "delivery-in-flight");
  EXPECT_EQ(answer(good()).status, 503);

  handler->finish({.kind = OutcomeKind::kHandled});
  loop.run_until([&] { return first->is_answered(); });
  EXPECT_THAT(answer(good()).body, HasSubstr("duplicate"));
  EXPECT_THAT(handler->attempts(), SizeIs(1));
}
TEST_F(Repeat, RunsWhenTheSenderLeftBeforeTheAnswer) {
  script({OutcomeKind::kPending, OutcomeKind::kHandled});
  {
    const auto first = start(good());
    first->end();
    handler->finish({.kind = OutcomeKind::kHandled});
    loop.run();
  }
  EXPECT_EQ(answer(good()).body, "null");
}
TEST_F(Repeat, RunsBehindTheWindow) {
  answer(good());
  clock.advance(24h);
  EXPECT_THAT(answer(good()).body, HasSubstr("duplicate"));
  clock.advance(1ns);
  EXPECT_EQ(answer(good()).body, "null");
}
TEST_F(Repeat, RunsOnAnotherRoute) {
  Route other = route;
  other.path = "/webhooks/y";
  serve({route, other});
  FakeRequest request = good();
  EXPECT_EQ(answer(request).body, "null");
  request.target = "/webhooks/y";
  EXPECT_EQ(answer(request).body, "null");
}
TEST_F(Repeat, IsNoneWithoutAnId) {
  EXPECT_EQ(answer(with_id("")).body, "null");
  EXPECT_EQ(answer(with_id("")).body, "null");
}
TEST_F(Repeat, RunsWhereTheRouteHasNoWindow) {
  route.dedup_window = 0ms;
  serve();
  EXPECT_EQ(answer(good()).body, "null");
  EXPECT_EQ(answer(good()).body, "null");
}
TEST_F(Repeat, RunsWhereNobodyProvesAnything) {
  route.authenticator = nullptr;
  serve();
  EXPECT_EQ(answer(good()).body, "null");
  EXPECT_EQ(answer(good()).body, "null");
}
TEST_F(Repeat, OfAStrangerPoisonsNoId) {
  FakeRequest stranger = good();
  stranger.headers[2].second = "wrong";
  EXPECT_EQ(answer(stranger).status, 403);
  EXPECT_EQ(answer(good()).body, "null");
  EXPECT_EQ(answer(stranger).status, 403);
}
TEST_F(Repeat, RunsInDevelopment) {
  Intake developing({.development = true}, published, dispatcher, observer, clock, 1);
  for (int i = 0; i < 2; ++i) {
    test::FakeExchange exchange(loop, good());
    exchange.start(developing);
    EXPECT_EQ(exchange.answer().body, "null");
  }
}

}  // namespace
}  // namespace hookhost::intake
