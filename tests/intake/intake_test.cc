// SPDX-License-Identifier: Apache-2.0
//
// What happens to a webhook request from its head to its answer, in which order, and what is the
// sender told at each step that says no? Rows P, H, K, F and R of the Python server's behaviour.
#include "intake/intake.h"

#include "intake/corridor_fixture.h"
#include "model/journal_id.h"

namespace hookhost::intake {
namespace {

using namespace std::chrono_literals;
using test::FakeRequest;
using test::ScriptedHandler;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

constexpr std::string_view kNotFound = R"({"detail":"Not Found"})";
constexpr std::string_view kMissing = R"({"error":"x-webhook-secret header not set."})";
constexpr std::string_view kWrong = R"({"error":"Invalid webhook secret."})";

FakeRequest without(FakeRequest request, std::string_view header) {
  std::erase_if(request.headers, [&](const auto& line) { return line.first == header; });
  return request;
}
FakeRequest with(FakeRequest request, std::string_view header, std::string_view value) {
  request = without(std::move(request), header);
  request.headers.emplace_back(header, value);
  return request;
}

class Corridor : public CorridorTest {};

// ---- The whole way
// -------------------------------------------------------------------------------

TEST_F(Corridor, HandsAGoodEventToItsHandlerF01R01) {
  serve();

  const auto sent = answer(good());

  EXPECT_EQ(sent.status, 200);
  EXPECT_EQ(sent.content_type, "application/json");
  EXPECT_EQ(sent.body, "null");
  ASSERT_EQ(handler->attempts().size(), 1U);
  const auto seen = handler->attempts().front();
  EXPECT_EQ(seen.path, "/webhooks/x");
  EXPECT_EQ(seen.body, kPush);
  EXPECT_TRUE(seen.has_index);
  EXPECT_EQ(seen.delivery_id, "delivery-1");
  EXPECT_THAT(seen.event_id, StartsWith("evt_"));
  EXPECT_EQ(seen.deadline, test::FakeClock::kMonotonicStart + 30s);
}
TEST_F(Corridor, WaitsForABodyThatIsNotThereYet) {
  serve();
  test::FakeExchange exchange(loop, good());
  exchange.keep_body_back();
  exchange.start(intake);
  EXPECT_FALSE(exchange.is_answered());
  EXPECT_THAT(handler->attempts(), IsEmpty());

  exchange.deliver_body();

  EXPECT_EQ(exchange.answer().status, 200);
}
TEST_F(Corridor, RunsOnThePoolUnlessToldOtherwiseF02) {
  route.place = Place::kPool;
  serve();

  EXPECT_EQ(answer(good()).status, 200);

  EXPECT_NE(handler->attempts().front().thread, std::this_thread::get_id());
}
TEST_F(Corridor, GivesEachEventAnIdOfItsOwn) {
  serve();
  answer(good());
  answer(good());

  const auto seen = handler->attempts();
  EXPECT_LT(seen[0].event_id, seen[1].event_id);
  EXPECT_EQ(seen[0].event_id.size(), kEventIdChars);
}
TEST_F(Corridor, KnowsNoDeliveryIdWhenNoneWasSent) {
  serve();
  answer(without(good(), "Webhook-Id"));

  EXPECT_FALSE(handler->attempts().front().has_delivery_id);
}
TEST_F(Corridor, TakesTheHubsDeliveryIdWithoutASecretToo) {
  route.authenticator = nullptr;
  serve();
  answer(good());

  EXPECT_EQ(handler->attempts().front().delivery_id, "delivery-1");
}
// Both acks answer with the handler's word as long as nothing is written down.
TEST_F(Corridor, AnswersDurableRoutesWithTheHandlersReply) {
  route.ack = Ack::kDurable;
  serve();

  EXPECT_EQ(answer(good()).status, 200);
}

// ---- Addresses
// -------------------------------------------------------------------------------------

TEST_F(Corridor, TakesEventsFromAllowedAddressesOnly) {
  route.allow_from = {*parse_ip_range("140.82.112.0/20"), *parse_ip_range("2001:db8::/32")};
  serve();
  struct Row {
    std::string_view from;
    int status;
  };
  for (const Row& row : {Row{"140.82.112.0:4711", 200}, Row{"140.82.127.255:4711", 200},
                         Row{"140.82.111.255:4711", 403}, Row{"140.82.128.0:4711", 403},
                         Row{"[::ffff:140.82.112.1]:80", 200}, Row{"[2001:db8::1]:80", 200},
                         Row{"[2001:db9::1]:80", 403}, Row{"203.0.113.7:0", 403}, Row{"", 403}}) {
    FakeRequest request = good();
    request.remote_address = row.from;
    EXPECT_EQ(answer(request).status, row.status) << row.from;
  }
}
TEST_F(Corridor, SaysThatAnAddressIsNotAllowedAndNotWhichAre) {
  route.allow_from = {*parse_ip_range("140.82.112.0/20")};
  serve();
  FakeRequest request = without(good(), "X-Webhook-Secret");
  request.remote_address = "203.0.113.7:80";

  const auto sent = answer(request);

  EXPECT_EQ(sent.status, 403) << "before the secret, which would be a 401";
  EXPECT_EQ(sent.body, R"({"detail":"This address is not in allow_from of the webhook"})");
  EXPECT_THAT(handler->attempts(), IsEmpty());
}

// ---- Routes: P08 to P14, H01, H02
// ----------------------------------------------------------------

TEST_F(Corridor, GivesPathParametersAsTextP08) {
  route.path = "/webhooks/tpl/{id}";
  serve();

  FakeRequest request = good();
  request.target = "/webhooks/tpl/a%20b/?dry=1";
  EXPECT_EQ(answer(request).status, 200);

  EXPECT_THAT(handler->attempts().front().parameters, ElementsAre(Pair("id", "a b")));
}
TEST_F(Corridor, ServesATrailingSlashP11) {
  serve();
  FakeRequest request = good();
  request.target = "/webhooks/x/";

  EXPECT_EQ(answer(request).status, 200);
}
TEST_F(Corridor, KnowsNoOtherPathH01P12P13) {
  serve();
  for (const auto* target :
       {"/webhooks//x", "/webhooks/X", "/webhooks", "/webhooks/y", "/webhooks/x/y"}) {
    FakeRequest request = good();
    request.target = target;
    const auto sent = answer(request);
    EXPECT_EQ(sent.status, 404) << target;
    EXPECT_EQ(sent.body, kNotFound);
    EXPECT_EQ(sent.content_type, "application/json");
  }
}
TEST_F(Corridor, AllowsPostAloneH02) {
  serve();
  for (const auto* method : {"GET", "PUT", "HEAD", "OPTIONS", "post"}) {
    FakeRequest request = good();
    request.method = method;
    const auto sent = answer(request);
    EXPECT_EQ(sent.status, 405) << method;
    EXPECT_EQ(sent.body, R"({"detail":"Method Not Allowed"})");
    EXPECT_EQ(sent.header("Allow"), "POST");
  }
}
TEST_F(Corridor, RefusesABrokenPathAndEchoesNothing) {
  serve();
  for (const auto* target : {"/webhooks/%zz", "/webhooks/<script>%0d%0aX:1", "/webhooks/%00"}) {
    FakeRequest request = good();
    request.target = target;
    const auto sent = answer(request);
    EXPECT_THAT(sent.status, ::testing::AnyOf(400, 404)) << target;
    EXPECT_THAT(sent.body, Not(HasSubstr("script")));
  }
}
TEST_F(Corridor, ServesANewRouteAtOnceP10P14) {
  FakeRequest request = good();
  EXPECT_EQ(answer(request).status, 404);

  serve();

  EXPECT_EQ(answer(request).status, 200);
}
TEST_F(Corridor, FinishesARequestOnTheRouteThatItCameBy) {
  serve();
  test::FakeExchange exchange(loop, good());
  exchange.keep_body_back();
  exchange.start(intake);
  const std::weak_ptr<Handler> old = handler;
  route.handler = handler = std::make_shared<ScriptedHandler>();
  serve();
  EXPECT_EQ(answer(good()).status, 200);
  EXPECT_EQ(handler->attempts().size(), 1U);
  EXPECT_FALSE(old.expired());  // kept by the request that waits

  exchange.deliver_body();

  EXPECT_EQ(exchange.answer().status, 200);
  EXPECT_EQ(handler->attempts().size(), 1U);
  EXPECT_TRUE(old.expired());
}
TEST_F(Corridor, KeepsTheRouteOfAHandlerThatDoesNotLetGo) {
  route.handler = handler =
      std::make_shared<ScriptedHandler>(std::initializer_list<OutcomeKind>{OutcomeKind::kPending});
  route.timeout = 1s;
  serve();
  const auto exchange = start(good());
  loop.advance(1s);
  EXPECT_EQ(exchange->answer().status, 504);
  ScriptedHandler& zombie = *handler;
  const std::weak_ptr<Handler> old = handler;
  route.handler = handler = std::make_shared<ScriptedHandler>();
  serve();
  EXPECT_EQ(answer(good()).status, 200);
  EXPECT_FALSE(old.expired());

  zombie.finish({.kind = OutcomeKind::kHandled});
  loop.run();

  EXPECT_TRUE(old.expired());
}

// ---- Secrets: K02 to K13
// -------------------------------------------------------------------------

TEST_F(Corridor, IsOpenWithoutASecretK02) {
  route.authenticator = nullptr;
  serve();

  EXPECT_EQ(answer(without(good(), "X-Webhook-Secret")).status, 200);
}
TEST_F(Corridor, AsksForTheSecretK03) {
  serve();
  const auto sent = answer(without(good(), "X-Webhook-Secret"));

  EXPECT_EQ(sent.status, 401);
  EXPECT_EQ(sent.body, kMissing);
  EXPECT_EQ(sent.content_type, "application/json");
  EXPECT_THAT(handler->attempts(), IsEmpty());
}
TEST_F(Corridor, RefusesAWrongSecretK04) {
  serve();
  for (const auto* secret : {"wrong", "", "s3cret."}) {
    const auto sent = answer(with(good(), "X-Webhook-Secret", secret));
    EXPECT_EQ(sent.status, 403) << secret;
    EXPECT_EQ(sent.body, kWrong);
  }
  EXPECT_THAT(handler->attempts(), IsEmpty());
}
TEST_F(Corridor, TakesTheSecretFromTheQueryOnlyWhereAllowedK06) {
  serve();
  FakeRequest request = without(good(), "X-Webhook-Secret");
  request.target = "/webhooks/x?secret=s3cret";
  EXPECT_EQ(answer(request).status, 401);

  route.authenticator = test::hub_secret({"s3cret"}, true);
  serve();
  EXPECT_EQ(answer(request).status, 200);
}
TEST_F(Corridor, AuthenticatesBeforeItReadsOrParsesAnythingK09) {
  serve();
  FakeRequest request = with(good(), "X-Webhook-Secret", "wrong");
  request.body = "not json";

  const auto wrong = start(request);
  EXPECT_EQ(wrong->answer().status, 403);
  EXPECT_FALSE(wrong->is_body_read());
  EXPECT_EQ(answer(without(request, "X-Webhook-Secret")).status, 401);
  EXPECT_EQ(answer(with(request, "X-Webhook-Secret", "s3cret")).status, 422);
}
TEST_F(Corridor, ShowsWhichPathsExistK10) {
  serve();
  FakeRequest request = without(good(), "X-Webhook-Secret");
  request.method = "GET";
  EXPECT_EQ(answer(request).status, 405);
  request.target = "/webhooks/y";
  EXPECT_EQ(answer(request).status, 404);
}
TEST_F(Corridor, HasSecretsPerRouteK11) {
  Route other = route;
  other.path = "/webhooks/y";
  other.authenticator = test::hub_secret({"old", "new"});
  serve({route, other});
  FakeRequest request = good();
  request.target = "/webhooks/y";

  EXPECT_EQ(answer(request).status, 403);
  EXPECT_EQ(answer(with(request, "X-Webhook-Secret", "old")).status, 200);
  EXPECT_EQ(answer(with(request, "X-Webhook-Secret", "new")).status, 200);
}
TEST_F(Corridor, RefusesARepeatedSecretK13) {
  serve();
  FakeRequest request = good();
  request.headers.emplace_back("x-webhook-secret", "s3cret");

  EXPECT_EQ(answer(request).status, 403);
}

// A scheme that signs the body: asked once, after the body and before the parser.
class BodySigner final : public Authenticator {
 public:
  bool needs_body() const noexcept override { return true; }
  const SchemeFacts& facts() const noexcept override {
    static constexpr SchemeFacts kFacts{.name = "size",
                                        .header = "X-Signature",
                                        .missing_body = R"({"error":"missing"})",
                                        .wrong_body = R"({"error":"wrong"})"};
    return kFacts;
  }
  Verdict judge(const RequestHead& head, std::string_view body, SystemTime) const override {
    const std::string_view sent = head.header("X-Signature");
    if (sent.data() == nullptr) return {Proof::kMissing};
    return {sent == std::to_string(body.size()) ? Proof::kAccepted : Proof::kWrong, 1};
  }
  std::string_view delivery_id(const RequestHead& head) const noexcept override {
    return head.header("X-Delivery");
  }
  std::string_view diagnose(const RequestHead&, std::string_view, SystemTime) const override {
    return "it is about the size";
  }
};
TEST_F(Corridor, JudgesASignedBodyBeforeItIsParsedK09) {
  route.authenticator = std::make_shared<BodySigner>();
  serve();
  FakeRequest request{.headers = {{"Content-Type", "application/json"}, {"X-Delivery", "d"}},
                      .body = "{"};

  EXPECT_EQ(answer(request).status, 401);
  EXPECT_EQ(answer(with(request, "X-Signature", "2")).body, R"({"error":"wrong"})");
  EXPECT_EQ(answer(with(request, "X-Signature", "1")).status, 422);
  request.body = kPush;
  EXPECT_EQ(answer(with(request, "X-Signature", std::to_string(kPush.size()))).status, 200);
  EXPECT_EQ(handler->attempts().front().delivery_id, "d");
}

// ---- Bodies: H07, F03, F06, V01
// ------------------------------------------------------------------

TEST_F(Corridor, RefusesABodyBeyondTheRoutesLimitH07) {
  route.body_bytes_max = kPush.size();
  serve();
  EXPECT_EQ(answer(good()).status, 200);

  FakeRequest request = good();
  request.body += " ";
  const auto sent = answer(request);

  EXPECT_EQ(sent.status, 413);
  EXPECT_TRUE(sent.closes);
  EXPECT_EQ(handler->attempts().size(), 1U);
}
TEST_F(Corridor, PassesOnWhyABodyNeverCame) {
  serve();
  test::FakeExchange exchange(loop, good());
  exchange.keep_body_back();
  exchange.start(intake);

  exchange.break_body(
      {.status = 408, .body = R"({"detail":"Request Timeout"})", .rule = "body-slow"});

  EXPECT_EQ(exchange.answer().status, 408);
  EXPECT_EQ(observer.seen.back().rule, "body-slow");
}
TEST_F(Corridor, LooksAtNoRawBodyF03) {
  route.form = PayloadForm::kRaw;
  serve();
  FakeRequest request = without(good(), "Content-Type");
  for (const auto* body : {"", "\xff\xfe garbage", "{\"a\":"}) {
    request.body = body;
    EXPECT_EQ(answer(request).status, 200);
    EXPECT_EQ(handler->attempts().back().body, body);
    EXPECT_FALSE(handler->attempts().back().has_index);
  }
}
TEST_F(Corridor, TakesAnyJsonWhereTheHandlerDoesF06) {
  route.form = PayloadForm::kJson;
  serve();
  FakeRequest request = good();
  for (const auto* body : {"[1,2]", "5", "null", "{\"a\":1}"}) {
    request.body = body;
    EXPECT_EQ(answer(request).status, 200) << body;
    EXPECT_TRUE(handler->attempts().back().has_index);
  }
  request.body = "{";
  EXPECT_EQ(answer(request).status, 422);
}
TEST_F(Corridor, ValidatesTheHubsModelF01) {
  serve();
  FakeRequest request = good();
  request.body = "{}";
  const auto sent = answer(request);
  EXPECT_EQ(sent.status, 422);
  EXPECT_THAT(sent.body, HasSubstr(R"("type":"missing","loc":["body","event"])"));

  request.body = "";
  EXPECT_EQ(answer(request).status, 422);
  EXPECT_EQ(answer(with(good(), "Content-Type", "text/plain")).status, 422);
  EXPECT_THAT(handler->attempts(), IsEmpty());
}
TEST_F(Corridor, IsAsStrictAsTheRouteWants) {
  serve();
  FakeRequest request = good();
  const auto at = request.body.find("update");
  request.body.replace(at, 6, "mirror");
  EXPECT_EQ(answer(request).status, 200);

  route.form = PayloadForm::kHubStrict;
  serve();
  EXPECT_EQ(answer(request).status, 422);
}

// ---- Filters
// -------------------------------------------------------------------------------------

TEST_F(Corridor, KeepsUnwantedEventsFromTheHandler) {
  route.events = "discussion";
  serve();

  const auto sent = answer(good());

  EXPECT_EQ(sent.status, 200);
  EXPECT_EQ(sent.body, R"({"status":"filtered","reason":"The endpoint does not want this event"})");
  EXPECT_THAT(handler->attempts(), IsEmpty());
  EXPECT_EQ(observer.seen.back().result, telemetry::Result::kFiltered);
}
TEST_F(Corridor, LetsWantedEventsPass) {
  route.events = "discussion,repo.content:update";
  serve();
  EXPECT_EQ(answer(good()).body, "null");
}
TEST_F(Corridor, FiltersJsonByTheSameFieldsAndRawNotAtAll) {
  route.events = "repo.content:update";
  route.form = PayloadForm::kJson;
  serve();
  EXPECT_EQ(answer(good()).body, "null");
  FakeRequest request = good();
  request.body = R"({"event":5})";
  EXPECT_THAT(answer(request).body, HasSubstr("filtered"));

  route.form = PayloadForm::kRaw;
  serve();
  EXPECT_EQ(answer(request).body, "null");
}
TEST_F(Corridor, KeepsFromTheHandlerWhatTheOperatorDoesNotWant) {
  constexpr auto said = [](std::string_view what) {
    return R"({"status":"filtered","reason":"The configuration does not want )" +
           std::string(what) + R"("})";
  };
  FakeRequest request = good();
  request.body.insert(1, R"("updatedRefs":[{"ref":"refs/pr/1"},{"ref":"refs/heads/main"}],)"
                         R"("comment":{"author":{"id":"bot"}},)"
                         R"("discussion":{"author":{"id":"somebody"}},)");
  route.form = PayloadForm::kJson;
  struct Row {
    EventWish wish;
    std::string body;
  };
  for (const Row& row :
       {Row{{.events = "repo.content"}, "null"}, Row{{.events = "discussion"}, said("this event")},
        Row{{.repos = "x, org/*"}, "null"},
        Row{{.repos = "org/nam"}, said("events of this repository")},
        Row{{.refs = "refs/heads/*"}, "null"},
        Row{{.refs = "refs/tags/*"}, said("events of this ref")},
        Row{{.ignored_authors = "somebody"}, "null"},
        Row{{.ignored_authors = "bot"}, said("events of this author")}}) {
    route.wish = row.wish;
    serve();
    EXPECT_EQ(answer(request).body, row.body);
  }
  EXPECT_EQ(handler->attempts().size(), 4U);
}
TEST_F(Corridor, LetsPassWhatSaysNothingAboutTheWish) {
  route.wish = {.refs = "refs/heads/main", .ignored_authors = "bot"};
  serve();
  EXPECT_EQ(answer(good()).body, "null");
}
TEST_F(Corridor, WantsBothFiltersToAgree) {
  route.events = "repo.content";
  route.wish.events = "discussion";
  serve();
  EXPECT_THAT(answer(good()).body, HasSubstr("The configuration"));
  route.events = "discussion";
  serve();
  EXPECT_THAT(answer(good()).body, HasSubstr("The endpoint"));
}

// ---- Too many

TEST_F(Corridor, TakesNoMoreEventsThanTheRouteMay) {
  route.rate_limit = std::make_shared<RateLimit>(2, 2);
  serve();
  EXPECT_EQ(answer(good()).status, 200);
  EXPECT_EQ(answer(good()).status, 200);

  const auto sent = answer(good());

  EXPECT_EQ(sent.status, 429);
  EXPECT_EQ(sent.header("Retry-After"), "1");
  EXPECT_EQ(observer.seen.back().rule, "rate-limit");
  EXPECT_EQ(handler->attempts().size(), 2U);
  clock.advance(500ms);
  EXPECT_EQ(answer(good()).status, 200);
}
TEST_F(Corridor, LetsNoStrangerUseUpTheRoutesShare) {
  route.rate_limit = std::make_shared<RateLimit>(1, 1);
  serve();
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(answer(with(good(), "X-Webhook-Secret", "wrong")).status, 403);
  EXPECT_EQ(answer(good()).status, 200);
}

TEST_F(Corridor, FiltersOnlyAfterTheSecretAndTheModel) {
  route.events = "discussion";
  serve();
  FakeRequest request = good();
  EXPECT_EQ(answer(with(request, "X-Webhook-Secret", "wrong")).status, 403);
  request.body = "{}";
  EXPECT_EQ(answer(request).status, 422);
}

// ---- Outcomes: H03, R05
// --------------------------------------------------------------------------

TEST_F(Corridor, AnswersEachOutcomeInItsWayH03) {
  struct Row {
    OutcomeKind kind;
    int status;
    const char* body;
    const char* type;
  };
  const Row rows[] = {
      {OutcomeKind::kHandled, 200, "null", "application/json"},
      {OutcomeKind::kSkipped, 204, "", ""},
      {OutcomeKind::kFailed, 500, "Internal Server Error", "text/plain; charset=utf-8"},
      {OutcomeKind::kDead, 500, "Internal Server Error", "text/plain; charset=utf-8"},
      {OutcomeKind::kTimedOut, 504, R"({"detail":"The handler did not answer in time"})",
       "application/json"},
  };
  for (const OnFailure on_failure : {OnFailure::kFail, OnFailure::kRetry}) {
    for (const Row& row : rows) {
      route.handler =
          std::make_shared<ScriptedHandler>(std::initializer_list<OutcomeKind>{row.kind});
      route.on_failure = on_failure;
      serve();
      const auto sent = answer(good());
      EXPECT_EQ(sent.status, row.status);
      EXPECT_EQ(sent.body, row.body);
      EXPECT_EQ(sent.content_type, row.type);
    }
  }
}
TEST_F(Corridor, PassesTheHandlersResponseOnR05) {
  const std::vector<Header> headers{{"X-Job", "7"}};
  const std::vector<Chunk> chunks{{.bytes = "a,"}, {.bytes = "b"}};
  Outcome outcome{.kind = OutcomeKind::kHandled};
  outcome.response = {
      .status = 202, .content_type = "text/csv", .headers = headers, .chunks = chunks};
  route.handler = std::make_shared<ScriptedHandler>(outcome);
  serve();

  const auto sent = answer(good());

  EXPECT_EQ(sent.status, 202);
  EXPECT_EQ(sent.content_type, "text/csv");
  EXPECT_EQ(sent.body, "a,b");
  EXPECT_EQ(sent.header("X-Job"), "7");
}
TEST_F(Corridor, KeepsAPluginsWordsFromTheSender) {
  Outcome outcome{.kind = OutcomeKind::kFailed, .detail = "token hf_abc is bad"};
  route.handler = std::make_shared<ScriptedHandler>(outcome);
  serve();

  EXPECT_EQ(answer(good()).body, "Internal Server Error");
  EXPECT_EQ(observer.seen.back().detail, "token hf_abc is bad");

  Intake developing({.development = true}, published, dispatcher, observer, clock, 1);
  test::FakeExchange exchange(loop, good());
  exchange.start(developing);
  EXPECT_EQ(exchange.answer().body, "Internal Server Error\n\ntoken hf_abc is bad\n");
}
TEST_F(Corridor, TimesOutAHandlerThatIsTooSlow) {
  route.handler = handler =
      std::make_shared<ScriptedHandler>(std::initializer_list<OutcomeKind>{OutcomeKind::kPending});
  route.timeout = 10s;
  serve();
  const auto exchange = start(good());

  loop.advance(10s);

  EXPECT_EQ(exchange->answer().status, 504);
  EXPECT_EQ(observer.seen.back().result, telemetry::Result::kTimedOut);
  EXPECT_EQ(observer.seen.back().handler, 10s);
  handler->finish({.kind = OutcomeKind::kHandled});
  loop.run();
  EXPECT_EQ(exchange->holds(), 0);
  EXPECT_EQ(observer.seen.size(), 1U);
}
TEST_F(Corridor, SaysWhenToComeBackWhenItIsFull) {
  route.place = Place::kPool;
  serve();
  handler->shut();
  const auto running = start(good());
  handler->wait_for_attempts(1);
  const auto queued = start(good());

  const auto sent = answer(good());

  EXPECT_EQ(sent.status, 503);
  EXPECT_EQ(sent.header("Retry-After"), "1");
  EXPECT_THAT(sent.body, StartsWith(R"({"detail":)"));
  EXPECT_EQ(observer.seen.back().result, telemetry::Result::kOverloaded);
  handler->open();
  loop.run_until([&] { return queued->is_answered() && running->is_answered(); });
}
TEST_F(Corridor, SaysWhenToComeBackWhenTheHostEnds) {
  serve();
  dispatcher.drain();

  const auto sent = answer(good());

  EXPECT_EQ(sent.status, 503);
  EXPECT_EQ(sent.header("Retry-After"), "5");
}

// ---- What the observer hears
// ---------------------------------------------------------------------

TEST_F(Corridor, TellsTheObserverOfAHandledEvent) {
  serve();
  clock.advance(3ms);
  answer(good());

  ASSERT_EQ(observer.seen.size(), 1U);
  const auto& told = observer.seen.front();
  EXPECT_EQ(told.method, "POST");
  EXPECT_EQ(told.path, "/webhooks/x");
  EXPECT_EQ(told.route, "endpoint");
  EXPECT_EQ(told.plugin, "plugin.so");
  EXPECT_EQ(told.event_id, handler->attempts().front().event_id);
  EXPECT_EQ(told.result, telemetry::Result::kHandled);
  EXPECT_EQ(told.status, 200);
  EXPECT_EQ(told.body_bytes, kPush.size());
  EXPECT_EQ(told.total, 3ms);
}
TEST_F(Corridor, TellsTheObserverOfEveryRefusalWithItsRule) {
  serve();
  FakeRequest request = without(good(), "X-Webhook-Secret");
  request.target = "/webhooks/y?secret=s3cret";
  answer(request);
  request.method = "GET", request.target = "/webhooks/x";
  answer(request);
  request.method = "POST", request.target = "/webhooks/%";
  answer(request);
  request.target = "/webhooks/x";
  answer(request);
  answer(with(request, "X-Webhook-Secret", "wrong"));

  std::vector<std::pair<std::string, int>> told;
  for (const auto& delivery : observer.seen) {
    told.emplace_back(delivery.rule, delivery.status);
    EXPECT_EQ(delivery.result, telemetry::Result::kRefused);
    EXPECT_EQ(delivery.event_id, "");
    EXPECT_THAT(delivery.path, Not(HasSubstr("s3cret")));
  }
  EXPECT_THAT(told, ElementsAre(Pair("route-unknown", 404), Pair("method-not-allowed", 405),
                                Pair("path-encoding", 400), Pair("secret-missing", 401),
                                Pair("secret-wrong", 403)));
  EXPECT_EQ(observer.seen.front().route, "other");
  EXPECT_EQ(observer.seen.back().route, "endpoint");
}
TEST_F(Corridor, TellsTheObserverOfASenderThatLeft) {
  serve();
  {
    test::FakeExchange exchange(loop, good());
    exchange.keep_body_back();
    exchange.start(intake);
    exchange.end();
  }
  ASSERT_EQ(observer.seen.size(), 1U);
  EXPECT_EQ(observer.seen.front().rule, "no-answer");
  EXPECT_EQ(observer.seen.front().route, "endpoint");
  EXPECT_EQ(observer.seen.front().status, 0);
}

// ---- One answer
// ----------------------------------------------------------------------------------

// Whatever a handler says and whenever it says it: one answer, told once, and no 2xx that was not
// handled.
TEST_F(Corridor, AnswersOnceWhateverTheHandlerSays) {
  constexpr std::array kKinds{OutcomeKind::kPending,   OutcomeKind::kHandled,
                              OutcomeKind::kSkipped,   OutcomeKind::kFailed,
                              OutcomeKind::kDead,      OutcomeKind::kTimedOut,
                              OutcomeKind::kCancelled, OutcomeKind::kOverloaded};
  route.timeout = 1s;
  for (const OutcomeKind said : kKinds) {
    for (const OutcomeKind later : kKinds) {
      if (later == OutcomeKind::kPending) continue;
      for (const bool is_late : {false, true}) {
        auto scripted = std::make_shared<ScriptedHandler>(std::initializer_list<OutcomeKind>{said});
        route.handler = scripted;
        serve();
        observer.seen.clear();
        const auto exchange = start(good());
        if (is_late) loop.advance(2s);
        if (said == OutcomeKind::kPending) scripted->finish({.kind = later});
        loop.advance(2s);

        EXPECT_EQ(exchange->answers(), 1);
        EXPECT_EQ(observer.seen.size(), 1U);
        EXPECT_EQ(exchange->holds(), 0);
        const bool timed_out = said == OutcomeKind::kPending && is_late;
        const OutcomeKind counted = said == OutcomeKind::kPending ? later : said;
        const bool is_good =
            !timed_out && (counted == OutcomeKind::kHandled || counted == OutcomeKind::kSkipped);
        EXPECT_EQ(exchange->answer().status / 100 == 2, is_good);
      }
    }
  }
}

}  // namespace
}  // namespace hookhost::intake
