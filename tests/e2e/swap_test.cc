// SPDX-License-Identifier: Apache-2.0
//
// Does a file that is copied into the folder serve from the next request on, does no request fail
// and none meet an old build, and does nothing bad replace anything? Every answer says by which
// build and generation it was made: "0 failed" alone would not notice that the old code still runs.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <set>
#include <thread>

#include "e2e/live_host.h"
#include "support/temp_dir.h"

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

class Swap : public ::testing::Test {
 protected:
  Swap() {
    install("identity_a");
    config_ = folder_.write("hookhost.toml", "[swap]\nsettle = \"5ms\"\ninterval = \"0s\"\n");
    host_.emplace(std::vector<std::string>{"serve", "--plugins", plugins(), "--config", config_});
  }
  std::string plugins() const { return folder_ / "plugins"; }
  fs::path file() const { return folder_ / "plugins/identity.so"; }

  // As `install` does it: a new file, then a rename.
  void install(std::string_view build) {
    fs::create_directories(plugins());
    const fs::path unnamed = folder_ / "plugins/identity.so.tmp";
    fs::copy_file(plugin_file(build), unnamed, fs::copy_options::overwrite_existing);
    fs::permissions(unnamed, fs::perms::owner_all);
    fs::rename(unnamed, file());
  }
  std::string answer(std::string target = "/webhooks/on_loop") {
    return host_->post(std::move(target), "{}").body;
  }
  // Asks until that build answers; the test's own limit is the limit.
  void wait_for(std::string_view build) {
    while (!answer().starts_with('"' + std::string(build) + ' ')) std::this_thread::yield();
  }
  bool wait_for_line(std::string_view text) { return host_->process().wait_for_output(text); }

  test::TempDir folder_;
  fs::path config_;
  std::optional<LiveHost> host_;
};

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
  std::ifstream from(plugin_file("identity_b"), std::ios::binary);
  std::ofstream(file(), std::ios::binary | std::ios::trunc) << from.rdbuf();

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
  std::ifstream from(plugin_file("identity_b"), std::ios::binary);
  std::ofstream(file(), std::ios::binary | std::ios::trunc) << from.rdbuf();

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
  while (host_->post("/webhooks/on_loop", "{}").status == 200) std::this_thread::yield();

  // Its own failures bring the one before back, with the number that it had.
  while (answer() != R"("a 1")") std::this_thread::yield();
  ASSERT_TRUE(wait_for_line(R"("msg":"plugin rolled back","plugin":"identity.so","generation":1,)"
                            R"("replaces":2,"reason":")"));
  EXPECT_THAT(host_->output(), HasSubstr(" calls failed (before: 0 of "));
  const std::string metrics = host_->get_admin("/metrics").body;
  EXPECT_THAT(metrics, HasSubstr(R"(hookhost_plugin_generation{plugin="identity"} 1)"));
  EXPECT_THAT(metrics, HasSubstr(R"(hookhost_swaps_total{result="rolled_back"} 1)"));

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
  config_ = folder_.write(
      "hookhost.toml", "[swap]\nsettle = \"500ms\"\ninterval = \"0s\"\nbatch = \"all\"\n");
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

// What a client on a kept connection has seen.
struct Watcher {
  std::uint64_t answers = 0, generation = 0;
  std::string wrong;  // the first that was not as it must be

  void look(const RawAnswer& answer, int swaps) {
    ++answers;
    const std::string& body = answer.body;  // "a 17"
    std::uint64_t now = 0;
    if (body.size() > 4) std::from_chars(body.data() + 3, body.data() + body.size() - 1, now);
    // Builds come in turn, so the generation says which one it must be.
    const bool is_build = body.size() > 4 && body[1] == "cab"[now % 3];
    const bool is_good = answer.status == 200 && is_build && now >= generation &&
                         now <= static_cast<std::uint64_t>(swaps) + 1;
    if (!is_good && wrong.empty()) wrong = answer.head + body;
    generation = std::max(generation, now);
  }
};

TEST_F(Swap, UnderLoadNoRequestFailsAndNoAnswerIsStale) {
  const int swaps = swap_count();
  std::atomic<bool> is_over{false};
  Watcher watchers[4];
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back([&, i] {
      Watcher& watcher = watchers[i];
      RawClient client(host_->process().port());
      const std::string request = bytes_of(
          {"POST", i % 2 == 0 ? "/webhooks/on_loop" : "/webhooks/in_pool", {}, "{}"}, false);
      while (!is_over.load() && watcher.wrong.empty()) {
        client.send(request);
        const auto answer = client.read_answer();
        if (!answer) {
          watcher.wrong = "no answer";
          return;
        }
        watcher.look(*answer, swaps);
      }
    });
  }

  const char* const builds[] = {"identity_a", "identity_b", "identity_c"};
  for (int swap = 1; swap <= swaps; ++swap) {
    install(builds[swap % 3]);
    const std::string expected = fmt::format("\"{} {}\"", "abc"[swap % 3], swap + 1);
    while (answer() != expected) std::this_thread::yield();
    for (const Watcher& watcher : watchers) ASSERT_EQ(watcher.wrong, "");
  }
  is_over = true;
  for (std::thread& client : clients) client.join();

  for (const Watcher& watcher : watchers) {
    EXPECT_EQ(watcher.wrong, "");
    EXPECT_GT(watcher.answers, static_cast<std::uint64_t>(swaps));
  }
  ASSERT_TRUE(wait_for_line(fmt::format("\"replaces\":{},\"drain_s\"", swaps)));
  EXPECT_THAT(host_->output(), Not(HasSubstr("stays in memory")));
  EXPECT_THAT(host_->output(), Not(HasSubstr("\"cut_off\":1")));
  // What was let go is gone: one library of it is mapped, the last one, once it has proved itself.
  const auto mapped = [&] {
    std::ifstream maps(fmt::format("/proc/{}/maps", host_->process().pid()));
    std::set<std::string> files;
    for (std::string line; std::getline(maps, line);) {
      if (line.find("identity.") != line.npos) files.insert(line.substr(line.rfind('/')));
    }
    return files;
  };
  for (int call = 0; call < 100'000 && mapped().size() != 1; ++call) answer();
  EXPECT_EQ(mapped().size(), 1u) << ::testing::PrintToString(mapped());
}

}  // namespace
}  // namespace hookhost::e2e
