// SPDX-License-Identifier: Apache-2.0
//
// Does a SIGHUP take over all of a changed configuration, or nothing, while the host serves?
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "e2e/live_host.h"
#include "support/rest.h"
#include "support/temp_dir.h"

namespace hookhost::e2e {
namespace {

using ::testing::HasSubstr;

namespace fs = std::filesystem;

class Reload : public ::testing::Test {
 protected:
  Reload() {
    fs::create_directories(folder_ / "plugins");
    fs::copy_file(plugin_file("identity_a"), folder_ / "plugins/identity.so");
    fs::copy_file(fs::path(BUNDLED_PLUGINS) / "auto_retrain.so",
                  folder_ / "plugins/auto_retrain.so");
    configure("");
    host_.emplace(std::vector<std::string>{"serve", "--plugins", folder_ / "plugins", "--config",
                                           folder_ / "hookhost.toml"});
  }
  void configure(std::string_view text) { folder_.write("hookhost.toml", text); }
  void hang_up() { host_->process().signal(SIGHUP); }
  bool wait_for_line(std::string_view text) { return host_->process().wait_for_output(text); }
  bool is_taken_over() {
    return wait_for_line(R"("msg":"configuration taken over","file":")" +
                         (folder_ / "hookhost.toml").native());
  }
  int status(std::string target, Headers headers = {}) {
    return host_->post(std::move(target), "{}", std::move(headers)).status;
  }

  test::TempDir folder_;
  std::optional<LiveHost> host_;
};

TEST_F(Reload, ARouteIsSwitchedOffAndOnAgain) {
  EXPECT_EQ(status("/webhooks/on_loop"), 200);
  configure("[route.on_loop]\nenabled = false\n");
  hang_up();
  ASSERT_TRUE(is_taken_over());
  EXPECT_EQ(status("/webhooks/on_loop"), 404);
  EXPECT_EQ(status("/webhooks/in_pool"), 200);

  configure("");
  hang_up();
  while (status("/webhooks/on_loop") != 200) test::rest();
}

TEST_F(Reload, ASecretIsRotated) {
  const std::string secret = std::string(kSecretMark) + "-0123456789abcdef";
  folder_.write("secret", secret, 0600);
  configure("secret_file = \"" + (folder_ / "secret").native() + "\"\n");
  hang_up();
  ASSERT_TRUE(is_taken_over());
  EXPECT_EQ(status("/webhooks/on_loop"), 401);
  EXPECT_EQ(status("/webhooks/on_loop", {{"X-Webhook-Secret", secret}}), 200);

  folder_.write("secret", secret + "-next", 0600);
  hang_up();
  while (status("/webhooks/on_loop", {{"X-Webhook-Secret", secret + "-next"}}) != 200) test::rest();
  EXPECT_EQ(status("/webhooks/on_loop", {{"X-Webhook-Secret", secret}}), 403);
}

TEST_F(Reload, APluginWithOtherSettingsIsANewGenerationAndTheOthersAreNot) {
  configure("[plugin.auto_retrain.config]\ntimeout_s = 60\n");
  hang_up();
  ASSERT_TRUE(is_taken_over());
  ASSERT_TRUE(wait_for_line(R"("msg":"plugin live","plugin":"auto_retrain.so","generation":2)"));
  EXPECT_EQ(host_->post("/webhooks/on_loop", "{}").body, R"("a 1")");
}

TEST_F(Reload, APluginIsSwitchedOffAndOnAgain) {
  configure("[plugin.identity]\nenabled = false\n");
  hang_up();
  ASSERT_TRUE(is_taken_over());
  EXPECT_EQ(status("/webhooks/on_loop"), 404);

  configure("");
  hang_up();
  while (status("/webhooks/on_loop") != 200) test::rest();
  EXPECT_EQ(host_->post("/webhooks/on_loop", "{}").body, R"("a 2")");
}

TEST_F(Reload, AWrongValueIsToldWithItsLineAndNothingChanges) {
  configure("[route.on_loop]\nenabled = false\ntimeout = \"soon\"\n");
  hang_up();
  ASSERT_TRUE(wait_for_line(R"(configuration not taken over: nothing has changed)"));
  ASSERT_TRUE(wait_for_line("hookhost.toml:3"));
  EXPECT_EQ(status("/webhooks/on_loop"), 200);
}

TEST_F(Reload, SettingsThatAPluginRefusesKeepTheRoutesAsTheyWereToo) {
  configure(
      "[route.on_loop]\nenabled = false\n[plugin.auto_retrain.config]\ntimeout_s = \"long\"\n");
  hang_up();
  ASSERT_TRUE(wait_for_line(R"(configuration not taken over: nothing has changed)"));
  ASSERT_TRUE(wait_for_line("auto_retrain.so: "));
  EXPECT_EQ(status("/webhooks/on_loop"), 200);
  EXPECT_EQ(status("/webhooks/auto_retrain"), 422) << "it goes on as it was";
}

TEST_F(Reload, ASectionOfARouteThatNobodyHasIsRefused) {
  configure("[route.on_lop]\nenabled = false\n");
  hang_up();
  ASSERT_TRUE(wait_for_line(R"(there is no route \"on_lop\")"));
  EXPECT_EQ(status("/webhooks/on_loop"), 200);
}

TEST_F(Reload, WhatWaitsForARestartIsNamed) {
  configure("[pool]\nthreads = 3\n[limits]\nbody_bytes_max = 1\n");
  hang_up();
  ASSERT_TRUE(is_taken_over());
  ASSERT_TRUE(wait_for_line(R"("msg":"some settings wait for a restart","keys":"pool.threads")"));
  EXPECT_EQ(status("/webhooks/on_loop"), 413) << "two bytes";
}

}  // namespace
}  // namespace hookhost::e2e
