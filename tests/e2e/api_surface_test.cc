// SPDX-License-Identifier: Apache-2.0
//
// Can whoever knows the Python server do the same here? Rows A01 to A08 of its table; the source
// form of A05 comes with `hookhost run handler.cpp`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "e2e/hub_event.h"
#include "e2e/live_host.h"
#include "support/temp_dir.h"

namespace hookhost::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ApiSurface, A01_OneBinaryServesWithUiAndSecret) {
  const test::TempDir ui;
  ui.write("index.html", "<h1>mine</h1>", 0644);
  LiveHost host({"serve", "--plugins", plugin_folder("parity"), "--ui", ui.path()},
                {{"WEBHOOK_SECRET", kSecret}});

  EXPECT_EQ(host.get("/").body, "<h1>mine</h1>");
  EXPECT_EQ(host.post("/webhooks/r02_number", "").status, 401);
  EXPECT_EQ(host.post("/webhooks/r02_number", "", {{"X-Webhook-Secret", kSecret}}).status, 200);
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

TEST(ApiSurface, A02_ADraftWarnsOnceAndCanBeSilenced) {
  constexpr const char* kWarning =
      "'hookhost.x.nothing/1' is experimental and might be subject to breaking changes in the "
      "future";
  LiveHost loud({"serve", "--plugins", plugin_folder("draft")});
  LiveHost silent({"serve", "--plugins", plugin_folder("draft")},
                  {{"HF_HUB_DISABLE_EXPERIMENTAL_WARNING", "1"}});
  LiveHost without({"serve", "--plugins", plugin_folder("parity")});

  EXPECT_EQ(count(loud.output(), kWarning), 1u) << loud.output();
  EXPECT_EQ(count(silent.output(), "experimental"), 0u);
  EXPECT_EQ(count(without.output(), "experimental"), 0u);
}

TEST(ApiSurface, A03_A04_A06_AllEndpointsOfAllPluginsShareOneHost) {
  const test::TempDir folder;
  std::filesystem::copy(plugin_file("parity"), folder.path());
  std::filesystem::copy(plugin_file("twin_a"), folder.path());
  LiveHost host({"serve", "--plugins", folder.path()});

  EXPECT_EQ(host.post("/webhooks/implicit", hub_event()).status, 200) << "named by its function";
  EXPECT_EQ(host.post("/webhooks/p01a", "").status, 200) << "named by its path";
  EXPECT_EQ(host.post("/webhooks/twin", "").body, R"("twin_a")") << "of the other plugin";
}

TEST(ApiSurface, A05_A07_RunServesOneLibraryOnThisMachineOnly) {
  LiveHost host({"run", plugin_file("twin_b")});

  EXPECT_EQ(host.post("/webhooks/twin", "").body, R"("twin_b")");
  EXPECT_THAT(
      host.output(),
      HasSubstr("\"url\":\"http://127.0.0.1:" + std::to_string(host.process().port()) + "\""));
}

TEST(ApiSurface, A08_RoutesCanBeReadAndTheSecretNowhere) {
  LiveHost host({"serve", "--plugins", plugin_folder("parity")}, {{"WEBHOOK_SECRET", kSecret}});

  EXPECT_THAT(host.get("/openapi.json").body, HasSubstr("/webhooks/implicit"));
  EXPECT_THAT(host.get("/").body, HasSubstr("/webhooks/implicit"));
  for (const char* page : {"/", "/docs", "/openapi.json", "/healthz"}) {
    expect_no_secret(host.get(page).body);
  }
  for (const char* page : {"/healthz", "/readyz", "/metrics"}) {
    expect_no_secret(host.get_admin(page).body);
  }
}

}  // namespace
}  // namespace hookhost::e2e
