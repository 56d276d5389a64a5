// SPDX-License-Identifier: Apache-2.0
//
// Does a file that is copied into the folder serve from the next request on, does no request fail
// and none meet an old build, and does nothing bad replace anything? Every answer says by which
// build and generation it was made: "0 failed" alone would not notice that the old code still runs.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>

#include "e2e/swap_fixture.h"
#include "support/rest.h"

namespace hookhost::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

// HOOKHOST_SWAPS in the environment makes it more or fewer: 10,000 take some minutes.
int swap_count() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(__clang__)
  constexpr int kSwaps = 200;  // a sanitizer's, or clang's, which is here for one
#else
  constexpr int kSwaps = 1000;
#endif
  const char* said = std::getenv("HOOKHOST_SWAPS");
  return said == nullptr ? kSwaps : std::max(3, std::atoi(said));
}

using Swap = SwapFixture;

TEST_F(Swap, AFileThatIsRenamedIntoPlaceIsTheNextGeneration) {
  EXPECT_EQ(answer(), R"("a 1")");

  install("identity_b");

  wait_for("b");
  EXPECT_EQ(answer(), R"("b 2")");
  EXPECT_EQ(answer("/webhooks/in_pool"), R"("b 2")");
  EXPECT_TRUE(wait_for_line(R"("msg":"plugin live","plugin":"identity.so","generation":2,)"
                            R"("replaces":1,"drain_s":)"));
  EXPECT_THAT(host_->output(), HasSubstr(R"("cut_off":0})"));
  EXPECT_THAT(host_->get_admin("/metrics").body,
              HasSubstr(R"(hookhost_plugin_generation{plugin="identity"} 2)"));
}

TEST_F(Swap, ACopyInPlaceIsTheNextGenerationToo) {
  copy_in_place(plugin_file("identity_b"), file());

  wait_for("b");
  EXPECT_EQ(answer(), R"("b 2")");
}

TEST_F(Swap, ABadFileIsRefusedOnceAndTheBuildBeforeStays) {
  folder_.write("plugins/bad.tmp", "no library", 0700);
  fs::rename(folder_ / "plugins/bad.tmp", file());

  ASSERT_TRUE(wait_for_line(R"("msg":"plugin refused","plugin":"identity.so","generation":1)"));
  EXPECT_EQ(answer(), R"("a 1")");
  EXPECT_THAT(host_->get_admin("/metrics").body, HasSubstr("hookhost_plugins_refused 1"));

  install("identity_c");
  wait_for("c");
  EXPECT_EQ(answer(), R"("c 2")");
  EXPECT_THAT(host_->get_admin("/metrics").body, HasSubstr("hookhost_plugins_refused 0"));
}

TEST_F(Swap, AnUndefinedSymbolIsNamed) {
  fs::copy_file(plugin_file("missing_symbol"), folder_ / "plugins/identity.so.tmp");
  fs::rename(folder_ / "plugins/identity.so.tmp", file());

  ASSERT_TRUE(wait_for_line("undefined symbol: "));
  EXPECT_EQ(answer(), R"("a 1")");
}

TEST_F(Swap, AFileThatOthersMayWriteIsRefused) {
  fs::permissions(file(), fs::perms::all);  // not noticed: its bytes have not changed
  copy_in_place(plugin_file("identity_b"), file());

  ASSERT_TRUE(wait_for_line(R"("msg":"plugin refused","plugin":"identity.so","generation":1)"));
  EXPECT_EQ(answer(), R"("a 1")");
}

TEST_F(Swap, AFileThatIsRemovedTakesItsRoutesAndComesBack) {
  fs::remove(file());
  ASSERT_TRUE(wait_for_line(R"("msg":"plugin removed","plugin":"identity.so")"));
  EXPECT_EQ(host_->post("/webhooks/on_loop", "{}").status, 404);

  install("identity_b");
  ASSERT_TRUE(wait_for_line(R"("msg":"plugin live","plugin":"identity.so","generation":2)"));
  EXPECT_EQ(answer(), R"("b 2")");
}

TEST_F(Swap, ANewFileAddsItsRoutes) {
  EXPECT_EQ(host_->post("/webhooks/twin", "{}").status, 404);
  fs::copy_file(plugin_file("twin_a"), folder_ / "plugins/twin_a.so");
  ASSERT_TRUE(wait_for_line(R"("msg":"plugin live","plugin":"twin_a.so","generation":1)"));
  EXPECT_EQ(answer("/webhooks/twin"), R"("twin_a")");
}

TEST_F(Swap, AFileThatTakesTheRouteOfAnotherIsRefused) {
  fs::copy_file(plugin_file("twin_a"), folder_ / "plugins/twin_a.so");
  ASSERT_TRUE(wait_for_line(R"("msg":"plugin live","plugin":"twin_a.so")"));
  fs::copy_file(plugin_file("twin_b"), folder_ / "plugins/twin_b.so");
  ASSERT_TRUE(wait_for_line("Webhook /webhooks/twin already exists."));
  EXPECT_EQ(answer("/webhooks/twin"), R"("twin_a")");
}

TEST_F(Swap, ARelativeFolderIsWatchedToo) {
  const std::string relative = fs::relative(plugins());
  host_.emplace(std::vector<std::string>{"serve", "--plugins", relative, "--config", config_});
  EXPECT_EQ(answer(), R"("a 1")");
  install("identity_b");
  wait_for("b");
  EXPECT_EQ(answer(), R"("b 2")");
}

TEST_F(Swap, RunServesTheNextBuildOfItsFile) {
  host_.emplace(std::vector<std::string>{"run", fs::relative(file()), "--config", config_});
  EXPECT_EQ(answer(), R"("a 1")");
  install("identity_b");
  wait_for("b");
  EXPECT_EQ(answer(), R"("b 2")");
}

TEST_F(Swap, NothingIsSwappedWhenTheOperatorDoesNotWantIt) {
  config_ = folder_.write("hookhost.toml", "[swap]\nwatch = false\n");
  host_.emplace(std::vector<std::string>{"serve", "--plugins", plugins(), "--config", config_});
  install("identity_b");
  // Nothing to wait for: the only descriptor that could tell is not there.
  bool has_inotify = false;
  const auto fds = fmt::format("/proc/{}/fd", host_->process().pid());
  for (const auto& fd : fs::directory_iterator(fds))
    has_inotify |= fs::read_symlink(fd.path()).native().find("inotify") != std::string::npos;
  EXPECT_FALSE(has_inotify);
  EXPECT_EQ(answer(), R"("a 1")");
}

TEST_F(Swap, ABuildThatFailsInServiceIsRolledBackByItself) {
  install("identity_failing");
  while (host_->post("/webhooks/on_loop", "{}").status == 200) test::rest();

  // Its own failures bring the one before back, with the number that it had.
  while (answer() != R"("a 1")") test::rest();
  ASSERT_TRUE(wait_for_line(R"("msg":"plugin rolled back","plugin":"identity.so","generation":1,)"
                            R"("replaces":2,"reason":")"));
  EXPECT_THAT(host_->output(), HasSubstr(" calls failed (before: 0 of "));
  const std::string metrics = host_->get_admin("/metrics").body;
  EXPECT_THAT(metrics, HasSubstr(R"(hookhost_plugin_generation{plugin="identity"} 1)"));
  EXPECT_THAT(metrics,
              HasSubstr(R"(hookhost_swaps_total{result="rolled_back",reason="probation"} 1)"));

  install("identity_b");
  wait_for("b");
  EXPECT_EQ(answer(), R"("b 3")");
}

TEST_F(Swap, AFileThatChangesAgainTooSoonWaitsForItsTurn) {
  config_ = folder_.write("hookhost.toml", "[swap]\nsettle = \"5ms\"\ninterval = \"1h\"\n");
  host_.emplace(std::vector<std::string>{"serve", "--plugins", plugins(), "--config", config_});
  install("identity_b");
  wait_for("b");
  install("identity_c");
  // A file that came later is loaded, so this one was looked at before.
  fs::copy_file(plugin_file("twin_a"), folder_ / "plugins/twin_a.so");
  ASSERT_TRUE(wait_for_line(R"("msg":"plugin live","plugin":"twin_a.so")"));
  EXPECT_EQ(answer(), R"("b 2")");
}

TEST_F(Swap, ABatchGoesLiveAsAWholeWhenTheOperatorWantsIt) {
  config_ = folder_.write("hookhost.toml",
                          "[swap]\nsettle = \"500ms\"\ninterval = \"0s\"\nbatch = \"all\"\n");
  host_.emplace(std::vector<std::string>{"serve", "--plugins", plugins(), "--config", config_});
  folder_.write("plugins/twin_a.so", "no library", 0700);
  install("identity_b");
  ASSERT_TRUE(wait_for_line("another file of its batch was refused"));
  EXPECT_EQ(answer(), R"("a 1")");

  fs::copy_file(plugin_file("twin_a"), folder_ / "plugins/twin_a.so.tmp");
  fs::rename(folder_ / "plugins/twin_a.so.tmp", folder_ / "plugins/twin_a.so");
  wait_for("b");
  EXPECT_EQ(answer("/webhooks/twin"), R"("twin_a")");
}

// An operator's word that a new build breaks holds: the build is refused and the one before stays.
TEST_F(Swap, ABuildThatTheConfigurationDoesNotFitIsRefused) {
  config_ = folder_.write(
      "hookhost.toml",
      "[swap]\nsettle = \"5ms\"\ninterval = \"0s\"\n[route.on_loop]\ntimeout = \"1s\"\n");
  host_.emplace(std::vector<std::string>{"serve", "--plugins", plugins(), "--config", config_});
  fs::copy_file(plugin_file("twin_a"), folder_ / "plugins/identity.so.tmp");
  fs::rename(folder_ / "plugins/identity.so.tmp", file());  // without the route on_loop

  ASSERT_TRUE(wait_for_line(R"(there is no route \"on_loop\")"));
  EXPECT_EQ(answer(), R"("a 1")");
  EXPECT_EQ(host_->post("/webhooks/twin", "{}").status, 404);
}

// A build that is replaced and on nobody's probation: what its deferred call still needs is all
// that keeps it.
class DeferredAcrossSwap : public SwapFixture {
 protected:
  void serve(std::string_view drain_timeout) {
    config_ =
        folder_.write("hookhost.toml", fmt::format("[swap]\nsettle = \"5ms\"\ninterval = \"0s\"\n"
                                                   "probation = \"0s\"\ndrain_timeout = \"{}\"\n",
                                                   drain_timeout));
    host_.emplace(std::vector<std::string>{"serve", "--plugins", plugins(), "--config", config_});
    waiting_.emplace(host_->process().port());
    waiting_->send(bytes_of({"POST", "/webhooks/later", {}, folder_ / "gate"}));
    while (host_->get_admin("/api/v1/plugins").body.find("\"in_flight\":1") == std::string::npos)
      test::rest();
  }
  void open_gate() { folder_.write("gate", ""); }
  std::string late_answer() {
    const auto answer = waiting_->read_answer();
    return answer ? fmt::format("{} {}", answer->status, answer->body) : "none";
  }
  void expect_one_build_in_memory() {
    while (!HasFailure() && mapped().size() != 1) ASSERT_EQ(answer(), R"("b 2")");
  }

  std::optional<RawClient> waiting_;
};

TEST_F(DeferredAcrossSwap, ACallEndsInTheBuildInWhichItBegan) {
  serve("60s");
  install("identity_b");
  wait_for("b");
  EXPECT_EQ(mapped().size(), 2u);

  open_gate();

  EXPECT_EQ(late_answer(), R"(200 "a 1")");
  EXPECT_EQ(host_->post("/webhooks/later", folder_ / "gate").body, R"("b 2")");
  ASSERT_TRUE(wait_for_line(R"("replaces":1,"drain_s":)"));
  EXPECT_THAT(host_->output(), HasSubstr(R"("cut_off":0})"));
  expect_one_build_in_memory();
}

TEST_F(DeferredAcrossSwap, ACallThatOutlivesTheDrainIsCutShortAndItsBuildGoes) {
  serve("50ms");
  install("identity_b");

  EXPECT_EQ(late_answer(), R"(200 "a 1 cut short")");
  ASSERT_TRUE(wait_for_line(R"("replaces":1,"drain_s":)"));
  EXPECT_THAT(host_->output(), HasSubstr(R"("cut_off":1})"));
  expect_one_build_in_memory();
  EXPECT_EQ(answer(), R"("b 2")");
  EXPECT_THAT(host_->output(), Not(HasSubstr("stays in memory")));
}

TEST_F(Swap, UnderLoadNoRequestFailsAndNoAnswerIsStale) {
  const int swaps = swap_count();
  std::deque<Asker> askers;  // they must not move
  for (int i = 0; i < 4; ++i)
    askers.emplace_back(host_->process().port(),
                        i % 2 == 0 ? "/webhooks/on_loop" : "/webhooks/in_pool",
                        static_cast<std::uint64_t>(swaps) + 1);

  for (int swap = 1; swap <= swaps; ++swap) {
    const char build = test::build_of(static_cast<std::uint64_t>(swap) + 1);
    install(fmt::format("identity_{}", build));
    const std::string expected = fmt::format("\"{} {}\"", build, swap + 1);
    while (answer() != expected) {
      for (const Asker& asker : askers) ASSERT_EQ(asker.watch().wrong(), "");
      test::rest();
    }
  }

  for (Asker& asker : askers) {
    asker.stop();
    EXPECT_EQ(asker.watch().wrong(), "");
    EXPECT_GT(asker.watch().answers(), static_cast<std::uint64_t>(swaps));
  }
  ASSERT_TRUE(wait_for_line(fmt::format("\"replaces\":{},\"drain_s\"", swaps)));
  EXPECT_THAT(host_->output(), Not(HasSubstr("stays in memory")));
  EXPECT_THAT(host_->output(), Not(HasSubstr("\"cut_off\":1")));
  // What was let go is gone: one library of it is mapped, the last one, once it has proved itself.
  for (int call = 0; call < 100'000 && mapped().size() != 1; ++call) answer();
  EXPECT_EQ(mapped().size(), 1u) << ::testing::PrintToString(mapped());
}

}  // namespace
}  // namespace hookhost::e2e
