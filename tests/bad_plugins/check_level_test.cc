// SPDX-License-Identifier: Apache-2.0
//
// Which broken rule does each level of --check find, what does the operator read, and is a plugin
// that breaks none left alone at every level?
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <csignal>
#include <cstdlib>

#include "base/unique_fd.h"
#include "plugin/process_marks.h"
#include "plugin/test_registry.h"

namespace hookhost::plugin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;

RegistryOptions at(CheckLevel level) {
  RegistryOptions options;
  options.check = level;
  return options;
}

// Of the whole process, so that a failing test does not make the next one fail.
class CheckLevelTest : public testing::Test {
 protected:
  ~CheckLevelTest() override { put_back_marks(before_, before_); }
  bool is_as_before() const {
    const ProcessMarks now = ProcessMarks::take();
    return now.folder == before_.folder && now.umask == before_.umask &&
           now.handlers[SIGPIPE].sa_handler == before_.handlers[SIGPIPE].sa_handler &&
           now.handlers[SIGTERM].sa_handler == before_.handlers[SIGTERM].sa_handler;
  }
  // The bytes that serve as a further generation, which the child process has seen nothing wrong
  // with.
  static LoadReport load_again(TestRegistry& host, const std::filesystem::path& file) {
    LoadReport report = host.registry->deploy(file, file);
    host.registry->commit({});
    return report;
  }

  const ProcessMarks before_ = ProcessMarks::take();
};

// ---- Nothing is found

class EveryLevel : public testing::TestWithParam<CheckLevel> {};

TEST_P(EveryLevel, LeavesAGoodPluginAlone) {
  TestRegistry host(at(GetParam()));
  ASSERT_EQ(host.registry->load_file(host.add("good")).loaded.size(), 1u);
  for (int i = 0; i < 3; ++i) {
    TestAttempt attempt;
    EXPECT_EQ(host.post(attempt).kind, OutcomeKind::kHandled);
  }
  EXPECT_EQ(host.registry->status().at(0).tally.violations, 0u);

  host.registry->shut_down();

  EXPECT_THAT(host.log.lines(), IsEmpty());
}

TEST_P(EveryLevel, OutlivesAPluginThatRespondsTwice) {
  TestRegistry host(at(GetParam()));
  host.registry->load_file(host.add("responds_twice"));
  TestAttempt attempt;

  EXPECT_EQ(host.post(attempt).detail, "returned HOOKHOST_E_STATE");
  EXPECT_EQ(host.registry->status().at(0).tally.violations, 1u);
}

INSTANTIATE_TEST_SUITE_P(Check, EveryLevel,
                         testing::Values(CheckLevel::kOff, CheckLevel::kBasic, CheckLevel::kStrict,
                                         CheckLevel::kGuard),
                         [](const auto& level) { return std::string(name_of(level.param)); });

// ---- off

TEST_F(CheckLevelTest, OffDoesNotLook) {
  TestRegistry host(at(CheckLevel::kOff));

  EXPECT_EQ(host.registry->load_file(host.add("changes_process")).loaded.size(), 1u);

  EXPECT_FALSE(is_as_before());
  ASSERT_EQ(::chdir(before_.folder.c_str()), 0);
  ::umask(before_.umask);
  for (const int signal : {SIGPIPE, SIGTERM})
    ::sigaction(signal, &before_.handlers[static_cast<std::size_t>(signal)], nullptr);
}

// ---- basic

TEST_F(CheckLevelTest, BasicRefusesABuildThatChangesTheProcessInTheHostAlone) {
  TestRegistry host;
  const auto file = host.add("later_changes_process");
  ASSERT_EQ(host.registry->load_file(file).loaded.size(), 1u);

  const LoadReport report = load_again(host, file);

  ASSERT_EQ(report.refused.size(), 1u);
  EXPECT_EQ(report.refused[0].reason,
            "create changed the working directory, the umask, the locale, the signal mask, a "
            "signal handler of the whole "
            "process (rule R8), put back");
  EXPECT_EQ(report.refused[0].stays, 1u);
  EXPECT_TRUE(is_as_before());
  TestAttempt attempt;
  EXPECT_EQ(host.post(attempt).kind, OutcomeKind::kHandled);
}

TEST_F(CheckLevelTest, BasicRefusesAConstructorThatIgnoresASignal) {
  TestRegistry host;
  EXPECT_EQ(host.refusal("changes_process_in_constructor").reason,
            "loading changed a signal handler of the whole process (rule R8), put back");
}

TEST_F(CheckLevelTest, BasicRefusesABuildThatClosesTheDescriptorsOfTheHostAndPutsThemBack) {
  const UniqueFd listening(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::listen(listening.get(), 1), 0);
  TestRegistry host;
  const auto file = host.add("later_closes_descriptors");
  ASSERT_EQ(host.registry->load_file(file).loaded.size(), 1u);

  const LoadReport report = load_again(host, file);

  ASSERT_EQ(report.refused.size(), 1u);
  EXPECT_THAT(report.refused[0].reason,
              MatchesRegex("create closed [0-9]+ descriptors? of the host, 1 of them listening, "
                           "\\(rule R8\\), put back; connections are lost"));
  int is_listening = 0;
  socklen_t bytes = sizeof(is_listening);
  EXPECT_EQ(::getsockopt(listening.get(), SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &bytes), 0);
  EXPECT_EQ(is_listening, 1);
}

TEST_F(CheckLevelTest, BasicTellsWhatDestroyChangesAndPutsItBack) {
  TestRegistry host;
  host.registry->load_file(host.add("changes_process_at_end"));

  host.registry->shut_down();

  EXPECT_TRUE(
      host.log.has("4 changes_process_at_end.1 ||destroy changed the working directory of the "
                   "whole process (rule R8), put back"))
      << testing::PrintToString(host.log.lines());
  EXPECT_TRUE(is_as_before());
}

TEST_F(CheckLevelTest, BasicNamesTheDescriptorThatDestroyLeaves) {
  TestRegistry host;
  host.registry->load_file(host.add("leaks_descriptor"));

  host.registry->shut_down();

  EXPECT_THAT(host.log.lines(),
              ElementsAre("3 leaks_descriptor.1 ||destroy left 1 descriptor (/dev/full)"));
}

TEST_F(CheckLevelTest, BasicNamesTheThreadThatDestroyLeaves) {
  RegistryOptions options;
  options.is_probed = false;  // or it would not get this far
  TestRegistry host(options);
  host.registry->load_file(host.add("leaks_thread"));

  host.registry->shut_down();

  EXPECT_THAT(host.log.lines(), ElementsAre("3 leaks_thread.1 ||destroy left 1 thread (sleeper)"));
}

TEST_F(CheckLevelTest, BasicLetsOneThatStaysLoadedKeepItsThread) {
  TestRegistry host;
  host.registry->load_file(host.add("keeps_thread"));

  host.registry->shut_down();

  EXPECT_FALSE(host.log.has("destroy left"));
}

TEST_F(CheckLevelTest, BasicDoesNotLookAtCalls) {
  TestRegistry host;
  host.registry->load_file(host.add("changes_process_in_call"));
  TestAttempt attempt;
  host.post(attempt);

  EXPECT_EQ(host.registry->status().at(0).tally.violations, 0u);

  ASSERT_EQ(::chdir(before_.folder.c_str()), 0);
  ::umask(before_.umask);
}

// ---- strict

TEST_F(CheckLevelTest, StrictTellsWhatACallChangesAndPutsItBack) {
  TestRegistry host(at(CheckLevel::kStrict));
  host.registry->load_file(host.add("changes_process_in_call"));
  TestAttempt attempt;

  EXPECT_EQ(host.post(attempt).kind, OutcomeKind::kHandled);

  EXPECT_THAT(host.log.lines(),
              ElementsAre("4 changes_process_in_call.1 "
                          "/webhooks/changes_process_in_call|evt_0000000000001|handle changed the "
                          "working directory, the umask of the whole process (rule R8), put back"));
  EXPECT_TRUE(is_as_before());
}

struct BrokenRule {
  const char* plugin;
  const char* line;
};
class StrictTest : public testing::TestWithParam<BrokenRule> {};

TEST_P(StrictTest, LogsTheBrokenRuleWithRouteAndEvent) {
  TestRegistry host(at(CheckLevel::kStrict));
  host.registry->load_file(host.add(GetParam().plugin));
  TestAttempt attempt;
  host.post(attempt);

  EXPECT_THAT(host.log.lines(),
              ElementsAre(fmt::format("4 {0}.1 /webhooks/{0}|evt_0000000000001|{1}",
                                      GetParam().plugin, GetParam().line)));
}

INSTANTIATE_TEST_SUITE_P(
    Rule, StrictTest,
    testing::Values(BrokenRule{"responds_twice", "respond was called a second time"},
                    BrokenRule{"completes_twice", "complete was called for a call that has ended"},
                    BrokenRule{"pending_without_defer",
                               "returned HOOKHOST_PENDING without defer: nobody would answer"},
                    BrokenRule{"throws", "an exception left handle: no such table"}),
    [](const auto& rule) { return std::string(rule.param.plugin); });

// ---- guard

using GuardDeathTest = CheckLevelTest;

TEST_F(GuardDeathTest, AViewThatOutlivesItsCallIsToldWithItsPluginRouteAndEvent) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(
      {
        TestRegistry host(at(CheckLevel::kGuard));
        host.registry->load_file(host.add("uses_view_after_completion"));
        for (int i = 0; i < 2; ++i) {
          TestAttempt attempt("{}");
          host.post(attempt);
        }
      },
      "hookhost: memory of a call that has ended was used: plugin uses_view_after_completion gen "
      "1, route /webhooks/uses_view_after_completion, event evt_0000000000001; by code of plugin "
      "uses_view_after_completion gen 1, uses_view_after_completion.so at 0x[0-9a-f]+");
}

// AddressSanitizer finds it in the round before, which runs without guard.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__clang__)
TEST_F(GuardDeathTest, ACheckFindsItByItsPayload) {
  const test::TempDir folder;
  ProbeOptions options;
  options.program = HOOKHOST_TEST_PROBE;
  options.arguments.clear();
  options.check = CheckLevel::kStrict;
  options.stress = {0, 5};

  const ProbeReport report =
      check_file(copy_plugin("uses_view_after_completion", folder), folder / "stage", options,
                 [](std::string_view) { return PluginSettings{}; });

  EXPECT_FALSE(report.is_good);
  EXPECT_TRUE(report.did_not_return);
  EXPECT_THAT(report.reason, HasSubstr("during payload 2 (seed 1) of endpoint x under guard"));
  EXPECT_THAT(report.output, HasSubstr("memory of a call that has ended was used"));
}
#endif

}  // namespace
}  // namespace hookhost::plugin
