// SPDX-License-Identifier: Apache-2.0
//
// Is each thing of the process that a call changes named and put back, and is nothing else taken
// for a change?
#include "plugin/process_watch.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <clocale>
#include <functional>
#include <thread>

#include "base/unique_fd.h"
#include "support/temp_dir.h"

namespace hookhost::plugin {
namespace {

using Scope = ProcessWatch::Scope;
using testing::HasSubstr;
using testing::IsEmpty;

std::string found(ProcessWatch& watch, const std::function<void()>& call,
                  Scope scope = Scope::kAnything) {
  ProcessWatch::Look look(watch, scope);
  call();
  return look.end().words;
}

// ---- Marks

TEST(ProcessWatch, FindsNothingInACallThatChangesNothing) {
  ProcessWatch watch(true);
  EXPECT_EQ(found(
                watch, [] {}, Scope::kComingUp),
            "");
}

struct Misdeed {
  const char* name;
  void (*commit)();
  const char* words;
};
class MisdeedTest : public testing::TestWithParam<Misdeed> {};

TEST_P(MisdeedTest, IsNamedOnceAndPutBack) {
  ProcessWatch watch(true);

  EXPECT_EQ(found(watch, GetParam().commit), std::string("changed ") + GetParam().words +
                                                 " of the whole process (rule R8), put back");
  EXPECT_EQ(found(watch, [] {}), "");
  EXPECT_EQ(found(watch, GetParam().commit), std::string("changed ") + GetParam().words +
                                                 " of the whole process (rule R8), put back")
      << "it was put back, so it can be changed again";
}

INSTANTIATE_TEST_SUITE_P(
    Mark, MisdeedTest,
    testing::Values(
        Misdeed{"Directory", [] { ASSERT_EQ(::chdir("/"), 0); }, "the working directory"},
        Misdeed{"Umask", [] { ::umask(0170); }, "the umask"},
        Misdeed{"Locale", [] { ASSERT_NE(std::setlocale(LC_CTYPE, "C.UTF-8"), nullptr); },
                "the locale"},
        Misdeed{"Mask",
                [] {
                  sigset_t all;
                  sigfillset(&all);
                  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
                },
                "the signal mask"},
        Misdeed{"Handler", [] { ::signal(SIGUSR2, SIG_IGN); }, "a signal handler"},
        Misdeed{"Both",
                [] {
                  ::umask(0170);
                  ::signal(SIGUSR2, SIG_IGN);
                },
                "the umask, a signal handler"}),
    [](const auto& misdeed) { return std::string(misdeed.param.name); });

// The first SIGTERM of the host may come at any time.
TEST(ProcessWatch, TakesAHandlerThatWasUsedUpForNoChange) {
  struct sigaction once = {}, before = {};
  once.sa_handler = [](int) {};
  once.sa_flags = static_cast<int>(SA_RESETHAND);
  ASSERT_EQ(::sigaction(SIGUSR2, &once, &before), 0);
  ProcessWatch watch(true);

  EXPECT_EQ(found(watch, [] { ::raise(SIGUSR2); }), "");
  struct sigaction now = {};
  ::sigaction(SIGUSR2, &before, &now);
  EXPECT_EQ(now.sa_handler, SIG_DFL) << "and does not arm it again";
}

TEST(ProcessWatch, DoesNothingWhenItIsOff) {
  ProcessWatch watch(false);
  EXPECT_EQ(found(watch, [] { ::signal(SIGUSR2, SIG_IGN); }), "");
  EXPECT_EQ(::signal(SIGUSR2, SIG_DFL), SIG_IGN);
}

// ---- Two at the same time

TEST(ProcessWatch, BlamesNobodyAloneWhileTwoAreLookedAt) {
  ProcessWatch watch(true);
  ProcessWatch::Look first(watch, Scope::kAnything);
  ProcessWatch::Look second(watch, Scope::kAnything);
  ::signal(SIGUSR2, SIG_IGN);

  const auto late = second.end();
  const auto early = first.end();

  EXPECT_THAT(late.words, HasSubstr("a signal handler"));
  EXPECT_FALSE(late.is_sole);
  EXPECT_EQ(early.words, "") << "it is as it was before";
  EXPECT_FALSE(early.is_sole);
  ProcessWatch::Look third(watch, Scope::kAnything);
  EXPECT_TRUE(third.end().is_sole);
}

// One that began after the change must not take the putting back for one.
TEST(ProcessWatch, DoesNotUndoWhatAnotherOnePutsBack) {
  ProcessWatch watch(true);
  EXPECT_EQ(found(watch, [] {}), "");
  ProcessWatch::Look first(watch, Scope::kAnything);
  ::signal(SIGUSR2, SIG_IGN);
  ProcessWatch::Look second(watch, Scope::kAnything);

  EXPECT_NE(first.end().words, "");
  EXPECT_EQ(second.end().words, "");
  EXPECT_EQ(::signal(SIGUSR2, SIG_DFL), SIG_DFL);
}

// ---- Descriptors

int listening_socket() {
  const int number = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(::listen(number, 1), 0);
  return number;
}

TEST(ProcessWatch, PutsAListeningSocketBack) {
  ProcessWatch watch(true);
  EXPECT_EQ(found(watch, [] {}), "");
  const UniqueFd later(listening_socket());  // than the first plugin

  EXPECT_EQ(found(
                watch, [&] { ::close(later.get()); }, Scope::kComingUp),
            "closed 1 descriptor of the host, 1 of them listening, (rule R8), put back; "
            "connections are lost");
  EXPECT_NE(::fcntl(later.get(), F_GETFD), -1);
}

TEST(ProcessWatch, PutsBackWhatTheHostHadBeforeTheFirstPlugin) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd one(ends[0]), two(ends[1]);
  ProcessWatch watch(true);

  EXPECT_EQ(found(
                watch, [&] { ::close(one.get()); }, Scope::kComingUp),
            "closed 1 descriptor of the host (rule R8), put back; connections are lost");
  EXPECT_EQ(::write(two.get(), "x", 1), 1) << "it is the same pipe";
}

TEST(ProcessWatch, DoesNotTakeANumberAwayFromSomebodyElse) {
  const UniqueFd socket(listening_socket());
  ProcessWatch watch(true);
  UniqueFd somebody(::open("/dev/null", O_RDONLY | O_CLOEXEC));

  EXPECT_EQ(found(
                watch, [&] { ::dup2(somebody.get(), socket.get()); }, Scope::kComingUp),
            "closed 1 descriptor of the host, 1 of them listening, (rule R8); restart the host");
}

TEST(ProcessWatch, LeavesDescriptorsThatCameLaterAlone) {
  ProcessWatch watch(true);
  EXPECT_EQ(found(watch, [] {}), "");
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const UniqueFd two(ends[1]);
  EXPECT_EQ(found(
                watch, [&] { ::close(ends[0]); }, Scope::kComingUp),
            "");
}

// A library's, for a moment, on another thread.
TEST(ProcessWatch, LeavesDescriptorsThatDoNotCloseOnExecAlone) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const UniqueFd two(ends[1]);
  ProcessWatch watch(true);
  EXPECT_EQ(found(
                watch, [&] { ::close(ends[0]); }, Scope::kComingUp),
            "");
}

// ---- What is left

TEST(Belongings, AreNamedUntilTheyAreGivenBack) {
  const test::TempDir folder;
  const auto file = folder.write("x", "");
  ProcessWatch watch(true);
  UniqueFd opened;
  ProcessWatch::Look look(watch, Scope::kComingUp);
  opened.reset(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  const Belongings belongings = look.end().added;

  EXPECT_EQ(belongings.remaining(), "1 descriptor (" + file.native() + ")");
  opened.reset();
  EXPECT_EQ(belongings.remaining(), "");
}

TEST(Belongings, DoNotHoldAThreadThatHasEnded) {
  ProcessWatch watch(true);
  ProcessWatch::Look look(watch, Scope::kComingUp);
  std::thread([] {}).join();
  EXPECT_EQ(look.end().added.remaining(), "");
}

}  // namespace
}  // namespace hookhost::plugin
