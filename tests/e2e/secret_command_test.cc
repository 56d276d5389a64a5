// SPDX-License-Identifier: Apache-2.0
//
// Does `hookhost secret` bring a new secret to a running host and let the old one go, without ever
// printing either?
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <iterator>

#include "e2e/live_host.h"
#include "payload/payload_support.h"
#include "support/temp_dir.h"

namespace hookhost::e2e {
namespace {

namespace fs = std::filesystem;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kHeader = "X-Webhook-Secret";
constexpr const char* kOld = "s3cr3t-the-old-one-4711";
constexpr const char* kNew = "s3cr3t-the-new-one-4712";
constexpr const char* kRoute = "r02_number";

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class SecretCommand : public ::testing::Test {
 protected:
  test::ProcessResult secret(std::vector<std::string> arguments, std::string_view input = {}) {
    arguments.insert(arguments.begin(), "secret");
    arguments.insert(arguments.end(), {"--config", config});
    return hookhost(std::move(arguments), {}, input);
  }
  int status_with(const LiveHost& host, const char* text) {
    return host.send({"POST", std::string("/webhooks/") + kRoute, {{kHeader, text}}, "{}"}).status;
  }

  const test::TempDir folder;
  const fs::path config = folder.write("hookhost.toml", "# ours\nloops = 1  # few\n");
};

TEST_F(SecretCommand, RotatesTheSecretOfARunningHost) {
  const auto old = folder.write("old", kOld);
  const auto fresh = folder.write("new", kNew);
  const auto added = secret({"add", kRoute, "--scheme", "hf", "--from-file", old});
  EXPECT_EQ(added.exit_code, 0) << added.err;
  EXPECT_THAT(added.out, StartsWith("r02_number: 1 secret, hf\n"));
  LiveHost host({"serve", "--plugins", plugin_folder("parity"), "--config", config});
  EXPECT_EQ(status_with(host, kOld), 200);
  EXPECT_EQ(status_with(host, kNew), 403);

  const auto rotated = secret({"rotate", kRoute, "--from-file", fresh, "--overlap", "24h"});
  EXPECT_EQ(rotated.exit_code, 0) << rotated.err;
  EXPECT_THAT(rotated.out, StartsWith("r02_number: new secret in use; the old one is accepted "
                                      "until 20"));
  EXPECT_THAT(rotated.out, HasSubstr("next: set the new secret at the sender\n"));
  const auto ls = [&] {
    const std::string admin = "127.0.0.1:" + std::to_string(host.process().admin_port());
    return hookhost({"secret", "ls", kRoute, "--config", config},
                    {{"HOOKHOST_ADMIN__LISTEN", admin}})
        .out;
  };
  EXPECT_THAT(ls(), HasSubstr("the host has not read this configuration yet"));
  EXPECT_THAT(ls(), ContainsRegex("\n1 .* -\n2 .* -\n")) << "the use was of another number 1";
  host.process().signal(SIGHUP);
  ASSERT_TRUE(host.process().wait_for_output("configuration taken over"));
  EXPECT_THAT(ls(), ContainsRegex("\n1 .* 0\n2 .* 0\n"));
  EXPECT_EQ(status_with(host, kOld), 200);
  EXPECT_EQ(status_with(host, kOld), 200);
  EXPECT_EQ(status_with(host, kNew), 200);
  EXPECT_THAT(ls(), ContainsRegex("\n1 .* 1\n2 .* 2\n"));

  const auto removed = secret({"rm", kRoute, "2"});
  EXPECT_EQ(removed.exit_code, 0) << removed.err;
  EXPECT_TRUE(fs::exists(old)) << "it is not a file of ours";
  EXPECT_EQ(text_of(config),
            "# ours\nloops = 1  # few\n\n[route.r02_number]\nscheme = \"hf\"\n"
            "secrets = [{file = \"new\"}]\n");
}

TEST_F(SecretCommand, KeepsASecretFromTheInputForTheHostAlone) {
  const auto added = secret({"add", kRoute}, std::string(kOld) + "\n");

  EXPECT_EQ(added.exit_code, 0) << added.err;
  EXPECT_EQ(text_of(folder / "secrets/r02_number.1"), kOld);
  EXPECT_EQ(fs::status(folder / "secrets/r02_number.1").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_THAT(text_of(config), Not(HasSubstr(kSecretMark)));

  EXPECT_EQ(secret({"rotate", kRoute, "--overlap", "0s"}, kNew).exit_code, 0);
  EXPECT_THAT(text_of(config), HasSubstr("secrets = [{file = \"secrets/r02_number.2\"}]\n"));
}

TEST_F(SecretCommand, ListsSourcesAndWhatTheHostHasCounted) {
  folder.write("old", kOld);
  folder.write("hookhost.toml",
               "admin.listen = \"127.0.0.1:0\"\n[route.r02_number]\nsecrets = ["
               "{ file = \"old\", not_after = 2099-01-01T00:00:00Z }, { env = \"NOT_HERE\" }]\n");
  const auto alone = secret({"ls", kRoute});
  EXPECT_EQ(alone.exit_code, 0) << alone.err;
  EXPECT_THAT(alone.out, StartsWith("#  SCHEME  SOURCE"));
  EXPECT_THAT(alone.out, HasSubstr("2099-01-01 00:00 UTC"));
  EXPECT_THAT(alone.out, HasSubstr("2  hf      $NOT_HERE"));

  folder.write("hookhost.toml", "[route.r02_number]\nsecrets = [{ file = \"old\" }]\n");
  LiveHost host({"serve", "--plugins", plugin_folder("parity"), "--config", config});
  status_with(host, kOld);
  status_with(host, kOld);
  const std::string admin = "127.0.0.1:" + std::to_string(host.process().admin_port());
  const auto beside =
      hookhost({"secret", "ls", "--json", "--config", config}, {{"HOOKHOST_ADMIN__LISTEN", admin}});
  payload::Understanding json;
  EXPECT_TRUE(json.parse(beside.out)) << beside.out;
  EXPECT_THAT(beside.out, HasSubstr(R"("route":"r02_number","number":1,"scheme":"hf")"));
  EXPECT_THAT(beside.out, HasSubstr(R"("uses":2})"));
}

TEST_F(SecretCommand, RefusesWhatWouldNotHelpAndChangesNothing) {
  const std::string before = text_of(config);
  const auto open = folder.write("open", kOld, 0644);
  const auto spaced = folder.write("spaced", " s3cr3t with a space in front");

  EXPECT_EQ(secret({"add", kRoute}, "").exit_code, 1) << "empty";
  EXPECT_EQ(secret({"add", kRoute}, "s3cr3t\ns3cr3t").exit_code, 1) << "two lines";
  EXPECT_EQ(secret({"add", kRoute, "--from-file", open}).exit_code, 77);
  EXPECT_EQ(secret({"add", kRoute, "--from-file", spaced}).exit_code, 1) << "HTTP takes it away";
  EXPECT_EQ(secret({"add", kRoute, "--scheme", "githib"}, kOld).exit_code, 1);
  EXPECT_EQ(secret({"add", kRoute, "--scheme", "standard-webhooks"}, kOld).exit_code, 1);
  EXPECT_EQ(secret({"rotate", kRoute}, kOld).exit_code, 1) << "it has none";
  EXPECT_EQ(secret({"rotate", kRoute, "--overlap", "soon"}, kOld).exit_code, 2);
  EXPECT_EQ(secret({"rm", kRoute, "1"}).exit_code, 1);
  EXPECT_EQ(secret({"show", kRoute}).exit_code, 2);
  EXPECT_EQ(secret({"rm", kRoute}).exit_code, 2);
  EXPECT_EQ(text_of(config), before);
  EXPECT_FALSE(fs::exists(folder / "secrets"));
}

TEST_F(SecretCommand, DoesNotOpenARouteByTakingItsLastSecret) {
  ASSERT_EQ(secret({"add", kRoute}, kOld).exit_code, 0);
  const auto refused = secret({"rm", kRoute, "1"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("which would be open"));

  folder.write("global", kNew);
  folder.write("hookhost.toml", "secret_file = \"global\"\n" + text_of(config));
  const auto removed = secret({"rm", kRoute, "1"});
  EXPECT_EQ(removed.exit_code, 0) << removed.err;
  EXPECT_THAT(removed.out, HasSubstr("the global secret counts"));
  EXPECT_FALSE(fs::exists(folder / "secrets/r02_number.1")) << "it was ours";
}

}  // namespace
}  // namespace hookhost::e2e
