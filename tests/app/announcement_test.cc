// SPDX-License-Identifier: Apache-2.0
//
// Does the start say what happened first, what to do last, and the seed's lines word for word?
// (seed rows U01 to U05, U07; journeys.md 1)
#include "app/announcement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/start_checks.h"
#include "support/fake_clock.h"

namespace hookhost::app {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

constexpr telemetry::Console kWide{.is_terminal = true, .is_utf8 = true, .width = 80};
constexpr telemetry::Console kNarrow{.is_terminal = true, .is_utf8 = true, .width = 40};

Announcement two_plugins() {
  Announcement facts;
  facts.version = "0.1.0";
  facts.ready_in = 38ms;
  facts.url = "http://127.0.0.1:7860";
  facts.admin_url = "http://127.0.0.1:7861";
  facts.listen = "127.0.0.1:7860";
  facts.admin_listen = "127.0.0.1:7861";
  facts.routes = {"/webhooks/retrain", "/webhooks/ci-bot"};
  facts.plugins = {{"retrain.so", 1}, {"ci_bot.so", 1}};
  facts.plugins_folder = "./plugins";
  facts.has_secret = true;
  facts.journal = "hookhost-data";
  return facts;
}

Announcement without_secret() {
  Announcement facts = two_plugins();
  facts.has_secret = false;
  facts.lacks_secret = true;
  facts.warnings = start_warnings(Config{}, true, 1000);
  return facts;
}

TEST(AnnouncementText, SaysWhatIsServedInTheSeedsWordsU02U03) {
  EXPECT_EQ(announcement_text(two_plugins(), kWide),
            "  hookhost 0.1.0   ready in 38.0 ms\n"
            "Webhook secret is correctly defined.\n"
            "\n"
            "Webhooks are correctly setup and ready to use:\n"
            "  - POST http://127.0.0.1:7860/webhooks/retrain\n"
            "  - POST http://127.0.0.1:7860/webhooks/ci-bot\n"
            "Go to https://huggingface.co/settings/webhooks to setup your webhooks.\n"
            "\n"
            "  Landing page  http://127.0.0.1:7860/\n"
            "  API docs      http://127.0.0.1:7860/docs\n"
            "  Admin         http://127.0.0.1:7861/\n"
            "  Plugins       retrain.so gen 1, ci_bot.so gen 1 (from ./plugins)\n"
            "  Journal       hookhost-data\n"
            "\n");
}

TEST(AnnouncementText, WarnsOnceWithItsRemedyWhenThereIsNoSecretK02U01) {
  const std::string text = announcement_text(without_secret(), kWide);
  EXPECT_THAT(
      text,
      HasSubstr("\n  ! No secret is set: any program on this machine can trigger handlers.\n"
                "    export WEBHOOK_SECRET=$(openssl rand -hex 32)\n"
                "\n"
                "Webhook secret is not defined. This means your webhook endpoints will be open to "
                "everyone.\n"
                "To add a secret, set `WEBHOOK_SECRET` as environment variable or name a file in "
                "hookhost.toml: \n"
                "\t`secret_file = \"/path/to/secret\"`\n"
                "For more details about webhook secrets, please refer to "
                "https://huggingface.co/docs/hub/webhooks#webhook-secret.\n"));
  EXPECT_THAT(text, Not(HasSubstr("correctly defined")));
}

TEST(AnnouncementText, ShowsAtMostOneWarning) {
  Announcement facts = without_secret();
  facts.warnings.push_back({"secret /run/keys/x is shorter than 16 bytes", "openssl rand -hex 32"});
  const std::string text = announcement_text(facts, kWide);
  EXPECT_THAT(text, HasSubstr("    1 more: hookhost doctor\n"));
  EXPECT_THAT(text, Not(HasSubstr("shorter than")));
}

TEST(AnnouncementText, PutsTheSpacesAddressIntoEachLineU04U07) {
  Announcement facts = two_plugins();
  facts.is_space = true;
  facts.url = public_url({.is_space = true, .host = "me-hooks.hf.space"}, {"0.0.0.0", 7860}, false);
  facts.admin_url.clear();
  const std::string text = announcement_text(facts, kWide);
  EXPECT_THAT(text, HasSubstr("  - POST https://me-hooks.hf.space/webhooks/retrain\n"));
  EXPECT_THAT(text, HasSubstr("  note: this Space's disk is not kept; attach a bucket and set "
                              "journal.dir to\n        keep events.\n"));
  EXPECT_THAT(text, Not(HasSubstr("127.0.0.1")));
}

TEST(PublicUrl, PrefersTheSpaceAndNeverPrintsAnAddressThatNobodyCanOpenU04) {
  EXPECT_EQ(public_url({}, {"127.0.0.1", 7860}, false), "http://127.0.0.1:7860");
  EXPECT_EQ(public_url({}, {"0.0.0.0", 80}, false), "http://127.0.0.1:80");
  EXPECT_EQ(public_url({}, {"::", 80}, false), "http://[::1]:80");
  EXPECT_EQ(public_url({}, {"127.0.0.1", 7860}, true), "https://127.0.0.1:7860");
  EXPECT_EQ(public_url({.is_space = false, .host = "x.hf.space"}, {"0.0.0.0", 80}, false),
            "https://x.hf.space");
}

TEST(AnnouncementText, SaysThatTheFolderIsEmptyAndWhatToDoU05) {
  Announcement facts = two_plugins();
  facts.routes.clear();
  facts.plugins.clear();
  EXPECT_THAT(announcement_text(facts, kWide),
              HasSubstr("  No webhooks yet: the plugin folder ./plugins is empty.\n"
                        "  try: copy a plugin (*.so) into it and start again, or: hookhost run "
                        "my_plugin.so\n"));
  facts.is_folder_there = false;
  EXPECT_THAT(announcement_text(facts, kWide),
              HasSubstr("  No webhooks yet: the plugin folder ./plugins does not exist.\n"
                        "  try: hookhost serve --plugins DIR\n"));
}

TEST(AnnouncementText, TellsAnEmptyFolderFromRefusedPluginsU05) {
  Announcement facts = two_plugins();
  facts.routes.clear();
  facts.plugins.clear();
  facts.refused_plugins = 2;
  EXPECT_THAT(announcement_text(facts, kWide),
              HasSubstr("every plugin in ./plugins was refused (see above)"));
}

TEST(AnnouncementText, NamesTheJournalAndWhatItGoesOnWith) {
  Announcement facts = two_plugins();
  facts.journal.reset();
  EXPECT_THAT(announcement_text(facts, kWide), HasSubstr("\n  Journal       none: "));
  facts.journal = "";
  EXPECT_THAT(announcement_text(facts, kWide), HasSubstr("\n  Journal       in memory: "));
  facts.journal = "hookhost-data";
  EXPECT_THAT(announcement_text(facts, kWide), HasSubstr("\n  Journal       hookhost-data\n"));
  facts.recovered = 118;
  EXPECT_THAT(announcement_text(facts, kWide),
              HasSubstr("\n  Journal       hookhost-data (118 deliveries to go on with)\n"));
}

TEST(AnnouncementText, KeepsEveryAddressOnItsOwnLineOnANarrowConsole) {
  const std::string text = announcement_text(two_plugins(), kNarrow);
  EXPECT_THAT(text, HasSubstr("\n  Landing page  http://127.0.0.1:7860/\n"));
  EXPECT_THAT(text, HasSubstr("\n  API docs      http://127.0.0.1:7860/docs\n"));
  EXPECT_THAT(text, HasSubstr("\n  Plugins       retrain.so gen 1,\n"
                              "                ci_bot.so gen 1 (from\n"
                              "                ./plugins)\n"));
}

TEST(AnnouncementText, PutsTwoAddressesOnALineThatHasRoom) {
  telemetry::Console console = kWide;
  console.width = 100;
  EXPECT_THAT(announcement_text(two_plugins(), console),
              HasSubstr("  Landing page  http://127.0.0.1:7860/        API docs  "
                        "http://127.0.0.1:7860/docs\n"));
}

TEST(AnnouncementText, NamesEightPluginsAndCountsTheRest) {
  Announcement facts = two_plugins();
  facts.plugins.assign(200, {"p.so", 1});
  EXPECT_THAT(announcement_text(facts, kWide), HasSubstr("p.so gen 1 and 192 more"));
}

TEST(LogAnnouncement, HasTheSameFactsAsARecordU03) {
  const test::FakeClock clock;
  std::string text;
  telemetry::Log log({}, {}, clock, [&](std::string_view lines) { text += lines; });
  log_announcement(two_plugins(), log);
  EXPECT_THAT(text, HasSubstr(R"("msg":"ready","version":"0.1.0","ready_s":0.038,)"));
  EXPECT_THAT(text, HasSubstr(R"("listen":"127.0.0.1:7860","admin_listen":"127.0.0.1:7861")"));
  EXPECT_THAT(text, HasSubstr(R"("webhooks":["http://127.0.0.1:7860/webhooks/retrain",)"));
  EXPECT_THAT(text, HasSubstr(R"("settings":"https://huggingface.co/settings/webhooks")"));
  EXPECT_THAT(text, HasSubstr(R"("has_secret":true)"));
}

TEST(DrainText, CountsWhatBecameOfEverything) {
  EXPECT_EQ(drain_begins_text(2), "  Draining 2 deliveries...\n");
  EXPECT_EQ(drain_begins_text(1), "  Draining 1 delivery...\n");
  EXPECT_EQ(drain_begins_text(0), "");
  EXPECT_EQ(
      drain_ended_text({.waiting = 2, .handled = 1204, .failed = 3, .lost = 0, .took = 200ms}),
      "  done in 200 ms.  1204 handled, 3 failed, 0 lost.\n");
}

}  // namespace
}  // namespace hookhost::app
