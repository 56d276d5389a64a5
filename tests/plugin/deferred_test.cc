// SPDX-License-Identifier: Apache-2.0
//
// Does a deferred call end exactly once, whoever comes first: the return of handle, complete, the
// cancellation or the end of the generation?
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <semaphore>
#include <thread>

#include "plugin/puppet.h"
#include "support/rest.h"

namespace hookhost::plugin {
namespace {

using testing::HasSubstr;

// A puppet with one raw endpoint, its host table, and what cancel() was told.
struct Deferring {
  explicit Deferring(std::function<hookhost_status(Deferring&, hookhost_call*)> handler) {
    current = this;
    puppet.table().create = [](const hookhost_host* given, std::uint64_t, void**) {
      current->table = given;
      return hookhost_status{HOOKHOST_OK};
    };
    puppet.table().cancel = [](void*, hookhost_token its_token, std::int32_t its_reason) {
      current->cancelled_token = its_token;
      current->reason = its_reason;
      ++current->cancels;
      if (current->completes_on_cancel)
        current->table->complete(current->table, its_token, HOOKHOST_E_RETRY);
    };
    puppet.endpoint("x", HOOKHOST_FORM_RAW,
                    [this, handler](hookhost_call* call, const hookhost_request*) {
                      return handler(*this, call);
                    });
    puppet.load(host);
  }
  hookhost_status complete(hookhost_status status) { return table->complete(table, token, status); }

  static inline Deferring* current = nullptr;
  TestHost host;
  const hookhost_host* table = nullptr;
  hookhost_token token = 0;
  std::atomic<hookhost_token> cancelled_token{0};
  std::atomic<std::int32_t> reason{0};
  std::atomic<int> cancels{0};
  bool completes_on_cancel = false;
  Puppet puppet;  // retires first
};

hookhost_status defer(Deferring& self, hookhost_call* call) {
  EXPECT_EQ(self.table->defer(call, &self.token), HOOKHOST_OK);
  return HOOKHOST_PENDING;
}

TEST(DeferredCall, EndsWhenItIsCompleted) {
  Deferring plugin(defer);
  TestAttempt attempt;

  EXPECT_EQ(plugin.puppet.handler().handle(attempt).kind, OutcomeKind::kPending);
  EXPECT_FALSE(attempt.is_finished());
  hookhost_call* call = plugin.table->resume(plugin.table, plugin.token);
  ASSERT_NE(call, nullptr);
  EXPECT_EQ(answer(call, "later"), HOOKHOST_OK);
  EXPECT_EQ(plugin.complete(HOOKHOST_OK), HOOKHOST_OK);

  Outcome outcome = attempt.wait();
  EXPECT_EQ(outcome.kind, OutcomeKind::kHandled);
  EXPECT_EQ(bytes_of(outcome.response), "later");
  release_chunks(outcome.response);
  EXPECT_EQ(plugin.puppet.generation->uses().count(), 0);
}

TEST(DeferredCall, IsGoneAfterItsEnd) {
  Deferring plugin(defer);
  TestAttempt attempt;
  plugin.puppet.handler().handle(attempt);

  EXPECT_EQ(plugin.complete(HOOKHOST_SKIP), HOOKHOST_OK);

  EXPECT_EQ(attempt.wait().kind, OutcomeKind::kSkipped);
  EXPECT_EQ(plugin.complete(HOOKHOST_OK), HOOKHOST_E_GONE);
  EXPECT_EQ(plugin.table->resume(plugin.table, plugin.token), nullptr);
  for (const hookhost_token nonsense : {hookhost_token{0}, ~hookhost_token{0}, hookhost_token{1}})
    EXPECT_EQ(plugin.table->complete(plugin.table, nonsense, HOOKHOST_OK), HOOKHOST_E_GONE);
}

TEST(DeferredCall, AnOldTokenDoesNotReachTheNextCallInItsSlot) {
  Deferring plugin(defer);
  TestAttempt first, second;
  plugin.puppet.handler().handle(first);
  const hookhost_token old = plugin.token;
  plugin.complete(HOOKHOST_OK);
  plugin.puppet.handler().handle(second);

  EXPECT_NE(plugin.token, old);
  EXPECT_EQ(plugin.token & 0xffffffff, old & 0xffffffff);  // the same slot
  EXPECT_EQ(plugin.table->complete(plugin.table, old, HOOKHOST_OK), HOOKHOST_E_GONE);
  EXPECT_FALSE(second.is_finished());
  plugin.complete(HOOKHOST_OK);
}

TEST(DeferredCall, PendingIsNoEnd) {
  Deferring plugin(defer);
  TestAttempt attempt;
  plugin.puppet.handler().handle(attempt);

  EXPECT_EQ(plugin.complete(HOOKHOST_PENDING), HOOKHOST_E_INVALID);
  EXPECT_FALSE(attempt.is_finished());
  plugin.complete(HOOKHOST_OK);
}

TEST(DeferredCall, MayBeCompletedBeforeHandleReturns) {
  Deferring plugin([](Deferring& self, hookhost_call* call) {
    defer(self, call);
    std::thread([&self] {
      hookhost_call* resumed = self.table->resume(self.table, self.token);
      EXPECT_EQ(answer(resumed, "early"), HOOKHOST_OK);
      EXPECT_EQ(self.complete(HOOKHOST_OK), HOOKHOST_OK);
    }).join();
    return HOOKHOST_PENDING;
  });
  TestAttempt attempt;

  Outcome outcome = plugin.puppet.handler().handle(attempt);

  EXPECT_EQ(outcome.kind, OutcomeKind::kHandled);  // not by finish()
  EXPECT_FALSE(attempt.is_finished());
  EXPECT_EQ(bytes_of(outcome.response), "early");
  release_chunks(outcome.response);
}

TEST(DeferredCall, DeferTwiceIsRefused) {
  Deferring plugin([](Deferring& self, hookhost_call* call) {
    defer(self, call);
    hookhost_token other = 7;
    EXPECT_EQ(self.table->defer(call, &other), HOOKHOST_E_STATE);
    EXPECT_EQ(other, 7u);
    return HOOKHOST_PENDING;
  });
  TestAttempt attempt;
  plugin.puppet.handler().handle(attempt);
  plugin.complete(HOOKHOST_OK);
}

TEST(DeferredCall, ReturningSomethingElseAfterDeferFailsAndVoidsTheToken) {
  Deferring plugin([](Deferring& self, hookhost_call* call) {
    defer(self, call);
    return HOOKHOST_OK;
  });
  TestAttempt attempt;

  const Outcome outcome = plugin.puppet.handler().handle(attempt);

  EXPECT_EQ(outcome.kind, OutcomeKind::kFailed);
  EXPECT_THAT(outcome.detail, HasSubstr("did not return HOOKHOST_PENDING"));
  EXPECT_EQ(plugin.complete(HOOKHOST_OK), HOOKHOST_E_GONE);
  EXPECT_EQ(plugin.puppet.generation->uses().count(), 0);
}

TEST(DeferredCall, AnExceptionAfterDeferFailsWithItsText) {
  Deferring plugin([](Deferring& self, hookhost_call* call) -> hookhost_status {
    defer(self, call);
    throw std::runtime_error("boom");
  });
  TestAttempt attempt;

  EXPECT_EQ(plugin.puppet.handler().handle(attempt).detail, "an exception left handle: boom");
}

TEST(DeferredCall, MemoryWaitsForWhoeverHasResumedIt) {
  Deferring plugin([](Deferring& self, hookhost_call* call) {
    defer(self, call);
    EXPECT_NE(self.table->resume(self.table, self.token), nullptr);
    return HOOKHOST_E_PLUGIN;  // although somebody has the call
  });
  TestAttempt attempt;

  EXPECT_EQ(plugin.puppet.handler().handle(attempt).kind, OutcomeKind::kPending);
  EXPECT_EQ(plugin.complete(HOOKHOST_OK), HOOKHOST_OK);

  EXPECT_EQ(attempt.wait().kind, OutcomeKind::kFailed);
}

// ---- Cancellation

TEST(DeferredCall, IsToldOnceThatItIsCancelled) {
  Deferring plugin(defer);
  plugin.puppet.table().quiesce = [](void*) { Deferring::current->complete(HOOKHOST_OK); };
  TestAttempt attempt;
  Handler& handler = plugin.puppet.handler();
  handler.handle(attempt);

  handler.cancel(attempt, CancelReason::kPeerGone);
  hookhost_call* call = plugin.table->resume(plugin.table, plugin.token);
  EXPECT_EQ(plugin.table->cancelled(call), HOOKHOST_CANCEL_PEER_GONE);
  const RetireReport report = plugin.puppet.retire(std::chrono::milliseconds(20));  // would tell it

  EXPECT_EQ(plugin.cancels, 1);
  EXPECT_EQ(plugin.reason, HOOKHOST_CANCEL_PEER_GONE);
  EXPECT_EQ(plugin.cancelled_token, plugin.token);
  EXPECT_EQ(report.held, 0);
}

TEST(DeferredCall, ACancellationBeforeHandleIsSeenInsideAndTold) {
  Deferring plugin([](Deferring& self, hookhost_call* call) {
    EXPECT_EQ(self.table->cancelled(call), HOOKHOST_CANCEL_DEADLINE);
    return defer(self, call);
  });
  plugin.completes_on_cancel = true;
  TestAttempt attempt;
  Handler& handler = plugin.puppet.handler();

  handler.cancel(attempt, CancelReason::kDeadline);  // the pool had not come to it yet
  EXPECT_EQ(handler.handle(attempt).kind, OutcomeKind::kPending);

  EXPECT_EQ(attempt.wait().kind, OutcomeKind::kFailed);
  EXPECT_EQ(plugin.cancels, 1);
}

TEST(DeferredCall, MayBeCompletedFromInsideCancel) {
  Deferring plugin(defer);
  plugin.completes_on_cancel = true;
  TestAttempt attempt;
  Handler& handler = plugin.puppet.handler();
  handler.handle(attempt);

  handler.cancel(attempt, CancelReason::kDeadline);

  EXPECT_EQ(attempt.wait().kind, OutcomeKind::kFailed);
}

TEST(DeferredCall, RetiringCancelsWhatIsLeftAndWaitsForIt) {
  Deferring plugin(defer);
  plugin.completes_on_cancel = true;
  TestAttempt attempt;
  plugin.puppet.handler().handle(attempt);

  const RetireReport report = plugin.puppet.retire(std::chrono::milliseconds(20));

  EXPECT_EQ(plugin.reason, HOOKHOST_CANCEL_DRAINING);
  EXPECT_EQ(attempt.wait().kind, OutcomeKind::kFailed);
  EXPECT_EQ(report.held, 0);
  EXPECT_TRUE(report.was_unmapped) << report.pinned_reason;
}

TEST(DeferredCall, RetiringLetsWhatEndsByItselfEnd) {
  Deferring plugin(defer);
  TestAttempt attempt;
  plugin.puppet.handler().handle(attempt);

  std::thread soon([&] {
    while (!plugin.puppet.generation->uses().is_closed()) test::rest();
    EXPECT_EQ(plugin.complete(HOOKHOST_OK), HOOKHOST_OK);
  });
  const RetireReport report = plugin.puppet.generation->retire(std::chrono::seconds(60));
  soon.join();

  EXPECT_EQ(plugin.cancels, 0);
  EXPECT_EQ(report.held, 0);
}

TEST(DeferredCall, NothingIsFreedUnderACallThatIsNeverCompleted) {
  // Leaked on purpose: that is what this is about.
  auto* plugin = new Deferring(defer);
  static int destroyed = 0;
  plugin->puppet.table().destroy = [](void*) { ++destroyed; };
  auto* attempt = new TestAttempt;
  plugin->puppet.handler().handle(*attempt);

  const RetireReport report = plugin->puppet.retire(std::chrono::milliseconds(20));

  EXPECT_EQ(report.held, 1);
  EXPECT_THAT(report.pinned_reason, HasSubstr("have not ended"));
  EXPECT_EQ(destroyed, 0);
  EXPECT_FALSE(report.was_unmapped);
  // Its functions still answer, with nothing.
  EXPECT_EQ(plugin->complete(HOOKHOST_OK), HOOKHOST_E_INVALID);
  EXPECT_EQ(plugin->table->resume(plugin->table, plugin->token), nullptr);
  static auto* kept = plugin;
  static auto* kept_attempt = attempt;
  static_cast<void>(kept), static_cast<void>(kept_attempt);
}

// ---- Many threads (for TSan)

TEST(DeferredCall, ThousandsEndOnceEachWhileLoopsCancelThem) {
  constexpr int kCallers = 2, kCallsEach = 2000;
  TestHost host;
  Puppet puppet;
  static const hookhost_host* table = nullptr;
  puppet.table().create = [](const hookhost_host* given, std::uint64_t, void**) {
    table = given;
    return hookhost_status{HOOKHOST_OK};
  };
  puppet.table().cancel = [](void*, hookhost_token, std::int32_t) {};
  puppet.endpoint("x", HOOKHOST_FORM_RAW, [&](hookhost_call* call, const hookhost_request*) {
    hookhost_token token = 0;
    EXPECT_EQ(table->defer(call, &token), HOOKHOST_OK);
    const auto* pool =
        static_cast<const hookhost_ext_pool*>(table->get_extension(table, abi(HOOKHOST_EXT_POOL)));
    auto* user = new hookhost_token(token);
    const auto finish = [](void* given) {
      const auto own = std::unique_ptr<hookhost_token>(static_cast<hookhost_token*>(given));
      hookhost_call* resumed = table->resume(table, *own);
      ASSERT_NE(resumed, nullptr);
      answer(resumed, "done");
      EXPECT_EQ(table->complete(table, *own, HOOKHOST_OK), HOOKHOST_OK);
    };
    if (pool->post(table, finish, user) != HOOKHOST_OK) finish(user);
    return HOOKHOST_PENDING;
  });
  puppet.load(host);
  Handler& handler = puppet.handler();

  std::atomic<int> handled{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&] {
      for (int n = 0; n < kCallsEach; ++n) {
        TestAttempt attempt;
        std::thread canceller;
        if (n % 50 == 0) {
          canceller = std::thread([&] { handler.cancel(attempt, CancelReason::kPeerGone); });
        }
        Outcome outcome = attempt.run(handler);
        if (canceller.joinable()) canceller.join();
        handled += outcome.kind == OutcomeKind::kHandled ? 1 : 0;
        release_chunks(outcome.response);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();

  EXPECT_EQ(handled, kCallers * kCallsEach);
  EXPECT_EQ(puppet.generation->tokens().size(), 0u);
  const RetireReport report = puppet.retire();
  EXPECT_EQ(report.held, 0);
}

TEST(TokenTable, HoldsSoManyAndNotOneMore) {
  TokenTable table;
  auto* call = reinterpret_cast<hookhost_call*>(std::uintptr_t{64});
  hookhost_token last = 0;
  for (std::size_t i = 0; i < kDeferredMax; ++i) last = table.add(call);

  EXPECT_NE(last, 0u);
  EXPECT_EQ(table.add(call), 0u);
  table.handle_returned(last);
  EXPECT_EQ(table.complete(last, HOOKHOST_OK).call, call);
  EXPECT_NE(table.add(call), 0u);
}

}  // namespace
}  // namespace hookhost::plugin
