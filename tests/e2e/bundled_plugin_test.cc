// SPDX-License-Identifier: Apache-2.0
//
// Do the bundled plugins do in the real host what their READMEs say? With the fixtures that lie
// beside them, and with a fake Hub on loopback.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "e2e/live_host.h"
#include "payload/payload_support.h"
#include "support/fake_server.h"
#include "support/temp_dir.h"

namespace hookhost::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string fixture(const std::string& path) {
  return payload::read_file(SOURCE_ROOT "/plugins/" + path);
}

TEST(BundledPlugins, AllServeFromOneFolderAndUnloadAtTheEnd) {
  LiveHost host({"serve", "--plugins", BUNDLED_PLUGINS});

  EXPECT_EQ(host.post("/webhooks/echo", R"({"a":1})").body, R"({"a":1})");
  EXPECT_EQ(
      host.post("/webhooks/auto_retrain", fixture("auto_retrain/fixtures/dataset_push.json")).body,
      R"({"would_start":"some-user/multilingual-product-reviews",)"
      R"("commit":"c379e821c9c95d613899e8c4343e4bfee2b0c600"})");
  EXPECT_THAT(
      host.post("/webhooks/discussion_bot", fixture("discussion_bot/fixtures/comment_create.json"))
          .body,
      HasSubstr(R"({"would_reply":")"));
  host.end();
  EXPECT_THAT(host.output(), Not(HasSubstr("stays in memory")));
  EXPECT_THAT(host.output(), HasSubstr(R"("plugins_refused":0)"));
}

TEST(BundledPlugins, AutoRetrainStartsItsCommand) {
  const test::TempDir folder;
  const std::string started = folder / "started";
  ::mkfifo(started.c_str(), 0600);
  const auto script =
      folder.write("retrain.sh",
                   "#!/bin/sh\necho this goes to standard error\n"
                   "printf '%s %s %s\\n' \"$1\" \"$2\" \"${WEBHOOK_SECRET-no secret}\" >" +
                       started + "\n",
                   0700);
  const auto config = folder.write(
      "hookhost.toml", "[plugin.auto_retrain.config]\ncommand = \"" + script.string() + "\"\n");
  LiveHost host({"serve", "--plugins", BUNDLED_PLUGINS, "--config", config},
                {{"WEBHOOK_SECRET", kSecret}});

  const auto answer =
      host.post("/webhooks/auto_retrain", fixture("auto_retrain/fixtures/dataset_push.json"),
                {{"X-Webhook-Secret", kSecret}});

  EXPECT_EQ(answer.status, 202);
  std::string line;
  std::ifstream pipe(started);
  std::getline(pipe, line);
  EXPECT_EQ(line,
            "some-user/multilingual-product-reviews c379e821c9c95d613899e8c4343e4bfee2b0c600 "
            "no secret");
  EXPECT_TRUE(host.process().wait_for_output("ended with exit code 0"));
}

TEST(BundledPlugins, AWrongSettingIsNamedAndTheOthersServe) {
  const test::TempDir folder;
  const auto config =
      folder.write("hookhost.toml", "[plugin.auto_retrain.config]\ncomand = \"/bin/true\"\n");
  LiveHost host({"serve", "--plugins", BUNDLED_PLUGINS, "--config", config});

  EXPECT_EQ(host.post("/webhooks/echo", "{}").status, 200);
  EXPECT_EQ(host.post("/webhooks/auto_retrain", "{}").status, 404);
  EXPECT_THAT(host.output(), HasSubstr("auto_retrain.so"));
  EXPECT_THAT(host.output(), HasSubstr("comand"));
}

TEST(BundledPlugins, DiscussionBotRepliesThroughTheHubsApi) {
  const std::string target = "/api/models/some-org/bert-base-tuned/discussions/19/comment";
  test::FakeServer hub({{"GET", "/api/whoami-v2", 200, R"({"id":"bot-id"})"},
                        {"POST", target, 429},
                        {"POST", target, 201}});
  const test::TempDir folder;
  const auto token = folder.write("token", "s3cr3t-hub-token\n");
  const auto config =
      folder.write("hookhost.toml", "[plugin.discussion_bot.config]\nendpoint = \"" + hub.url() +
                                        "\"\n[plugin.discussion_bot.secrets]\ntoken = { file = \"" +
                                        token.string() + "\" }\n");
  LiveHost host({"serve", "--plugins", BUNDLED_PLUGINS, "--config", config}, {{"no_proxy", "*"}});
  const std::string event = fixture("discussion_bot/fixtures/comment_create.json");

  const auto first = host.post("/webhooks/discussion_bot", event);
  const auto second = host.post("/webhooks/discussion_bot", event);

  EXPECT_EQ(first.body, R"({"replied_to":"6398872887bfcfb93a306f18"})");
  EXPECT_EQ(second.body, R"({"already_answered":"6398872887bfcfb93a306f18"})");
  EXPECT_EQ(hub.count("POST", target), 2u);
  EXPECT_EQ(hub.requests().back().header("authorization"), "Bearer s3cr3t-hub-token");
}

}  // namespace
}  // namespace hookhost::e2e
