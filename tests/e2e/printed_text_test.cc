// SPDX-License-Identifier: Apache-2.0
//
// Does the terminal and the landing page say what the Python server says? Rows U01 to U07 and U10
// of its table.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/live_host.h"
#include "support/temp_dir.h"

namespace hookhost::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A host that prints as on a terminal.
std::unique_ptr<LiveHost> pretty_host(Environment environment = {},
                                      std::filesystem::path plugins = plugin_folder("twin_a")) {
  return std::make_unique<LiveHost>(
      std::vector<std::string>{"serve", "--plugins", plugins, "--log-format", "pretty"},
      std::move(environment));
}

std::string local_url(LiveHost& host) {
  return "http://127.0.0.1:" + std::to_string(host.process().port());
}

TEST(PrintedText, U01_SaysThatNoSecretIsSet) {
  const auto host = pretty_host();

  EXPECT_TRUE(host->process().wait_for_output("please refer to"));
  EXPECT_THAT(host->output(),
              HasSubstr("Webhook secret is not defined. This means your webhook endpoints will be "
                        "open to everyone.\n"));
  EXPECT_THAT(host->output(), HasSubstr("\nTo add a secret, set `WEBHOOK_SECRET`"));
  EXPECT_THAT(host->output(),
              HasSubstr("\nFor more details about webhook secrets, please refer to "
                        "https://huggingface.co/docs/hub/webhooks#webhook-secret.\n"));
}

TEST(PrintedText, U02_SaysThatASecretIsSet) {
  const auto host = pretty_host({{"WEBHOOK_SECRET", kSecret}});

  EXPECT_THAT(host->output(), HasSubstr("Webhook secret is correctly defined.\n"));
  EXPECT_THAT(host->output(), Not(HasSubstr("is not defined")));
}

TEST(PrintedText, U03_ListsTheWebhooks) {
  const auto host = pretty_host();

  EXPECT_THAT(
      host->output(),
      HasSubstr("\n\nWebhooks are correctly setup and ready to use:\n  - POST " + local_url(*host) +
                "/webhooks/twin\nGo to https://huggingface.co/settings/webhooks to setup your "
                "webhooks.\n"));
}

TEST(PrintedText, U03_GivesTheSameAsFieldsWhenItIsNoTerminal) {
  LiveHost host({"serve", "--plugins", plugin_folder("twin_a")});

  EXPECT_THAT(host.output(), HasSubstr(R"("msg":"ready")"));
  EXPECT_THAT(host.output(),
              HasSubstr(R"("webhooks":[")" + local_url(host) + R"(/webhooks/twin"])"));
  EXPECT_THAT(host.output(), HasSubstr(R"("settings":"https://huggingface.co/settings/webhooks")"));
}

TEST(PrintedText, U04_NamesTheSpaceBeforeTheListener) {
  const auto host = pretty_host({{"SPACE_HOST", "/user-space.hf.space/"}});

  EXPECT_THAT(host->output(), HasSubstr("  - POST https://user-space.hf.space/webhooks/twin\n"));
  EXPECT_THAT(host->output(), Not(HasSubstr("  - POST http://127.0.0.1")));
}

TEST(PrintedText, U05_SaysThatTheFolderIsEmptyAndWhatToDo) {
  const test::TempDir folder;
  const auto host = pretty_host({}, folder.path());

  EXPECT_THAT(host->output(), HasSubstr("No webhooks yet: the plugin folder " +
                                        folder.path().string() + " is empty.\n"));
  EXPECT_THAT(host->output(), HasSubstr("  try: copy a plugin (*.so) into it"));
  EXPECT_THAT(host->output(), Not(HasSubstr("correctly setup")));
}

// ---- The landing page

constexpr const char* kLocalText =
    "Your app is running locally. Please look at the logs to check the full URL you need to set.";
constexpr const char* kSpaceText = "This app is running on a Space.";
constexpr const char* kSettings = "to setup your webhooks.";

TEST(LandingPage, U06_HasTheSeedsTextAndWorkingLinks) {
  LiveHost host({"serve", "--plugins", plugin_folder("twin_a")});

  const RawAnswer page = host.get("/");

  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(page.body, HasSubstr("This is an app to process"));
  EXPECT_THAT(
      page.body,
      HasSubstr("Webhooks are a foundation for MLOps-related features. They allow you to "
                "listen for new changes on specific repos or to all repos belonging to "
                "particular set of users/organizations (not just your repos, but any repo). "
                "Check out this <a href=\"https://huggingface.co/docs/hub/webhooks\""));
  EXPECT_THAT(page.body, HasSubstr("1 webhook(s) are registered:"));
  EXPECT_THAT(page.body, HasSubstr("href=\"/docs#/default/twin_webhooks_twin_post\""));
  EXPECT_THAT(page.body, HasSubstr(kLocalText));
  EXPECT_THAT(page.body, HasSubstr(kSettings));
  EXPECT_EQ(host.get("/docs").status, 200) << "the seed's links led to a 404";
}

TEST(LandingPage, U06_U07_SaysWhereTheUrlOfASpaceIs) {
  LiveHost host({"serve", "--plugins", plugin_folder("twin_a")},
                {{"SPACE_ID", "user/space"}, {"WEBHOOK_SECRET", kSecret}});

  const RawAnswer page = host.get("/");

  EXPECT_THAT(page.body, HasSubstr(kSpaceText));
  EXPECT_THAT(page.body, HasSubstr("https://{username}-{repo_name}.hf.space"));
  EXPECT_THAT(page.body, HasSubstr(kSettings)) << "the seed loses it";
  EXPECT_THAT(page.body, Not(HasSubstr(kLocalText)));
}

TEST(LandingPage, U07_AHostAloneMakesNoSpace) {
  LiveHost host({"serve", "--plugins", plugin_folder("twin_a")},
                {{"SPACE_HOST", "user-space.hf.space"}});

  EXPECT_THAT(host.get("/").body, HasSubstr(kLocalText));
}

TEST(LandingPage, U10_GivesWayToTheUsersFolder) {
  const test::TempDir ui;
  ui.write("index.html", "<h1>mine</h1>", 0644);
  ui.write("app/more.css", "a{}", 0644);
  ui.write(".env", "SECRET=1", 0644);
  LiveHost host({"serve", "--plugins", plugin_folder("twin_a"), "--ui", ui.path()});

  EXPECT_EQ(host.get("/").body, "<h1>mine</h1>");
  EXPECT_EQ(host.get("/app/more.css").body, "a{}");
  EXPECT_EQ(host.get("/.env").status, 404);
  EXPECT_EQ(host.get("/../../../../etc/passwd").status, 404);
  EXPECT_EQ(host.get("/openapi.json").status, 200);
  EXPECT_EQ(host.get("/docs").status, 200);
  EXPECT_EQ(host.post("/webhooks/twin", "").status, 200);
}

}  // namespace
}  // namespace hookhost::e2e
