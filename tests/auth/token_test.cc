// SPDX-License-Identifier: Apache-2.0
//
// Does a secret that travels open the door, and nothing else (the Hub's: seed rows K03 to K08, K11
// to K13)?
#include "auth/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "auth/scheme.h"
#include "support/fake_clock.h"

namespace hookhost::auth {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;
constexpr SystemTime kNow = test::FakeClock::kStart;
using Headers = std::vector<Header>;

Result<std::shared_ptr<const Authenticator>> made_of(std::span<const Credential> credentials,
                                                     TokenOptions options = {},
                                                     std::string_view scheme = "hf") {
  return make_authenticator(*find_scheme(scheme), credentials,
                            {.secret_in_query = options.in_query});
}
std::shared_ptr<const Authenticator> one(const char* secret, TokenOptions options = {},
                                         std::string_view scheme = "hf") {
  return made_of(std::vector{Credential(Secret(secret))}, options, scheme).value();
}
Verdict verdict(const Authenticator& authenticator, const Headers& headers,
                std::string_view query = {}) {
  RequestHead head;
  head.headers = headers;
  head.query = query;
  return authenticator.judge(head, {}, kNow);
}
Proof judge(const Authenticator& authenticator, const Headers& headers,
            std::string_view query = {}) {
  return verdict(authenticator, headers, query).proof;
}

TEST(HubSecret, OpensWithTheRightHeader) {
  EXPECT_EQ(judge(*one("s3cret"), {{"Host", "h"}, {"X-Webhook-Secret", "s3cret"}}),
            Proof::kAccepted);
}
TEST(HubSecret, IsMissingWithoutTheHeaderK03) {
  EXPECT_EQ(judge(*one("s3cret"), {}), Proof::kMissing);
  EXPECT_EQ(judge(*one("s3cret"), {{"X-Webhook-Secrets", "s3cret"}, {"X-Webhook", "s3cret"}}),
            Proof::kMissing);
  EXPECT_EQ(one("s3cret")->facts().missing_body, R"({"error":"x-webhook-secret header not set."})");
}
// The door takes the blanks around a value away (RFC 9110 5.5); what is padded here is padded with
// something else.
TEST(HubSecret, IsWrongWhenItIsWrongEmptyOrPaddedK04) {
  for (const auto* value : {"wrong", "", "s3cre", "s3crets", " s3cret", "s3cret ", "S3CRET"})
    EXPECT_EQ(judge(*one("s3cret"), {{"X-Webhook-Secret", value}}), Proof::kWrong) << value;
  EXPECT_EQ(one("s3cret")->facts().wrong_body, R"({"error":"Invalid webhook secret."})");
}
TEST(HubSecret, TakesTheHeaderInAnyCaseK05) {
  for (const auto* name : {"x-webhook-secret", "X-WEBHOOK-SECRET", "x-Webhook-sEcret"})
    EXPECT_EQ(judge(*one("s3cret"), {{name, "s3cret"}}), Proof::kAccepted) << name;
}
TEST(HubSecret, IsRefusedWhenTheHeaderIsRepeatedK13) {
  for (const auto& [first, second] :
       {std::pair{"wrong", "s3cret"}, {"s3cret", "wrong"}, {"s3cret", "s3cret"}})
    EXPECT_EQ(judge(*one("s3cret"), {{"X-Webhook-Secret", first}, {"x-webhook-secret", second}}),
              Proof::kRepeated);
}

TEST(HubSecret, IsNotLookedForInTheQueryUnlessEnabledK06) {
  EXPECT_EQ(judge(*one("s3cret"), {}, "secret=s3cret"), Proof::kMissing);
}
TEST(HubSecret, MayStandInTheQueryK06) {
  const auto authenticator = one("s3 c+r&e=t", {.in_query = true});

  for (const auto* query : {"secret=s3%20c%2Br%26e%3dt", "a=b&secret=s3%20c+r%26e=t",
                            "secret=%73%33%20c%2br%26e=t&dry=1"})
    EXPECT_EQ(judge(*authenticator, {}, query), Proof::kAccepted) << query;
  for (const auto* query : {"secret=wrong", "secret=", "secret", "secret=s3%2520c%2Br%26e%3dt",
                            "secret=s3+c%2Br%26e%3dt"})
    EXPECT_EQ(judge(*authenticator, {}, query), Proof::kWrong) << query;
  for (const auto* query : {"secret=%zz", "secret=s3%2"})
    EXPECT_EQ(judge(*authenticator, {}, query), Proof::kMalformed) << query;
  for (const auto* query : {"", "Secret=x", "xsecret=x", "secrets=x", "a=secret", "&&"})
    EXPECT_EQ(judge(*authenticator, {}, query), Proof::kMissing) << query;
}
TEST(HubSecret, IsRefusedWhenTheQueryRepeatsItK13) {
  const auto authenticator = one("s3cret", {.in_query = true});

  EXPECT_EQ(judge(*authenticator, {}, "secret=s3cret&secret=s3cret"), Proof::kRepeated);
  EXPECT_EQ(judge(*authenticator, {}, "secret=s3cret&secret"), Proof::kRepeated);
}
TEST(HubSecret, IsDecidedByTheHeaderAloneWhenThereIsOne) {
  const auto authenticator = one("s3cret", {.in_query = true});

  EXPECT_EQ(judge(*authenticator, {{"X-Webhook-Secret", "wrong"}}, "secret=s3cret"), Proof::kWrong);
  EXPECT_EQ(judge(*authenticator, {{"X-Webhook-Secret", "s3cret"}}, "secret=wrong"),
            Proof::kAccepted);
}
TEST(HubSecret, BoundsWhatItReads) {
  const std::string longest(kSecretBytesMax, 'a');
  const auto authenticator = one(longest.c_str(), {.in_query = true});

  EXPECT_EQ(judge(*authenticator, {}, "secret=" + longest), Proof::kAccepted);
  EXPECT_EQ(judge(*authenticator, {}, "secret=" + longest + "a"), Proof::kMalformed);
  EXPECT_EQ(judge(*authenticator, {{"X-Webhook-Secret", std::string(1 << 20, 'a')}}),
            Proof::kWrong);
}

TEST(HubSecret, MayBeSeveralDuringARotationK11) {
  const auto authenticator =
      made_of(std::vector{Credential(Secret("old"), SystemTime::min(), kNow - 1s),
                          Credential(Secret("current")), Credential(Secret("next"))})
          .value();

  EXPECT_EQ(judge(*authenticator, {{"X-Webhook-Secret", "current"}}), Proof::kAccepted);
  EXPECT_EQ(judge(*authenticator, {{"X-Webhook-Secret", "next"}}), Proof::kAccepted);
  EXPECT_EQ(judge(*authenticator, {{"X-Webhook-Secret", "old"}}), Proof::kWrong);
  EXPECT_EQ(verdict(*authenticator, {{"X-Webhook-Secret", "next"}}).secret, 3);
}

std::string refusal_of(std::vector<Secret> secrets) {
  std::vector<Credential> credentials;
  for (Secret& secret : secrets) credentials.emplace_back(std::move(secret));
  const auto made = made_of(credentials);
  return made ? "made" : made.error().message;
}
TEST(HubSecret, IsNotMadeOfWhatTheHubCannotSendK07) {
  EXPECT_THAT(refusal_of({Secret("sécret")}), HasSubstr("outside ASCII"));
  EXPECT_THAT(refusal_of({Secret("a\x7f")}), HasSubstr("control characters"));
  EXPECT_THAT(refusal_of({Secret("secret\n")}), HasSubstr("control characters"));
  EXPECT_THAT(refusal_of({Secret("a\tb")}), HasSubstr("control characters"));
  EXPECT_THAT(refusal_of({Secret(" a")}), HasSubstr("begins or ends with a space"));
  EXPECT_THAT(refusal_of({Secret("a ")}), HasSubstr("begins or ends with a space"));
  EXPECT_EQ(refusal_of({Secret("a b~!")}), "made");
}
TEST(HubSecret, IsNotMadeOfNothingK08) {
  EXPECT_EQ(refusal_of({}), "no webhook secret is given");
  EXPECT_EQ(refusal_of({Secret("")}), "webhook secret 1 of 1 is empty");
  EXPECT_EQ(refusal_of({Secret("good"), Secret("")}), "webhook secret 2 of 2 is empty");
}
TEST(HubSecret, IsNotMadeOfATextBeyondTheLimit) {
  EXPECT_EQ(refusal_of({Secret(std::string(kSecretBytesMax, 'a'))}), "made");
  EXPECT_THAT(refusal_of({Secret(std::string(kSecretBytesMax + 1, 'a'))}),
              HasSubstr("longer than 1024 bytes"));
}
TEST(HubSecret, IsNotMadeOfATimeThatEndsBeforeItBegins) {
  const auto made = made_of(std::vector{Credential(Secret("s"), kNow, kNow - 1s)});
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("ends before it begins"));
}
TEST(HubSecret, NeverShowsItsTextInAMessage) {
  for (const char* secret : {"hunter2\n", "hunter2é", " hunter2"}) {
    const auto made = made_of(std::vector{Credential(Secret(secret))});
    ASSERT_FALSE(made);
    EXPECT_THAT(made.error().message + made.error().fix, ::testing::Not(HasSubstr("hunter2")));
  }
}

// ---- Other tokens

TEST(BearerToken, OpensBehindItsWordInAnyCase) {
  const auto bearer = one("t0ken", {}, "bearer");

  for (const auto* value : {"Bearer t0ken", "bearer t0ken", "BEARER t0ken"})
    EXPECT_EQ(judge(*bearer, {{"Authorization", value}}), Proof::kAccepted) << value;
  for (const auto* value : {"Bearer t0ke", "Bearer  t0ken", "Bearer ", "Bearer T0KEN"})
    EXPECT_EQ(judge(*bearer, {{"Authorization", value}}), Proof::kWrong) << value;
  for (const auto* value : {"t0ken", "Basic t0ken", "", "Bearer"})
    EXPECT_EQ(judge(*bearer, {{"Authorization", value}}), Proof::kMalformed) << value;
  EXPECT_EQ(judge(*bearer, {}), Proof::kMissing);
  EXPECT_EQ(judge(*bearer, {}, "secret=t0ken"), Proof::kMissing);
}
TEST(BasicToken, IsAUserWithAPassword) {
  // printf 'ci:pass:word' | base64
  const auto basic = one("ci:pass:word", {}, "basic");

  EXPECT_EQ(judge(*basic, {{"Authorization", "Basic Y2k6cGFzczp3b3Jk"}}), Proof::kAccepted);
  EXPECT_EQ(judge(*basic, {{"Authorization", "Basic Y2k6cGFzcw=="}}), Proof::kWrong);
  EXPECT_EQ(judge(*basic, {{"Authorization", "Basic Y2k6cGFzcw"}}), Proof::kMalformed);
  EXPECT_EQ(judge(*basic, {{"Authorization", "Basic ci:pass:word"}}), Proof::kMalformed);
  EXPECT_EQ(judge(*basic, {{"Authorization", "Basic " + std::string(2000, 'A')}}),
            Proof::kMalformed);
}
TEST(BasicToken, IsNotMadeWithoutAColon) {
  const auto made = made_of(std::vector{Credential(Secret("password"))}, {}, "basic");
  ASSERT_FALSE(made);
  EXPECT_THAT(made.error().message, HasSubstr("is not user:password"));
}
TEST(GitlabToken, TravelsVerbatimWithItsId) {
  const auto gitlab = one("my-token", {}, "gitlab");
  const Headers headers{{"X-Gitlab-Token", "my-token"}, {"Idempotency-Key", "id-1"}};
  RequestHead head;
  head.headers = headers;

  EXPECT_EQ(gitlab->judge(head, {}, kNow).proof, Proof::kAccepted);
  EXPECT_EQ(gitlab->delivery_id(head), "id-1");
  EXPECT_EQ(judge(*gitlab, {{"X-Gitlab-Token", "my-toke"}}), Proof::kWrong);
}

TEST(TokenDiagnosis, NamesAnExpiredSecretAndAnotherScheme) {
  const auto authenticator =
      made_of(std::vector{Credential(Secret("old"), SystemTime::min(), kNow - 1s),
                          Credential(Secret("new"))})
          .value();
  const auto diagnosis = [&](const Headers& headers) {
    RequestHead head;
    head.headers = headers;
    return authenticator->diagnose(head, {}, kNow);
  };

  EXPECT_THAT(diagnosis({{"X-Webhook-Secret", "old"}}), HasSubstr("not valid now"));
  EXPECT_EQ(diagnosis({{"X-Webhook-Secret", "wrong"}}), "");
  EXPECT_THAT(diagnosis({{"X-Gitlab-Token", "old"}}), HasSubstr("scheme gitlab"));
  EXPECT_EQ(diagnosis({}), "");
}

}  // namespace
}  // namespace hookhost::auth
