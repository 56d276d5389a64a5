// SPDX-License-Identifier: Apache-2.0
//
// Is each family of senders let in by the real binary, with signatures that OpenSSL makes here, and
// does the operator read why another was not? One host with a route for each.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/live_host.h"
#include "e2e/sender_proof.h"
#include "support/temp_dir.h"

namespace hookhost::e2e {
namespace {

using ::testing::HasSubstr;

constexpr const char* kKey = "s3cr3t-key-0123456789";
constexpr const char* kNextKey = "s3cr3t-next-0123456789";
constexpr std::string_view kStandardKey = "s3cr3t-standard-webhooks";

const Signer& discord() {
  static const Signer signer;
  return signer;
}

// Raw handlers, so that only the proof decides; r02_number answers 42, r02_text and so on theirs.
class Senders : public SharedHost<Senders> {
 public:
  static std::unique_ptr<LiveHost> make_host() {
    static const test::TempDir folder;
    const auto file = [&](const char* name, std::string_view text) {
      return "\"" + folder.write(name, std::string(text), 0600).string() + "\"";
    };
    const std::string key = "secret_file = " + file("key", kKey) + "\n";
    const std::string next = file("next", kNextKey);
    const std::string standard = file("standard", "whsec_" + base64(kStandardKey));
    const std::string application = file("application", hex(discord().public_key()));
    const std::string pair = file("pair", std::string("ci:") + kKey);
    const std::string config =
        "[route.r02_number]\nscheme = \"github\"\n" + key + "secrets = [{ file = " + next +
        " }]\n[route.r02_text]\nscheme = \"slack\"\n" + key +
        "[route.r02_bool]\nscheme = \"standard-webhooks\"\nsecret_file = " + standard +
        "\n[route.r02_list]\nscheme = \"discord\"\nsecret_file = " + application +
        "\n[route.r02_object]\nscheme = \"x\"\n" + key +
        "[route.r02_float]\nscheme = \"stripe\"\n" + key +
        "[route.r02_none]\nscheme = \"bearer\"\n" + key +
        "[route.ignores]\nscheme = \"github-sha1\"\n" + key +
        "[route.f03_nothing]\nscheme = \"basic\"\nsecret_file = " + pair +
        "\n[route.r03_status]\nscheme = \"generic-hmac\"\n" + key +
        "hmac = { header = \"X-Sign\", template = \"{ts}.{body}\", ts_header = \"X-Time\" }\n";
    return std::make_unique<LiveHost>(
        std::vector<std::string>{"serve", "--plugins", plugin_folder("parity"), "--config",
                                 folder.write("hookhost.toml", config)});
  }
  static RawAnswer post(std::string route, std::string body, Headers headers) {
    return host().send({"POST", "/webhooks/" + route, std::move(headers), std::move(body)});
  }
  static Headers github(std::string_view key, std::string_view body) {
    return {{"X-Hub-Signature-256", "sha256=" + hex(mac(key, body))}, {"X-GitHub-Event", "push"}};
  }
  static Headers slack(const std::string& stamp, std::string_view body) {
    return {{"X-Slack-Request-Timestamp", stamp},
            {"X-Slack-Signature", "v0=" + hex(mac(kKey, "v0:" + stamp + ":" + std::string(body)))}};
  }
  static Headers signed_by_discord(std::string_view body) {
    const std::string stamp = now();
    return {{"X-Signature-Timestamp", stamp},
            {"X-Signature-Ed25519", hex(discord().sign(stamp + std::string(body)))}};
  }
};

TEST_F(Senders, GithubSignsTheRawBodyAndPings) {
  EXPECT_EQ(post("r02_number", "{}", github(kKey, "{}")).body, "42");
  EXPECT_EQ(post("r02_number", "{} ", github(kKey, "{}")).status, 403);
  EXPECT_EQ(post("r02_number", "{}", {}).status, 401);
  Headers ping = github(kKey, "{}");
  ping.back().second = "ping";
  EXPECT_THAT(post("r02_number", "{}", ping).body, HasSubstr("pong"));
  Headers twice = github(kKey, "{}");
  twice.push_back(twice.front());
  EXPECT_EQ(post("r02_number", "{}", twice).status, 403);
}
TEST_F(Senders, GithubIsBelievedBySha1WhereThatIsAskedFor) {
  const Headers by_sha1{{"X-Hub-Signature", "sha1=" + hex(mac(kKey, "{}", ::EVP_sha1()))}};
  EXPECT_EQ(post("ignores", "{}", by_sha1).status, 204);
  EXPECT_EQ(post("ignores", "{} ", by_sha1).status, 403);
  EXPECT_EQ(post("r02_number", "{}", by_sha1).status, 401);
  EXPECT_EQ(post("ignores", "{}", github(kKey, "{}")).status, 401);
}
TEST_F(Senders, GithubSignsALargeBody) {
  const std::string body(5'000'000, 'x');
  EXPECT_EQ(post("r02_number", body, github(kKey, body)).status, 200);
}
TEST_F(Senders, ARotationIsCountedByNumber) {
  EXPECT_EQ(post("r02_number", "{}", github(kNextKey, "{}")).status, 200);
  EXPECT_THAT(host().get_admin("/metrics").body,
              HasSubstr(R"(hookhost_secret_uses_total{route="r02_number",secret="2"} )"));
}
TEST_F(Senders, SlackIsDatedAndGetsItsChallengeBack) {
  const std::string challenge = R"({"type":"url_verification","challenge":"abc"})";
  EXPECT_EQ(post("r02_text", "a=b", slack(now(), "a=b")).status, 200);
  EXPECT_EQ(post("r02_text", challenge, slack(now(), challenge)).body, "abc");
  EXPECT_EQ(post("r02_text", "a=b", slack(now(-std::chrono::hours(1)), "a=b")).status, 403);
  EXPECT_TRUE(host().process().wait_for_output(R"("rule":"timestamp-stale")"));
  EXPECT_EQ(post("r02_text", "a=b", slack(now(std::chrono::hours(1)), "a=b")).status, 403);
  EXPECT_TRUE(host().process().wait_for_output(R"("rule":"timestamp-ahead")"));
}
TEST_F(Senders, StandardWebhooksSignTheirIdToo) {
  const std::string stamp = now();
  const auto headers = [&](const std::string& id) {
    return Headers{
        {"webhook-id", id},
        {"webhook-timestamp", stamp},
        {"webhook-signature", "v1,AAAA v1," + base64(mac(kStandardKey, "msg_1." + stamp + ".{}"))}};
  };
  EXPECT_EQ(post("r02_bool", "{}", headers("msg_1")).status, 200);
  EXPECT_EQ(post("r02_bool", "{}", headers("msg_2")).status, 403);
}
TEST_F(Senders, DiscordSignsWithAKeyPairAndGetsItsPongs) {
  EXPECT_EQ(post("r02_list", R"({"type":2})", signed_by_discord(R"({"type":2})")).status, 200);
  EXPECT_EQ(post("r02_list", R"({"type":1})", signed_by_discord(R"({"type":1})")).body,
            R"({"type":1})");
  EXPECT_EQ(post("r02_list", R"({"type":0})", signed_by_discord(R"({"type":0})")).status, 204);
  EXPECT_EQ(post("r02_list", R"({"type":1})", signed_by_discord(R"({"type":2})")).status, 401);
}
TEST_F(Senders, XAsksByGet) {
  const auto answer = host().get("/webhooks/r02_object?crc_token=abc");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"response_token":"sha256=)" + base64(mac(kKey, "abc")) + "\"}");
  EXPECT_EQ(post("r02_object", "{}",
                 {{"X-Twitter-Webhooks-Signature", "sha256=" + base64(mac(kKey, "{}"))}})
                .status,
            200);
  EXPECT_EQ(host().get("/webhooks/r02_object").status, 405);
}
TEST_F(Senders, StripeCarriesItsTimestampInTheSignature) {
  const std::string stamp = now();
  const std::string right = "v1=" + hex(mac(kKey, stamp + ".{}"));
  EXPECT_EQ(post("r02_float", "{}", {{"Stripe-Signature", "t=" + stamp + "," + right}}).status,
            200);
  EXPECT_EQ(post("r02_float", "{}", {{"Stripe-Signature", "t=1" + stamp + "," + right}}).status,
            403);
}
TEST_F(Senders, TokensTravelInAuthorization) {
  const std::string token = kKey;
  EXPECT_EQ(post("r02_none", "{}", {{"Authorization", "Bearer " + token}}).status, 200);
  EXPECT_EQ(post("r02_none", "{}", {{"Authorization", "Bearer " + token + "x"}}).status, 403);
  EXPECT_EQ(post("f03_nothing", "{}", {{"Authorization", "Basic " + base64("ci:" + token)}}).status,
            200);
  EXPECT_EQ(post("f03_nothing", "{}", {{"Authorization", "Basic " + base64("cd:" + token)}}).status,
            403);
}
TEST_F(Senders, OfAuthorizationAreChallenged) {
  const auto bearer = post("r02_none", "{}", {});
  EXPECT_EQ(bearer.status, 401);
  EXPECT_EQ(bearer.header("WWW-Authenticate"), R"(Bearer realm="webhooks")");
  const auto basic = post("f03_nothing", "{}", {});
  EXPECT_EQ(basic.status, 401);
  EXPECT_EQ(basic.header("WWW-Authenticate"), R"(Basic realm="webhooks")");
  EXPECT_EQ(post("r02_number", "{}", {}).header("WWW-Authenticate"), "");
}
TEST_F(Senders, AnybodyElseIsDescribed) {
  const std::string stamp = now();
  const Headers headers{{"X-Time", stamp}, {"X-Sign", hex(mac(kKey, stamp + ".{}"))}};
  EXPECT_EQ(post("r03_status", "{}", headers).status, 202);
  EXPECT_EQ(post("r03_status", "[]", headers).status, 403);
}

TEST(SenderDiagnosis, StandsInTheLogAndNotInTheAnswer) {
  const test::TempDir folder;
  const auto key = folder.write("key", kKey, 0600).string();
  const auto config = folder.write(
      "hookhost.toml", "[route.r02_number]\nscheme = \"github\"\nsecret_file = \"" + key + "\"\n");
  LiveHost host({"serve", "--plugins", plugin_folder("parity"), "--config", config});

  const auto answer = host.send({"POST",
                                 "/webhooks/r02_number",
                                 {{"X-Hub-Signature-256", "sha256=" + hex(mac(kKey, "{}"))}},
                                 "{}\n"});

  EXPECT_EQ(answer.body, R"({"error":"Invalid signature."})");
  EXPECT_TRUE(host.process().wait_for_output("fits the body without its last line end"));
}
TEST(SenderNames, AreListedWhenOneIsWrong) {
  const test::TempDir folder;
  const auto config = folder.write("hookhost.toml", "[route.x]\nscheme = \"githup\"\n");
  const auto refused = hookhost({"config", "--effective", "--config", config});

  EXPECT_EQ(refused.exit_code, 78);
  EXPECT_THAT(refused.out + refused.err, HasSubstr("\"standard-webhooks\""));
  EXPECT_THAT(refused.out + refused.err, HasSubstr("\"generic-hmac\""));
}

}  // namespace
}  // namespace hookhost::e2e
