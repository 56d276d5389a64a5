// SPDX-License-Identifier: Apache-2.0
//
// Does what a build remembers reach the one that replaces it, do its calls wait that long and no
// longer, and is nothing lost when it cannot be handed over?
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hookhost/ext/state.h>
#include <stdlib.h>

#include <atomic>
#include <memory>
#include <thread>

#include "plugin/generation.h"
#include "plugin/state_transfer.h"
#include "plugin/swapping_host.h"
#include "routing/published_table.h"
#include "support/rest.h"

namespace hookhost::plugin {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using namespace std::chrono_literals;

constexpr std::string_view kCount = "/webhooks/count";

// What plugins wait at until the test opens it.
class Gate {
 public:
  Gate() {
    ::setenv("HOOKHOST_TEST_GATE",
             fmt::format("{:x}", reinterpret_cast<std::uintptr_t>(&is_open_)).c_str(), 1);
  }
  ~Gate() {
    open();
    ::unsetenv("HOOKHOST_TEST_GATE");
  }
  void open() { is_open_ = 1; }

 private:
  std::atomic<int> is_open_{0};
};

// Without the quotes of a JSON text.
std::string bare(const std::string& text) { return text.substr(1, text.size() - 2); }

struct RememberingHost : SwappingHost {
  explicit RememberingHost(RegistryOptions options = with_probation(0ms),
                           std::string_view build = "remembering_one")
      : SwappingHost(options, build) {}

  // What came of a swap to that build: "loaded", with notes, or why not.
  std::string swap(std::string_view build) {
    put(build);
    const LoadReport report = registry->update(settled(file));
    publish().reset();
    if (!report.refused.empty()) return report.refused[0].reason;
    return report.loaded.empty() ? "nothing"
                                 : fmt::format("{}", fmt::join(report.loaded[0].notes, ", "));
  }
  std::string count() { return bare(answer(kCount)); }
};

TEST(StateTransfer, TheNextBuildGoesOnCounting) {
  RememberingHost host;
  EXPECT_EQ(host.count(), "one 1");
  EXPECT_EQ(host.count(), "one 2");

  EXPECT_EQ(host.swap("remembering_two"), "took over 1 bytes of state of gen 1");

  EXPECT_EQ(host.count(), "two 3");
}

TEST(StateTransfer, ABuildThatDoesNotKnowTheVersionStartsAfresh) {
  RememberingHost host;
  host.count();

  EXPECT_EQ(host.swap("remembering_stranger"),
            "does not know the state of gen 1 (version 1) and starts afresh");
  EXPECT_EQ(host.count(), "stranger 1");
}

TEST(StateTransfer, OrIsRefusedWhereTheOperatorWantsThat) {
  RegistryOptions options = with_probation(0ms);
  options.unknown_state = UnknownState::kRefuse;
  RememberingHost host(options);
  host.count();

  EXPECT_EQ(host.swap("remembering_stranger"), "does not know the state of gen 1 (version 1)");
  EXPECT_EQ(host.count(), "one 2");
  EXPECT_EQ(host.swap("remembering_two"), "took over 1 bytes of state of gen 1");
}

TEST(StateTransfer, ABuildThatCannotReadWhatItKnowsIsRefused) {
  RememberingHost host;
  host.count();

  EXPECT_EQ(host.swap("remembering_deaf"), "load failed: cannot read 1");
  EXPECT_EQ(host.count(), "one 2");
  host.settle_down();
  EXPECT_EQ(host.states(), "1 live");
}

TEST(StateTransfer, OneThatCannotSaveIsNotReplaced) {
  RememberingHost host(with_probation(0ms), "remembering_mute");
  host.count();

  EXPECT_EQ(host.swap("remembering_one"), "save failed: the count is lost");
  EXPECT_EQ(host.count(), "mute 2");
}

TEST(StateTransfer, NorOneThatSavesMoreThanTheLimit) {
  RememberingHost host(with_probation(0ms), "remembering_large");

  EXPECT_THAT(host.swap("remembering_one"), HasSubstr("wrote more than 16777216 bytes"));
  EXPECT_EQ(host.count(), "large 1");
}

TEST(StateTransfer, ABuildWithoutStateIsReplacedAndReplacesAsEver) {
  RememberingHost host(with_probation(0ms), "sample");

  EXPECT_EQ(host.swap("remembering_one"), "");
  EXPECT_EQ(host.count(), "one 1");
  EXPECT_EQ(host.swap("sample"), "");
  EXPECT_EQ(host.answer("/webhooks/first"), "\"sample\"");
}

TEST(StateTransfer, ASaveThatDoesNotEndInTimeIsGivenUpAndTheBuildStays) {
  Gate gate;
  RememberingHost host(with_probation(0ms), "remembering_waiting");
  host.count();

  EXPECT_THAT(host.swap("remembering_one"),
              HasSubstr("save had not ended when calls had waited 250 ms"));
  EXPECT_EQ(host.count(), "waiting 2");

  gate.open();
  // It was not the newcomer's fault: the same bytes may be tried again.
  EXPECT_EQ(host.swap("remembering_one"), "took over 1 bytes of state of gen 1");
  EXPECT_EQ(host.count(), "one 3");
}

TEST(StateTransfer, ACallThatDoesNotEndInTimeKeepsTheBuild) {
  Gate gate;
  RememberingHost host;
  TestAttempt slow;
  std::thread caller([&] { slow.run(*host.table->routes()[1].handler); });
  const auto running = [&] { return host.registry->status()[0].in_flight; };
  while (running() == 0) test::rest();

  EXPECT_THAT(host.swap("remembering_two"), HasSubstr("1 of its calls did not end within 150 ms"));

  gate.open();
  caller.join();
  EXPECT_EQ(host.swap("remembering_two"), "took over 1 bytes of state of gen 1");
  EXPECT_EQ(host.count(), "two 2");
}

// A call between update() and commit(), when those of the old build wait.
struct WaitingCall {
  WaitingCall(RememberingHost& host, std::string_view build) : table(host.table) {
    host.put(build);
    EXPECT_EQ(host.registry->update(settled(host.file)).loaded.size(), 1u);
    EXPECT_EQ(table->routes()[0].handler->handle(attempt).kind, OutcomeKind::kPending);
  }
  std::string answer() {
    Outcome outcome = attempt.wait();
    std::string body = bare(bytes_of(outcome.response));
    release_chunks(outcome.response);
    return body;
  }
  std::shared_ptr<const routing::RouteTable> table;
  TestAttempt attempt;
};

TEST(StateTransfer, CallsThatWaitedRunOnTheNextBuild) {
  RememberingHost host;
  host.count();
  WaitingCall call(host, "remembering_two");

  host.publish().reset();

  EXPECT_EQ(call.answer(), "two 2");
  EXPECT_EQ(host.count(), "two 3");
}

TEST(StateTransfer, CallsThatWaitedRunOnTheOldBuildWhenTheSwapIsUndone) {
  RememberingHost host;
  host.count();
  WaitingCall call(host, "remembering_two");

  host.registry->undo("the routes do not fit");

  EXPECT_EQ(call.answer(), "one 2");
  EXPECT_EQ(host.count(), "one 3");
}

TEST(StateTransfer, ACallThatIsCancelledWhileItWaitsNeverRuns) {
  RememberingHost host;
  host.count();
  WaitingCall call(host, "remembering_two");

  call.table->routes()[0].handler->cancel(call.attempt, CancelReason::kDeadline);
  host.publish().reset();

  EXPECT_EQ(call.attempt.wait().kind, OutcomeKind::kCancelled);
  EXPECT_EQ(host.count(), "two 2");
}

TEST(StateTransfer, OnlySoManyCallsWait) {
  RememberingHost host;
  host.put("remembering_two");
  host.registry->update(settled(host.file));
  std::vector<std::unique_ptr<TestAttempt>> attempts;
  Handler& handler = *host.table->routes()[0].handler;
  for (unsigned i = 0; i < HOOKHOST_STATE_CALLS_MAX; ++i) {
    attempts.push_back(std::make_unique<TestAttempt>());
    ASSERT_EQ(handler.handle(*attempts.back()).kind, OutcomeKind::kPending);
  }
  TestAttempt one_more;
  EXPECT_EQ(handler.handle(one_more).kind, OutcomeKind::kOverloaded);

  const auto before = host.publish();
  for (const auto& attempt : attempts) {
    Outcome outcome = attempt->wait();
    EXPECT_NE(outcome.kind, OutcomeKind::kPending);
    release_chunks(outcome.response);
  }
}

TEST(StateTransfer, ACallByAnOlderTableRunsOnTheNextBuild) {
  RememberingHost host;
  host.count();
  host.put("remembering_two");
  host.registry->update(settled(host.file));
  const auto before = host.publish();

  EXPECT_EQ(bare(host.answer(before->routes()[0])), "two 2");
}

TEST(StateTransfer, AfterARollbackTheOldBuildRemembersWhatItSaved) {
  RememberingHost host(with_probation(1h));
  host.count();
  host.swap("remembering_two");
  EXPECT_EQ(host.count(), "two 2");
  EXPECT_EQ(host.count(), "two 3");

  ASSERT_TRUE(host.registry->roll_back("remembering", "by command"));
  host.publish().reset();

  EXPECT_EQ(host.count(), "one 2");
  // And it hands over again.
  EXPECT_EQ(host.swap("remembering_stranger"),
            "does not know the state of gen 1 (version 1) and starts afresh");
}

TEST(StateTransfer, AllBuildsOfABatchAreMovedTogether) {
  RememberingHost host;
  host.count();
  host.put("remembering_two");
  const auto other = host.add("sample");

  const LoadReport report = host.registry->update(
      {{FolderChange::Kind::kSettled, host.file}, {FolderChange::Kind::kSettled, other}});
  host.publish().reset();

  EXPECT_EQ(report.loaded.size(), 2u);
  EXPECT_EQ(host.count(), "two 2");
  EXPECT_EQ(host.answer("/webhooks/first"), "\"sample\"");
}

TEST(StateTransfer, UnderLoadEachCallIsCountedOnce) {
  RememberingHost host;
  routing::PublishedTable published(host.table);
  std::atomic<bool> is_over{false};
  std::atomic<int> handled{0}, not_handled{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < 3; ++i)
    callers.emplace_back([&] {
      while (!is_over) {
        TestAttempt attempt;
        const auto table = published.snapshot();
        Outcome outcome = attempt.run(*table->routes()[0].handler);
        ++(outcome.kind == OutcomeKind::kHandled ? handled : not_handled);
        release_chunks(outcome.response);
      }
    });
  for (int swap = 0; swap < 20; ++swap) {
    host.put(swap % 2 == 0 ? "remembering_waiting" : "remembering_one");
    EXPECT_THAT(host.registry->update(settled(host.file)).refused, IsEmpty());
    host.table = host.make_table();
    published.publish(host.table);
    host.registry->commit(published.replaced());
    host.registry->tend();
  }
  is_over = true;
  for (std::thread& caller : callers) caller.join();

  EXPECT_EQ(not_handled, 0);
  EXPECT_EQ(host.count(), fmt::format("one {}", handled + 1));
}

}  // namespace
}  // namespace hookhost::plugin
