// SPDX-License-Identifier: Apache-2.0
//
// Who gets in? Rows K01 to K13 of the Python server's table.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/live_host.h"
#include "support/temp_dir.h"

namespace hookhost::e2e {
namespace {

using ::testing::HasSubstr;

constexpr const char* kMissing = R"({"error":"x-webhook-secret header not set."})";
constexpr const char* kWrong = R"({"error":"Invalid webhook secret."})";
constexpr const char* kHeader = "X-Webhook-Secret";

// A raw handler, so that only the secret decides.
Request with(Headers headers, std::string target = "/webhooks/r02_number") {
  return {"POST", std::move(target), std::move(headers), "{}"};
}

class Secrets : public SharedHost<Secrets, ::testing::TestWithParam<Row>> {
 public:
  static std::unique_ptr<LiveHost> make_host() {
    return std::make_unique<LiveHost>(
        std::vector<std::string>{"serve", "--plugins", plugin_folder("parity")},
        Environment{{"WEBHOOK_SECRET", kSecret}});
  }
};

TEST_P(Secrets, AreJudgedAsTheTableSays) { expect_answer(host(), GetParam()); }

const std::string kSecretText = kSecret;
const Row kSecretRows[] = {
    {"K01_FromTheEnvironment", with({{kHeader, kSecretText}}), 200, "42"},
    {"K03_Missing", with({}), 401, kMissing},
    {"K04_Wrong", with({{kHeader, "wrong"}}), 403, kWrong},
    {"K04_Empty", with({{kHeader, ""}}), 403, kWrong},
    {"K04_Padded", with({{kHeader, kSecretText + "x"}}), 403, kWrong},
    {"K04_Cut", with({{kHeader, kSecretText.substr(1)}}), 403, kWrong},
    {"K04_OtherCase", with({{kHeader, "S3CR3T-of-the-hub-4711"}}), 403, kWrong},
    {"K05_LowerCaseName", with({{"x-webhook-secret", kSecretText}}), 200, "42"},
    {"K05_UpperCaseName", with({{"X-WEBHOOK-SECRET", kSecretText}}), 200, "42"},
    {"K06_InTheQueryIsMissingUnlessEnabled", with({}, "/webhooks/r02_number?secret=" + kSecretText),
     401, kMissing},
    {"K09_InvalidBodyWithoutSecret",
     {"POST", "/webhooks/implicit", {{"Content-Type", "application/json"}}, "{"},
     401,
     kMissing},
    {"K09_InvalidBodyWithWrongSecret",
     {"POST",
      "/webhooks/implicit",
      {{"Content-Type", "application/json"}, {kHeader, "wrong"}},
      "{"},
     403,
     kWrong},
    {"K10_UnknownPathWithoutSecret", with({}, "/webhooks/nowhere"), 404,
     R"({"detail":"Not Found"})"},
    {"K10_OtherMethodWithoutSecret",
     {"GET", "/webhooks/implicit"},
     405,
     R"({"detail":"Method Not Allowed"})"},
    {"K13_WrongThenRight", with({{kHeader, "wrong"}, {kHeader, kSecretText}}), 403, kWrong},
    {"K13_RightThenWrong", with({{kHeader, kSecretText}, {kHeader, "wrong"}}), 403, kWrong},
    {"K13_RightTwice", with({{kHeader, kSecretText}, {kHeader, kSecretText}}), 403, kWrong},
};
INSTANTIATE_TEST_SUITE_P(Rows, Secrets, ::testing::ValuesIn(kSecretRows), row_name);

// ---- Sources

TEST(SecretSources, K01_TheConfigurationWinsOverTheEnvironment) {
  const test::TempDir folder;
  const auto file = folder.write("secret", "s3cr3t-from-a-file\n");
  const auto config = folder.write("hookhost.toml", "secret_file = \"" + file.string() + "\"\n");
  LiveHost host({"serve", "--plugins", plugin_folder("parity"), "--config", config},
                {{"WEBHOOK_SECRET", kSecret}});

  EXPECT_EQ(host.send(with({{kHeader, "s3cr3t-from-a-file"}})).status, 200);
  EXPECT_EQ(host.send(with({{kHeader, kSecret}})).status, 403);
}

TEST(SecretSources, K02_NoneIsOpenOnLoopbackAndSaysSo) {
  LiveHost host({"serve", "--plugins", plugin_folder("parity")});

  EXPECT_EQ(host.send(with({})).status, 200);
  EXPECT_TRUE(host.process().wait_for_output("No secret is set"));
}

TEST(SecretSources, K02_NoneIsRefusedBeyondLoopback) {
  const auto refused = hookhost({"serve", "--plugins", plugin_folder("parity"), "--listen",
                                 "0.0.0.0:0", "--admin-listen", "127.0.0.1:0", "--allow-root"});

  EXPECT_EQ(refused.exit_code, 78);
  EXPECT_THAT(refused.out + refused.err, HasSubstr("no secret, and 0.0.0.0:"));
  EXPECT_THAT(refused.out + refused.err, HasSubstr("--insecure-open"));
}

TEST(SecretSources, K06_TheQueryCountsWhenEnabledAndIsRedacted) {
  const test::TempDir folder;
  const auto config = folder.write("hookhost.toml", "secret_in_query = true\n");
  LiveHost host({"serve", "--plugins", plugin_folder("parity"), "--config", config},
                {{"WEBHOOK_SECRET", kSecret}});

  EXPECT_EQ(host.send(with({}, "/webhooks/r02_number?a=1&secret=" + kSecretText)).status, 200);
  EXPECT_EQ(host.send(with({}, "/webhooks/r02_number?secret=wrong")).status, 403);
  EXPECT_EQ(host.send(with({{kHeader, kSecretText}})).status, 200);
  // That no log line shows it is checked when the host ends.
}

TEST(SecretSources, K07_NonAsciiIsRefusedWithTheReason) {
  const auto refused = hookhost({"serve", "--plugins", plugin_folder("parity")},
                                {{"WEBHOOK_SECRET", "s3cr3t-\xC3\xA9"}});

  EXPECT_EQ(refused.exit_code, 78);
  EXPECT_THAT(refused.out + refused.err, HasSubstr("WEBHOOK_SECRET"));
  EXPECT_THAT(refused.out + refused.err, HasSubstr("ASCII"));
}

TEST(SecretSources, K08_EmptyIsAnErrorAtStart) {
  const auto refused =
      hookhost({"serve", "--plugins", plugin_folder("parity")}, {{"WEBHOOK_SECRET", ""}});

  EXPECT_EQ(refused.exit_code, 78);
  EXPECT_THAT(refused.out + refused.err, HasSubstr("WEBHOOK_SECRET"));
  EXPECT_THAT(refused.out + refused.err, HasSubstr("empty"));
}

// K12 (constant time, all of them tried) is proved where it is decided: auth/credentials_test.cc.
// Here: each of several is accepted, whichever stands first.
TEST(SecretSources, K11_K12_EachRouteHasItsOwnAndSeveralCount) {
  const test::TempDir folder;
  const auto first = folder.write("first", "s3cr3t-one").string();
  const auto second = folder.write("second", "s3cr3t-two").string();
  const auto past = folder.write("past", "s3cr3t-past").string();
  const auto config =
      folder.write("hookhost.toml", "[route.r02_number]\nsecrets = [{ file = \"" + first +
                                        "\" }, { file = \"" + second + "\" }, { file = \"" + past +
                                        "\", not_after = 2020-01-01T00:00:00Z }]\n");
  LiveHost host({"serve", "--plugins", plugin_folder("parity"), "--config", config},
                {{"WEBHOOK_SECRET", kSecret}});

  EXPECT_EQ(host.send(with({{kHeader, "s3cr3t-one"}})).status, 200);
  EXPECT_EQ(host.send(with({{kHeader, "s3cr3t-two"}})).status, 200);
  EXPECT_EQ(host.send(with({{kHeader, "s3cr3t-past"}})).status, 403) << "it has expired";
  EXPECT_EQ(host.send(with({{kHeader, kSecret}})).status, 403) << "the route has its own";
  EXPECT_EQ(host.send(with({{kHeader, kSecret}}, "/webhooks/r02_text")).status, 200);
  EXPECT_EQ(host.send(with({{kHeader, "s3cr3t-one"}}, "/webhooks/r02_text")).status, 403);
}

}  // namespace
}  // namespace hookhost::e2e
