// SPDX-License-Identifier: Apache-2.0
//
// What does a running host take over of a configuration, and is the rest named?
#include "app/config_reload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hookhost::app {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Config config_of(std::string_view text) {
  auto config = read_config(text, "hookhost.toml", {});
  EXPECT_TRUE(config);
  return *std::move(config);
}
ConfigReload reloaded(std::string_view before, std::string_view after) {
  return reload_config(config_of(before), config_of(after));
}

TEST(ConfigReload, OfTheSameTextChangesNothing) {
  const char* text = "[route.x]\ntimeout = \"1s\"\n[plugin.a.config]\nk = 1\n";
  const ConfigReload reload = reloaded(text, text);
  EXPECT_THAT(reload.plugins, IsEmpty());
  EXPECT_THAT(reload.waiting, IsEmpty());
}

TEST(ConfigReload, TakesRoutesOver) {
  const ConfigReload reload =
      reloaded("[route.x]\nenabled = false\n", "[route.y]\nenabled = false\n");
  EXPECT_EQ(reload.config.overrides_of("x"), nullptr);
  ASSERT_NE(reload.config.overrides_of("y"), nullptr);
  EXPECT_FALSE(reload.config.overrides_of("y")->enabled);
  EXPECT_THAT(reload.waiting, IsEmpty());
}

TEST(ConfigReload, NamesThePluginsWhoseSettingsAreOthers) {
  const ConfigReload reload = reloaded(
      "[plugin.a.config]\nk = 1\n[plugin.b.config]\nk = 1\n[plugin.gone.config]\nk = 1\n",
      "[plugin.a.config]\nk = 2\n[plugin.b.config]\nk = 1\n[plugin.off]\nenabled = false\n");
  EXPECT_THAT(reload.plugins, ElementsAre("a", "gone", "off"));
  EXPECT_EQ(reload.config.settings_of("a").config_json, "{\"k\":2}");
}

constexpr const char* kTls = "[tls]\ncert_file = \"a.pem\"\nkey_file = \"a.key\"\n";

TEST(ConfigReload, TakesTheFilesOfACertificateOver) {
  const ConfigReload reload =
      reloaded(kTls, "[tls]\ncert_file = \"b.pem\"\nkey_file = \"b.key\"\n");
  EXPECT_EQ(reload.config.tls.cert_file, "b.pem");
  EXPECT_EQ(reload.config.tls.key_file, "b.key");
  EXPECT_THAT(reload.waiting, IsEmpty());
}

TEST(ConfigReload, LeavesTheListenerWithTheProtocolThatItHas) {
  const ConfigReload off = reloaded(kTls, "");
  EXPECT_EQ(off.config.tls.cert_file, "a.pem");
  EXPECT_THAT(off.waiting, ElementsAre("tls.cert_file", "tls.key_file"));
  const ConfigReload on = reloaded("", kTls);
  EXPECT_FALSE(on.config.tls.is_on());
  EXPECT_THAT(on.waiting, ElementsAre("tls.cert_file", "tls.key_file"));
}

TEST(ConfigReload, WhatIsMadeOnceWaitsAndStaysAsItIs) {
  const ConfigReload reload =
      reloaded("", "plugins = \"/elsewhere\"\n[swap]\nbatch = \"all\"\nsettle = \"1s\"\n");
  EXPECT_THAT(reload.waiting, ElementsAre("plugins", "swap.settle"));
  EXPECT_EQ(reload.config.plugins, "plugins");
  EXPECT_EQ(reload.config.swap_settle, std::chrono::milliseconds(150));
  EXPECT_EQ(reload.config.swap_batch, SwapBatch::kAll);
}

}  // namespace
}  // namespace hookhost::app
