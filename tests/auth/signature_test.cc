// SPDX-License-Identifier: Apache-2.0
//
// What is refused, for which reason, and does the log learn why? The good ones are in
// vector_test.cc; here they are spoilt.
#include "auth/signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "auth/scheme.h"
#include "base/encoding.h"

namespace hookhost::auth {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr SystemTime kNow{1'614'265'330s};
constexpr std::string_view kStamp = "1614265330";

std::shared_ptr<const Authenticator> with(std::string_view scheme,
                                          std::span<const Credential> credentials,
                                          const HmacOptions& hmac = {}) {
  auto made = make_authenticator(*find_scheme(scheme), credentials, {.hmac = hmac});
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  return made.value();
}
std::shared_ptr<const Authenticator> with(std::string_view scheme, const char* secret,
                                          const HmacOptions& hmac = {}) {
  return with(scheme, std::vector{Credential(Secret(secret))}, hmac);
}

// What a test says about a request, as views for as long as this lives.
struct Sent {
  Sent(Headers given, std::string_view given_body) : headers(std::move(given)), body(given_body) {
    for (const auto& [name, value] : headers) views.push_back({name, value});
    head.headers = views;
  }
  Sent(const Sent&) = delete;
  Sent& operator=(const Sent&) = delete;
  Headers headers;
  std::string body;
  std::vector<Header> views;
  RequestHead head;
};

Verdict verdict(const Authenticator& authenticator, Headers headers, std::string_view body = "{}",
                SystemTime now = kNow) {
  const Sent sent(std::move(headers), body);
  return authenticator.judge(sent.head, sent.body, now);
}
Proof judge(const Authenticator& authenticator, Headers headers, std::string_view body = "{}",
            SystemTime now = kNow) {
  return verdict(authenticator, std::move(headers), body, now).proof;
}

Mac mac(std::string_view key, std::string_view text, Digest digest = Digest::kSha256) {
  return HmacKey(digest, key).mac(std::span(&text, 1));
}
std::string hex(std::string_view key, std::string_view text) {
  return hex_encode(mac(key, text).view());
}
std::string base64(std::string_view key, std::string_view text) {
  return base64_encode(mac(key, text).view());
}
std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(c));
  return text;
}

// ---- One signature in one header

TEST(GithubSignature, IsHexBehindItsPrefix) {
  const auto github = with("github", "key");
  const std::string right = hex("key", "{}");
  const auto judged = [&](const std::string& value) {
    return judge(*github, {{"X-Hub-Signature-256", value}});
  };

  EXPECT_EQ(judged("sha256=" + right), Proof::kAccepted);
  EXPECT_EQ(judged("sha256=" + hex("other", "{}")), Proof::kWrong);
  for (const std::string& value :
       {"sha1=" + right, "sha256=" + right.substr(1), "sha256=" + right + "0",
        std::string("sha256="), right, std::string(), "sha256=" + upper(right), "SHA256=" + right,
        "sha256= " + right, "sha256=" + base64("key", "{}"), "sha256=" + right.substr(1) + "g"})
    EXPECT_EQ(judged(value), Proof::kMalformed) << value;
}
TEST(GithubSignature, IsNotTheOneOfSha1) {
  const auto github = with("github", "key");
  const std::string sha1 = "sha1=" + hex_encode(mac("key", "{}", Digest::kSha1).view());

  EXPECT_EQ(judge(*github, {{"X-Hub-Signature", sha1}}), Proof::kMissing);
  EXPECT_EQ(judge(*github, {{"X-Hub-Signature-256", sha1}}), Proof::kMalformed);
}
TEST(GithubSignature, IsTheOneOfSha1WhereThatIsAskedFor) {
  const auto github = with("github-sha1", "key");
  const std::string sha1 = "sha1=" + hex_encode(mac("key", "{}", Digest::kSha1).view());
  const std::string other = "sha1=" + hex_encode(mac("other", "{}", Digest::kSha1).view());

  EXPECT_EQ(judge(*github, {{"X-Hub-Signature", sha1}}), Proof::kAccepted);
  EXPECT_EQ(judge(*github, {{"X-Hub-Signature", other}}), Proof::kWrong);
  EXPECT_EQ(judge(*github, {{"X-Hub-Signature", "sha256=" + hex("key", "{}")}}), Proof::kMalformed);
  EXPECT_EQ(judge(*github, {{"X-Hub-Signature-256", "sha256=" + hex("key", "{}")}}),
            Proof::kMissing);
}
TEST(ShopifySignature, IsBase64WithItsPadding) {
  const auto shopify = with("shopify", "key");
  const std::string right = base64("key", "{}");
  const auto judged = [&](const std::string& value) {
    return judge(*shopify, {{"X-Shopify-Hmac-SHA256", value}});
  };

  EXPECT_EQ(judged(right), Proof::kAccepted);
  std::string loose = right;
  loose[loose.size() - 2] = static_cast<char>(loose[loose.size() - 2] + 1);  // bits behind the end
  for (const std::string& value : {right.substr(0, right.size() - 1), hex("key", "{}"), right + "=",
                                   right + "\n", loose, std::string("=")})
    EXPECT_EQ(judged(value), Proof::kMalformed) << value;
}
TEST(ForgejoSignature, IsDecidedByItsOwnHeaderAlone) {
  const auto forgejo = with("forgejo", "key");
  const std::string right = hex("key", "{}"), wrong = hex("other", "{}");

  EXPECT_EQ(judge(*forgejo, {{"X-Gitea-Signature", right}}), Proof::kAccepted);
  EXPECT_EQ(judge(*forgejo, {{"X-Forgejo-Signature", wrong}, {"X-Gitea-Signature", right}}),
            Proof::kWrong);
  EXPECT_EQ(judge(*forgejo, {{"X-Gitea-Signature", wrong}, {"X-Forgejo-Signature", right}}),
            Proof::kAccepted);
  EXPECT_EQ(judge(*with("gitea", "key"), {{"X-Forgejo-Signature", right}}), Proof::kMissing);
}
TEST(SlackSignature, DatesItsBody) {
  const auto slack = with("slack", "key");
  const auto judged = [&](const std::string& stamp, const std::string& signed_stamp) {
    return judge(*slack, {{"X-Slack-Request-Timestamp", stamp},
                          {"X-Slack-Signature", "v0=" + hex("key", "v0:" + signed_stamp + ":{}")}});
  };
  const std::string stamp(kStamp);

  EXPECT_EQ(judged(stamp, stamp), Proof::kAccepted);
  EXPECT_EQ(judged("1614265331", stamp), Proof::kWrong);
  for (const std::string& odd : {std::string("0"), "-" + stamp, stamp + " ", stamp + ".0",
                                 "+" + stamp, stamp + "0123456789", std::string()})
    EXPECT_EQ(judged(odd, odd), Proof::kMalformed) << odd;
}
TEST(DiscordSignature, IsAnsweredWith401WhenItIsWrong) {
  const auto discord =
      with("discord", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const Headers headers{{"X-Signature-Ed25519", std::string(128, 'a')},
                        {"X-Signature-Timestamp", std::string(kStamp)}};

  EXPECT_EQ(judge(*discord, headers), Proof::kWrong);
  EXPECT_EQ(discord->facts().wrong_status, 401);
  EXPECT_EQ(judge(*discord, {{"X-Signature-Ed25519", std::string(126, 'a')},
                             {"X-Signature-Timestamp", std::string(kStamp)}}),
            Proof::kMalformed);
}

// ---- Several signatures in one header

constexpr const char* kStandardSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr const char* kStandardRight = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
constexpr const char* kStandardId = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr std::string_view kStandardBody = R"({"test": 2432232314})";

Proof standard(const std::string& signatures, const std::string& id = kStandardId) {
  return judge(*with("standard-webhooks", kStandardSecret),
               {{"webhook-id", id},
                {"webhook-timestamp", std::string(kStamp)},
                {"webhook-signature", signatures}},
               kStandardBody);
}
TEST(StandardSignature, MayStandAnywhereInTheList) {
  const std::string right = kStandardRight, wrong = "v1," + base64("other", "");
  EXPECT_EQ(standard(right), Proof::kAccepted);
  EXPECT_EQ(standard(wrong + " " + right), Proof::kAccepted);
  EXPECT_EQ(standard(right + " " + wrong), Proof::kAccepted);
  EXPECT_EQ(standard("v2,xyz " + right), Proof::kAccepted);
  EXPECT_EQ(standard("v1,xyz " + right), Proof::kAccepted);
  EXPECT_EQ(standard(wrong), Proof::kWrong);
}
TEST(StandardSignature, IsRefusedInAnotherForm) {
  const std::string right = kStandardRight;
  for (const std::string& odd :
       {right.substr(0, right.size() - 1), "v1," + std::string(64, 'a'), std::string("v2,") + right,
        right.substr(3), std::string("v1,"), std::string(), std::string(" ")})
    EXPECT_EQ(standard(odd), Proof::kMalformed) << odd;
}
TEST(StandardSignature, BelongsToItsId) {
  EXPECT_EQ(standard(kStandardRight, "msg_other"), Proof::kWrong);
  EXPECT_EQ(standard(kStandardRight, ""), Proof::kMalformed);
  EXPECT_EQ(standard(kStandardRight, "msg.5"), Proof::kMalformed);
}
TEST(StandardSignature, IsTriedTenTimesAtMost) {
  std::string list;
  for (int i = 0; i < 9; ++i) list += "v1," + base64("other", std::to_string(i)) + " ";
  EXPECT_EQ(standard(list + kStandardRight), Proof::kAccepted);
  EXPECT_EQ(standard("v1,short " + list + kStandardRight), Proof::kTooMany);
  EXPECT_EQ(standard("v2,a v2,b " + list + kStandardRight), Proof::kAccepted);
}
TEST(StandardSignature, NeedsNoPrefixOfItsSecret) {
  const auto bare = with("standard-webhooks", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  EXPECT_EQ(judge(*bare,
                  {{"svix-id", kStandardId},
                   {"svix-timestamp", std::string(kStamp)},
                   {"svix-signature", kStandardRight}},
                  kStandardBody),
            Proof::kAccepted);
}
TEST(StandardSignature, OfBothVersionsFitsAListOfBothKeys) {
  const std::vector credentials{
      Credential(Secret("whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=")),
      Credential(Secret(kStandardSecret))};
  const auto both = with("standard-webhooks", credentials);
  const auto judged = [&](const std::string& list) {
    return verdict(*both,
                   {{"webhook-id", kStandardId},
                    {"webhook-timestamp", std::string(kStamp)},
                    {"webhook-signature", list}},
                   kStandardBody);
  };

  EXPECT_EQ(judged(kStandardRight).secret, 2);
  EXPECT_EQ(judged("v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/"
                   "enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==")
                .secret,
            1);
}
// A replay that puts another id beside the signed one must not pass for a new delivery.
TEST(StandardSignature, HasItsSignedIdAsTheDeliverys) {
  const auto authenticator = with("standard-webhooks", kStandardSecret);
  const Sent sent({{"webhook-id", "msg_unsigned"},
                   {"svix-id", kStandardId},
                   {"svix-timestamp", std::string(kStamp)},
                   {"svix-signature", kStandardRight}},
                  kStandardBody);

  EXPECT_EQ(authenticator->judge(sent.head, sent.body, kNow).proof, Proof::kAccepted);
  EXPECT_EQ(authenticator->delivery_id(sent.head), kStandardId);
}
TEST(StripeSignature, CarriesItsTimestamp) {
  const auto stripe = with("stripe", "whsec_x");
  const std::string right = "v1=" + hex("whsec_x", std::string(kStamp) + ".{}");
  const std::string stamp = "t=" + std::string(kStamp);
  const auto judged = [&](const std::string& value) {
    return judge(*stripe, {{"Stripe-Signature", value}});
  };

  EXPECT_EQ(judged(stamp + "," + right), Proof::kAccepted);
  EXPECT_EQ(judged(right + "," + stamp), Proof::kAccepted);
  EXPECT_EQ(judged(stamp + ",v1=" + hex("old", "") + "," + right + ",v0=abc"), Proof::kAccepted);
  EXPECT_EQ(judged(stamp + ",v1=" + hex("old", "")), Proof::kWrong);
  EXPECT_EQ(judged(stamp + "," + stamp + "," + right), Proof::kRepeated);
  for (const std::string& odd : {right, stamp, stamp + ",v0=" + right.substr(3), "t=x," + right})
    EXPECT_EQ(judged(odd), Proof::kMalformed) << odd;
}

// ---- Secrets

TEST(SignatureSecrets, CountFromNotBeforeToNotAfter) {
  const std::vector credentials{Credential(Secret("old"), SystemTime::min(), kNow),
                                Credential(Secret("new"), kNow, SystemTime::max())};
  const auto github = with("github", credentials);
  const auto secret_of = [&](const char* key, SystemTime now) {
    return verdict(*github, {{"X-Hub-Signature-256", "sha256=" + hex(key, "{}")}}, "{}", now);
  };

  EXPECT_EQ(secret_of("old", kNow).secret, 1);
  EXPECT_EQ(secret_of("old", kNow + 1ns).proof, Proof::kWrong);
  EXPECT_EQ(secret_of("new", kNow).secret, 2);
  EXPECT_EQ(secret_of("new", kNow - 1ns).proof, Proof::kWrong);
}
TEST(SignatureSecrets, AreRefusedWithTheirNumber) {
  const auto refusal = [](std::string_view scheme, const char* secret) {
    const std::vector credentials{Credential(Secret(secret))};
    const auto made = make_authenticator(*find_scheme(scheme), credentials);
    return made ? std::string() : made.error().message;
  };

  EXPECT_EQ(refusal("github", ""), "webhook secret 1 of 1 is empty");
  EXPECT_THAT(refusal("standard-webhooks", "whsec_not base64"), HasSubstr("is not base64"));
  EXPECT_THAT(refusal("standard-webhooks", "whsec_c2hvcnQ="), HasSubstr("a key of 5 bytes"));
  EXPECT_THAT(refusal("discord", "3D40"), HasSubstr("is not lower-case hex"));
  EXPECT_THAT(refusal("discord", "3d40"), HasSubstr("a key of 2 bytes, not of 32 to 32"));
  for (const char* scheme : {"standard-webhooks", "discord"})
    EXPECT_THAT(refusal(scheme, "hunter2"), ::testing::Not(HasSubstr("hunter2")));
}

// ---- generic-hmac

TEST(GenericHmac, TakesWhatTheOperatorDescribes) {
  const auto generic = with("generic-hmac", "6b6579",  // "key"
                            {.header = "X-Sig",
                             .prefix = "hmac ",
                             .algorithm = Digest::kSha512,
                             .encoding = Encoding::kBase64,
                             .text = "{id}|{ts}|{body}",
                             .timestamp_header = "X-Time",
                             .id_header = "X-Id",
                             .window = 10s,
                             .key = KeyForm::kHex});
  const Headers headers{
      {"X-Sig", "hmac " + base64_encode(mac("key", "7|1614265330|{}", Digest::kSha512).view())},
      {"X-Time", std::string(kStamp)},
      {"X-Id", "7"}};

  EXPECT_EQ(judge(*generic, headers), Proof::kAccepted);
  EXPECT_EQ(judge(*generic, headers, "{}", kNow + 10s), Proof::kAccepted);
  EXPECT_EQ(judge(*generic, headers, "{}", kNow + 11s), Proof::kStale);
  EXPECT_EQ(generic->delivery_id(Sent(headers, "").head), "7");
  EXPECT_EQ(generic->facts().missing_body, R"({"error":"x-sig header not set."})");
}
TEST(GenericHmac, IsRefusedWhenItProvesTooLittle) {
  const auto flaw = [](const HmacOptions& options) {
    const Status fit = check_hmac(options);
    return fit ? std::string() : fit.error().message;
  };

  EXPECT_EQ(flaw({.header = "X-Sig"}), "");
  EXPECT_THAT(flaw({}), HasSubstr("needs the header"));
  EXPECT_THAT(flaw({.header = "X Sig"}), HasSubstr("needs the header"));
  EXPECT_THAT(flaw({.header = "X-Sig", .text = "{ts}.{body}"}), HasSubstr("no header holds it"));
  EXPECT_THAT(flaw({.header = "X-Sig", .text = "{id}.{body}"}), HasSubstr("no header holds it"));
  EXPECT_THAT(flaw({.header = "X-Sig", .timestamp_header = "X-Time"}), HasSubstr("not signed"));
  EXPECT_THAT(flaw({.header = "X-Sig", .text = "{ts}{body}", .timestamp_header = "X-Time"}),
              HasSubstr("run together"));
}

// ---- X's challenge

TEST(Challenge, SignsNothingThatCouldBeAnEvent) {
  const auto x = with("x", "key");
  Arena arena;
  EXPECT_THAT(std::string(x->answer_challenge("abc-123_=", kNow, arena)),
              HasSubstr(base64("key", "abc-123_=")));
  for (const std::string& odd : {std::string(), std::string("{}"), std::string("[1]"),
                                 std::string("\"a\""), std::string("a b"), std::string(257, 'a')})
    EXPECT_EQ(x->answer_challenge(odd, kNow, arena), "") << odd;
  EXPECT_NE(x->answer_challenge(std::string(256, 'a'), kNow, arena), "");
  EXPECT_EQ(with("github", "key")->answer_challenge("abc", kNow, arena), "");
}

// ---- Why did it fail?

std::string diagnosis(const Authenticator& authenticator, Headers headers, std::string_view body,
                      SystemTime now = kNow) {
  const Sent sent(std::move(headers), body);
  return std::string(authenticator.diagnose(sent.head, sent.body, now));
}
TEST(Diagnosis, SaysWhatHasBecomeOfTheBody) {
  const auto github = with("github", "key");
  const auto guess = [&](std::string_view signed_body, std::string_view body) {
    return diagnosis(*github, {{"X-Hub-Signature-256", "sha256=" + hex("key", signed_body)}}, body);
  };

  EXPECT_THAT(guess("{}", "{}\n"), HasSubstr("without its last line end"));
  EXPECT_THAT(guess("{}\n", "{}"), HasSubstr("line end behind it"));
  EXPECT_THAT(guess("{\n}\n", "{\r\n}\r\n"), HasSubstr("Unix line ends"));
  EXPECT_THAT(guess(R"({"a":" ,:\" ","b":1})", "{ \"a\" : \" ,:\\\" \",\n\"b\": 1 }"),
              HasSubstr("without blanks"));
  EXPECT_THAT(guess(R"({"a": 1, "b": 2})", R"({"a":1,"b":2})"), HasSubstr("with blanks"));
  EXPECT_THAT(guess("", "{}"), HasSubstr("empty body"));
  EXPECT_EQ(guess("other", "{}"), "");
  EXPECT_EQ(guess("{}", "{}"), "");
}
TEST(Diagnosis, SaysWhatIsWrongWithTheSignature) {
  const std::vector credentials{Credential(Secret("old"), SystemTime::min(), kNow - 1s),
                                Credential(Secret("key"))};
  const auto github = with("github", credentials);
  const auto guess = [&](const char* header, const std::string& value) {
    return diagnosis(*github, {{header, value}}, "{}");
  };

  EXPECT_THAT(guess("X-Hub-Signature-256", "sha256=" + hex("old", "{}")),
              HasSubstr("not valid now"));
  EXPECT_THAT(guess("X-Hub-Signature-256", "sha256=" + base64("key", "{}")),
              HasSubstr("other encoding"));
  EXPECT_THAT(guess("X-Hub-Signature", "sha256=" + hex("key", "{}")),
              HasSubstr("scheme bitbucket"));
  EXPECT_THAT(guess("X-Hub-Signature", "sha1=ab"), HasSubstr("scheme github-sha1"));
  EXPECT_EQ(guess("X-Hub-Signature", "md5=ab"), "");
  EXPECT_EQ(guess("X-Else", "a"), "");
}
TEST(Diagnosis, TellsAWrongClockFromAForgery) {
  const auto slack = with("slack", "key");
  const auto guess = [&](const char* key) {
    return diagnosis(*slack,
                     {{"X-Slack-Request-Timestamp", std::string(kStamp)},
                      {"X-Slack-Signature", "v0=" + hex(key, "v0:1614265330:{}")}},
                     "{}", kNow + 1h);
  };

  EXPECT_THAT(guess("key"), HasSubstr("clocks"));
  EXPECT_EQ(guess("other"), "");
}

}  // namespace
}  // namespace hookhost::auth
