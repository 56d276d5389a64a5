// SPDX-License-Identifier: Apache-2.0
//
// How is each sender met: what is it told, what does the operator read, which questions are
// answered without a handler, and which events does its filter know?
#include <string>

#include "auth/hmac.h"
#include "auth/scheme.h"
#include "base/encoding.h"
#include "intake/corridor_fixture.h"
#include "intake/handshake.h"

namespace hookhost::intake {
namespace {

using namespace std::chrono_literals;
using test::FakeRequest;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kKey = "s3cr3t-key";

std::string hex(std::string_view text) {
  return hex_encode(auth::HmacKey(auth::Digest::kSha256, kKey).mac(std::span(&text, 1)).view());
}

class Sender : public CorridorTest {
 protected:
  void meet(std::string_view scheme, std::vector<const char*> keys = {kKey}) {
    std::vector<auth::Credential> credentials;
    for (const char* key : keys) credentials.emplace_back(Secret(key));
    route.authenticator = auth::make_authenticator(*auth::find_scheme(scheme), credentials).value();
    route.form = PayloadForm::kJson;
    serve();
  }
  static FakeRequest github(std::string body, std::string event = "push") {
    return {.headers = {{"Content-Type", "application/json"},
                        {"X-GitHub-Event", std::move(event)},
                        {"X-GitHub-Delivery", "guid"},
                        {"X-Hub-Signature-256", "sha256=" + hex(body)}},
            .body = body};
  }
  FakeRequest slack(std::string body, std::chrono::seconds late = 0s) const {
    const std::string stamp = std::to_string(
        std::chrono::duration_cast<std::chrono::seconds>(clock.now().time_since_epoch() - late)
            .count());
    return {.headers = {{"Content-Type", "application/json"},
                        {"X-Slack-Request-Timestamp", stamp},
                        {"X-Slack-Signature", "v0=" + hex("v0:" + stamp + ":" + body)}},
            .body = body};
  }
  const test::SeenDelivery& seen() const { return observer.seen.back(); }
};

// ---- Refusals

TEST_F(Sender, IsToldItsSchemesWordsAndTheOperatorTheRule) {
  meet("github");
  FakeRequest request = github("{}");
  EXPECT_EQ(answer(request).status, 200);
  EXPECT_EQ(handler->attempts().back().delivery_id, "guid");

  request.body = "{} ";
  const auto wrong = answer(request);
  EXPECT_EQ(wrong.status, 403);
  EXPECT_EQ(wrong.body, R"({"error":"Invalid signature."})");
  EXPECT_EQ(seen().rule, "secret-wrong");

  request.headers.back().second = "sha256=";
  EXPECT_EQ(answer(request).body, R"({"error":"Invalid signature."})");
  EXPECT_EQ(seen().rule, "secret-malformed");

  request.headers.push_back(request.headers.back());
  EXPECT_EQ(answer(request).status, 403);
  EXPECT_EQ(seen().rule, "secret-repeated");

  request.headers.resize(3);
  const auto missing = answer(request);
  EXPECT_EQ(missing.status, 401);
  EXPECT_EQ(missing.body, R"({"error":"x-hub-signature-256 header not set."})");
  EXPECT_EQ(seen().rule, "secret-missing");
  EXPECT_EQ(handler->attempts().size(), 1U);
}
TEST_F(Sender, OfAuthorizationIsToldHowToProveItself) {
  const auto challenge_of = [&](std::string_view scheme, test::FakeRequest request) {
    meet(scheme, {"user:s3cr3t-key"});
    const auto sent = answer(request);
    std::string text = std::to_string(sent.status);
    for (const auto& [name, value] : sent.headers)
      if (name == "WWW-Authenticate") text += " " + value;
    return text;
  };
  const FakeRequest nothing{.body = "{}"};
  EXPECT_EQ(challenge_of("bearer", nothing), R"(401 Bearer realm="webhooks")");
  EXPECT_EQ(challenge_of("basic", nothing), R"(401 Basic realm="webhooks")");
  EXPECT_EQ(challenge_of("hf", nothing), "401") << "a header of its own has no challenge";
  EXPECT_EQ(challenge_of("github", nothing), "401");
  const FakeRequest wrong{.headers = {{"Authorization", "Bearer wrong"}}, .body = "{}"};
  EXPECT_EQ(challenge_of("bearer", wrong), "403");
}
TEST_F(Sender, IsRefusedForTheClockInBothWays) {
  meet("slack");
  EXPECT_EQ(answer(slack("{}", 300s)).status, 200);
  EXPECT_EQ(answer(slack("{}", 301s)).status, 403);
  EXPECT_EQ(seen().rule, "timestamp-stale");
  EXPECT_EQ(answer(slack("{}", -300s)).status, 200);
  EXPECT_EQ(answer(slack("{}", -301s)).status, 403);
  EXPECT_EQ(seen().rule, "timestamp-ahead");
}
TEST_F(Sender, IsGuessedAboutForTheLogOnceASecond) {
  meet("github");
  FakeRequest request = github("{}");
  request.body = "{}\n";

  EXPECT_THAT(answer(request).body, ::testing::Not(HasSubstr("line end")));
  EXPECT_THAT(seen().detail, HasSubstr("without its last line end"));
  answer(request);
  EXPECT_EQ(seen().detail, "");
  clock.advance(1s);
  answer(request);
  EXPECT_THAT(seen().detail, HasSubstr("without its last line end"));
}
TEST_F(Sender, IsNotGuessedAboutWithALargeBody) {
  meet("github");
  for (const std::size_t bytes : {std::size_t{64 * 1024}, std::size_t{64 * 1024 + 1}}) {
    FakeRequest request = github(std::string(bytes - 1, ' '));
    request.body += '\n';
    answer(request);
    EXPECT_EQ(seen().detail.empty(), bytes > 64 * 1024);
    clock.advance(1s);
  }
}
TEST_F(Sender, IsCountedByTheNumberOfItsSecret) {
  meet("github", {"another", kKey});
  answer(github("{}"));
  EXPECT_EQ(seen().secret, 2U);
  FakeRequest request = github("{}");
  request.body = "{";
  answer(request);
  EXPECT_EQ(seen().secret, 0U);
}

// ---- Handshakes

TEST_F(Sender, SlackGetsItsChallengeBack) {
  meet("slack");
  const auto sent = answer(slack(R"({"type":"url_verification","challenge":"c\u0031"})"));

  EXPECT_EQ(sent.status, 200);
  EXPECT_EQ(sent.content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(sent.body, "c1");
  EXPECT_EQ(seen().result, telemetry::Result::kHandshake);
  EXPECT_THAT(handler->attempts(), IsEmpty());
}
TEST_F(Sender, SlackGetsNoAnswerToAnUnsignedChallenge) {
  meet("slack");
  FakeRequest request = slack(R"({"type":"url_verification","challenge":"c"})");
  request.headers.back().second.back() ^= 1;

  EXPECT_EQ(answer(request).status, 403);
}
TEST_F(Sender, SlacksEventsReachTheHandler) {
  meet("slack");
  for (const auto* body : {R"({"type":"event_callback","challenge":"c"})",
                           R"({"type":"url_verification"})", R"({"challenge":"c"})"})
    EXPECT_EQ(answer(slack(body)).body, "null") << body;
  const std::string large =
      R"({"type":"url_verification","challenge":")" + std::string(kHandshakeBytesMax, 'c') + "\"}";
  EXPECT_EQ(answer(slack(large)).body, "null");
  route.form = PayloadForm::kRaw;
  serve();
  EXPECT_EQ(answer(slack("token=x&command=%2Fdeploy")).body, "null");
  EXPECT_EQ(handler->attempts().size(), 5U);
}
TEST_F(Sender, GithubsPingReachesNoHandler) {
  meet("github");
  EXPECT_EQ(answer(github("{}", "ping")).status, 200);
  EXPECT_THAT(handler->attempts(), IsEmpty());
  EXPECT_EQ(seen().result, telemetry::Result::kHandshake);
  EXPECT_EQ(answer(github("{}", "pong")).body, "null");
  EXPECT_EQ(handler->attempts().size(), 1U);
}
// The signatures are those of tests/data/signatures, under the key of RFC 8032 test 2.
TEST_F(Sender, DiscordGetsItsPongs) {
  clock.jump(SystemTime{1'614'265'330s} - clock.now());
  meet("discord", {"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"});
  FakeRequest request{
      .headers = {{"Content-Type", "application/json"},
                  {"X-Signature-Timestamp", "1614265330"},
                  {"X-Signature-Ed25519",
                   "7743bc5f478cd11f0e9edff00c4bb30e3d71fedfc7c482e2224fc12cb53a8ea9"
                   "ab63ebf179f26bb9166f7628da837845744c7f5171ed84c2cbc5c72493e2df0b"}},
      .body = R"({"type":1})"};
  const auto interaction = answer(request);
  EXPECT_EQ(interaction.status, 200);
  EXPECT_EQ(interaction.body, R"({"type":1})");

  request.headers.back().second =
      "bc3f167c1f8aacefb0cbfcc8f3d27f82651c9cb8ad2de44b7dec04f2f6e14c23"
      "2d524519a781b91977b84d76b87e1f67b31bcc2d13126f43f6234c54f3f73404";
  request.body = R"({"version":1,"application_id":"1234560123453231555","type":0})";
  const auto event = answer(request);
  EXPECT_EQ(event.status, 204);
  EXPECT_EQ(event.body, "");

  request.body = R"({"type":1})";
  EXPECT_EQ(answer(request).status, 401);
  EXPECT_THAT(handler->attempts(), IsEmpty());
}
TEST_F(Sender, XGetsItsChallengeAnsweredTenTimesASecond) {
  meet("x", {"consumer_secret"});
  FakeRequest request{.method = "GET", .target = "/webhooks/x?crc_token=challenge_string"};

  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(answer(request).body,
              R"({"response_token":"sha256=v1WdiCVwy17uGTMWveHGlqQXN/qW1bQraNXXByRO2YA="})");
  }
  EXPECT_EQ(answer(request).status, 429);
  EXPECT_EQ(seen().rule, "challenges-too-many");
  clock.advance(1s);
  request.target = "/webhooks/x?a=b&crc_token=challenge%5Fstring";
  EXPECT_EQ(answer(request).status, 200);
  EXPECT_THAT(handler->attempts(), IsEmpty());
}
TEST_F(Sender, XsChallengeIsAQuestionAndNothingElse) {
  meet("x");
  FakeRequest request{.method = "GET", .target = "/webhooks/x"};
  EXPECT_EQ(answer(request).status, 405);
  for (const auto* query : {"?crc_token=%7B%7D", "?crc_token=", "?crc_token=a%20b"}) {
    request.target = std::string("/webhooks/x") + query;
    EXPECT_EQ(answer(request).status, 400) << query;
  }
  request.method = "HEAD";
  EXPECT_EQ(answer(request).status, 405);
  meet("github");
  request.method = "GET", request.target = "/webhooks/x?crc_token=a";
  EXPECT_EQ(answer(request).status, 405);
}

// ---- Filters

TEST_F(Sender, NamesItsEventsInAHeaderOrInTheBody) {
  route.events = "pull_request:opened,push";
  meet("github");
  EXPECT_EQ(answer(github("{}", "push")).body, "null");
  EXPECT_EQ(answer(github(R"({"action":"opened"})", "pull_request")).body, "null");
  EXPECT_THAT(answer(github(R"({"action":"closed"})", "pull_request")).body, HasSubstr("filtered"));
  EXPECT_THAT(answer(github("{}", "star")).body, HasSubstr("filtered"));

  route.events = "event_callback";
  meet("slack");
  EXPECT_EQ(answer(slack(R"({"type":"event_callback"})")).body, "null");
  EXPECT_THAT(answer(slack(R"({"type":"other"})")).body, HasSubstr("filtered"));
}
TEST_F(Sender, NamesItsRepositoriesWhereTheSchemeSays) {
  route.wish = {.repos = "me/*", .refs = "refs/heads/main", .ignored_authors = "bot"};
  meet("github");
  const auto said = [&](std::string_view repo, std::string_view ref, std::string_view author) {
    return answer(github(R"({"repository":{"full_name":")" + std::string(repo) + R"("},"ref":")" +
                             std::string(ref) + R"(","sender":{"login":")" + std::string(author) +
                             R"("}})",
                         "push"))
        .body;
  };
  EXPECT_EQ(said("me/x", "refs/heads/main", "me"), "null");
  EXPECT_THAT(said("you/x", "refs/heads/main", "me"), HasSubstr("this repository"));
  EXPECT_THAT(said("me/x", "refs/heads/next", "me"), HasSubstr("this ref"));
  EXPECT_THAT(said("me/x", "refs/heads/main", "bot"), HasSubstr("this author"));
}
TEST_F(Sender, NamesScopeAndActionInOneHeader) {
  route.events = "repo:push";
  meet("bitbucket");
  FakeRequest request{.headers = {{"Content-Type", "application/json"},
                                  {"X-Hub-Signature", "sha256=" + hex("{}")},
                                  {"X-Request-Id", "dc-1"},
                                  {"X-Event-Key", "repo:push"}},
                      .body = "{}"};
  EXPECT_EQ(answer(request).body, "null");
  EXPECT_EQ(handler->attempts().back().delivery_id, "dc-1");
  request.headers.back().second = "repo:fork";
  EXPECT_THAT(answer(request).body, HasSubstr("filtered"));
}

// ---- Ids

TEST_F(Sender, SaysItsIdInTheBodyWhereTheSchemeHasNoHeaderForIt) {
  meet("slack");
  const auto id = [&] { return handler->attempts().back().delivery_id; };
  answer(slack(R"({"event_id":"Ev08"})"));
  EXPECT_EQ(id(), "Ev08");
  answer(slack(R"({"id":"Ev08","event":{"event_id":"Ev08"}})"));
  EXPECT_EQ(id(), "");
  answer(slack(R"({"event_id":8})"));
  EXPECT_EQ(id(), "");

  route.form = PayloadForm::kRaw;
  serve();
  answer(slack(R"({"event_id":"Ev08"})"));
  EXPECT_EQ(id(), "");
}

}  // namespace
}  // namespace hookhost::intake
