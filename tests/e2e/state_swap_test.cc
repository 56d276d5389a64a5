// SPDX-License-Identifier: Apache-2.0
//
// Does what a build remembers reach the next one over real connections, is each call counted once,
// and does a build that cannot take over stay out (hookhost.state/1, hookhost.config/1)?
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <thread>
#include <vector>

#include "e2e/live_host.h"
#include "support/raw_client.h"
#include "support/temp_dir.h"

namespace hookhost::e2e {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class StateSwap : public ::testing::Test {
 protected:
  void start(std::string_view build) {
    install(build);
    configure("");
    host_.emplace(std::vector<std::string>{"serve", "--plugins", folder_ / "plugins", "--config",
                                           folder_ / "hookhost.toml"});
  }
  void configure(std::string_view more) {
    folder_.write("hookhost.toml",
                  "[swap]\nsettle = \"5ms\"\ninterval = \"0s\"\n" + std::string(more));
  }
  void install(std::string_view build) {
    fs::create_directories(folder_ / "plugins");
    const fs::path unnamed = folder_ / "plugins/remembering.so.tmp";
    fs::copy_file(plugin_file("remembering_" + std::string(build)), unnamed,
                  fs::copy_options::overwrite_existing);
    fs::permissions(unnamed, fs::perms::owner_all);
    fs::rename(unnamed, folder_ / "plugins/remembering.so");
  }
  std::string count() { return host_->post("/webhooks/count", "{}").body; }
  // The build's name in the answers; each question is counted.
  int count_until(std::string_view build) {
    int asked = 0;
    do ++asked;
    while (!HasFailure() && !count().starts_with('"' + std::string(build) + ' '));
    return asked;
  }

  test::TempDir folder_;
  std::optional<LiveHost> host_;
};

TEST_F(StateSwap, UnderLoadEachCallIsCountedOnce) {
  start("one");
  std::atomic<bool> is_over{false};
  std::atomic<int> asked{0}, failed{0};
  std::vector<std::thread> askers;
  for (int i = 0; i < 2; ++i)
    askers.emplace_back([&] {
      RawClient client(host_->process().port());
      const std::string request = bytes_of({"POST", "/webhooks/count", {}, "{}"}, false);
      while (!is_over && failed == 0) {
        client.send(request);
        const auto answer = client.read_answer();
        ++asked;
        if (!answer || answer->status != 200) ++failed;
      }
    });
  int asked_here = 0;
  for (int swap = 0; swap < 10; ++swap) {
    const std::string_view build = swap % 2 == 0 ? "other" : "one";
    install(build);
    asked_here += count_until(build);
  }
  is_over = true;
  for (std::thread& asker : askers) asker.join();

  EXPECT_EQ(failed, 0) << host_->output();
  EXPECT_EQ(count(), "\"one " + std::to_string(asked + asked_here + 1) + '"');
}

TEST_F(StateSwap, ABuildThatCannotReadTheStateStaysOut) {
  start("one");
  EXPECT_EQ(count(), "\"one 1\"");
  install("deaf");

  ASSERT_TRUE(host_->process().wait_for_output("load failed: cannot read 1"));
  EXPECT_EQ(count(), "\"one 2\"");
  EXPECT_THAT(host_->get_admin("/api/v1/plugins").body, HasSubstr("load failed: cannot read 1"));
  EXPECT_THAT(host_->get_admin("/metrics").body,
              HasSubstr(R"(hookhost_swaps_total{result="refused",reason="state"} 1)"));
}

TEST_F(StateSwap, ABuildThatCannotSaveIsNotReplaced) {
  start("large");
  EXPECT_EQ(count(), "\"large 1\"");
  install("one");

  ASSERT_TRUE(host_->process().wait_for_output("save of gen 1 wrote more than 16777216 bytes"));
  EXPECT_EQ(count(), "\"large 2\"");
}

TEST_F(StateSwap, AChangedSettingReachesTheBuildThatRuns) {
  start("one");
  EXPECT_EQ(count(), "\"one 1\"");
  configure("[plugin.remembering.config]\nname = \"second\"\n");
  host_->process().signal(SIGHUP);

  ASSERT_TRUE(host_->process().wait_for_output("settings taken over"));
  EXPECT_EQ(count(), "\"one 2 2\"");
}

}  // namespace
}  // namespace hookhost::e2e
