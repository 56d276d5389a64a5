// SPDX-License-Identifier: Apache-2.0
//
// Does the real binary hold plugins to the contract as closely as --check says: does it refuse a
// build that is bad in the host alone and go on with the one before, log a broken rule, and die
// where a view outlives its call, with the name of the culprit?
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>

#include "e2e/live_host.h"
#include "support/temp_dir.h"

namespace hookhost::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

namespace fs = std::filesystem;

class CheckLevel : public ::testing::Test {
 protected:
  // Copies of these in a folder of the test's own: that of the build holds all the bad ones.
  void add(std::string_view plugin) {
    fs::create_directories(folder_ / "plugins");
    const fs::path name = fmt::format("{}.so", plugin);
    fs::copy_file(fs::path(BAD_PLUGINS) / name, folder_ / "plugins" / name);
    fs::permissions(folder_ / "plugins" / name, fs::perms::owner_all);
  }
  // Another build of it: what lies behind the sections is nothing to a library.
  void replace(std::string_view plugin) {
    const fs::path file = folder_ / "plugins" / fmt::format("{}.so", plugin);
    const fs::path unnamed = folder_ / "plugins/next.tmp";
    fs::copy_file(file, unnamed);
    std::ofstream(unnamed, std::ios::binary | std::ios::app) << '\n';
    fs::rename(unnamed, file);
  }
  void serve(std::string_view level) {
    std::vector<std::string> arguments{"serve", "--plugins", folder_ / "plugins"};
    if (!level.empty()) arguments.push_back(fmt::format("--check={}", level));
    host_.emplace(std::move(arguments));
  }
  test::ProcessResult reload(std::string_view plugin) {
    return hookhost({"reload", std::string(plugin), "--admin-listen",
                     fmt::format("127.0.0.1:{}", host_->process().admin_port())});
  }
  fs::path folder_of_host() {
    return fs::read_symlink(fmt::format("/proc/{}/cwd", host_->process().pid()));
  }

  test::TempDir folder_;
  std::optional<LiveHost> host_;
};

// ---- basic, which is what nobody has to ask for

TEST_F(CheckLevel, BasicRefusesTheNewcomerThatChangesTheDirectoryAndStaysWhereItIs) {
  add("later_changes_process");
  serve("");
  const fs::path before = folder_of_host();

  const auto result = reload("changes_process");

  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.err,
              HasSubstr("create changed the working directory, the umask, the locale, the signal "
                        "mask, a signal handler of the whole process (rule R8), put back"));
  EXPECT_EQ(folder_of_host(), before);
  EXPECT_EQ(host_->post("/webhooks/changes_process", "").status, 200);
  host_->end();  // SIGTERM is not ignored
}

TEST_F(CheckLevel, BasicOutlivesTheNewcomerThatClosesItsDescriptors) {
  add("later_closes_descriptors");
  add("good");
  serve("basic");

  replace("later_closes_descriptors");  // no connection is open, which would be lost

  EXPECT_TRUE(host_->process().wait_for_output("create closed ")) << host_->output();
  EXPECT_THAT(host_->output(), HasSubstr("of them listening, (rule R8), put back"));
  for (int i = 0; i < 8; ++i) {  // as many loops as there may be
    EXPECT_EQ(host_->post("/webhooks/closes_descriptors", "").status, 200);
    EXPECT_EQ(host_->post("/webhooks/good", "").status, 200);
  }
  EXPECT_EQ(host_->get_admin("/healthz").status, 200);
}

TEST_F(CheckLevel, OffLetsItChangeTheDirectory) {
  add("later_changes_process");
  serve("off");

  const auto result = reload("changes_process");

  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(folder_of_host(), "/");
  host_->process().signal(SIGKILL);  // it ignores the others now
  host_->process().wait();
  host_->forget();
}

// ---- strict

TEST_F(CheckLevel, StrictLogsWhatACallChangesWithItsRoute) {
  add("changes_process_in_call");
  add("good");
  serve("strict");
  const fs::path before = folder_of_host();

  EXPECT_EQ(host_->post("/webhooks/good", "").status, 200);
  EXPECT_THAT(host_->output(), Not(HasSubstr("rule R8")));
  EXPECT_EQ(host_->post("/webhooks/changes_process_in_call", "").status, 200);

  EXPECT_TRUE(host_->process().wait_for_output("handle changed the working directory, the umask"));
  EXPECT_THAT(host_->output(), HasSubstr(R"("route":"/webhooks/changes_process_in_call")"));
  EXPECT_EQ(folder_of_host(), before);
}

TEST_F(CheckLevel, StrictLogsASecondAnswer) {
  add("responds_twice");
  serve("strict");

  EXPECT_EQ(host_->post("/webhooks/responds_twice", "").status, 500);

  EXPECT_TRUE(host_->process().wait_for_output("respond was called a second time"));
}

// ---- guard

TEST_F(CheckLevel, GuardDiesWhereAViewOutlivesItsCallAndNamesTheCulprit) {
  add("uses_view_after_completion");
  add("good");
  serve("guard");
  EXPECT_EQ(host_->post("/webhooks/good", "{}").status, 200);
  EXPECT_EQ(host_->post("/webhooks/good", "{}").status, 200);
  EXPECT_EQ(host_->post("/webhooks/uses_view_after_completion", "{}").status, 200);

  RawClient client(host_->process().port());
  client.send(bytes_of({"POST", "/webhooks/uses_view_after_completion", {}, "{}"}));

  const int code = host_->process().wait();
  host_->forget();
  EXPECT_TRUE(host_->process().wait_for_output(
      "hookhost: memory of a call that has ended was used: plugin uses_view_after_completion gen "
      "1, route /webhooks/uses_view_after_completion, event evt_"))
      << host_->output();
  EXPECT_THAT(host_->output(), HasSubstr("; by code of plugin uses_view_after_completion gen 1, "
                                         "uses_view_after_completion.so at 0x"));
  // A sanitizer that handles the signal after us ends in its own way.
  EXPECT_NE(code, 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__clang__)
  EXPECT_EQ(code, 128 + SIGSEGV);
#endif
}

TEST_F(CheckLevel, AnythingElseIsRefusedWithTheLevels) {
  const auto result = hookhost({"serve", "--check=paranoid"});

  EXPECT_NE(result.exit_code, 0);
  EXPECT_THAT(result.err, HasSubstr("strict"));
}

}  // namespace
}  // namespace hookhost::e2e
