// SPDX-License-Identifier: Apache-2.0
//
// Does a call under guard go as any other, with copies of everything that its plugin reads, in
// memory that is out of reach afterwards?
#include "plugin/guard_handler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <atomic>
#include <cerrno>
#include <thread>

#include "plugin/process_holdings.h"
#include "plugin/puppet.h"

namespace hookhost::plugin {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

// A host at the level guard with one endpoint.
struct Guarded {
  explicit Guarded(std::int32_t form, PuppetHandler handler) {
    puppet.table().create = [](const hookhost_host* given, std::uint64_t, void**) {
      table = given;
      return hookhost_status{HOOKHOST_OK};
    };
    puppet.table().cancel = [](void*, hookhost_token token, std::int32_t) {
      table->complete(table, token, HOOKHOST_E_RETRY);
    };
    puppet.endpoint("x", form, std::move(handler));
    puppet.load(host);
  }
  static inline const hookhost_host* table = nullptr;
  TestHost host{{"9.9.9", true, true, CheckLevel::kGuard}};
  Puppet puppet;  // retires first
};

// Whether the page of an address can be read is the business of write(2): it says so without a
// signal.
bool is_readable(const void* address) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const bool is_read = ::write(ends[1], address, 1) == 1;
  EXPECT_TRUE(is_read || errno == EFAULT);
  ::close(ends[0]);
  ::close(ends[1]);
  return is_read;
}

// ---- The call

TEST(GuardedCall, ReadsWhatTheAttemptHolds) {
  TestAttempt attempt(kPush, payload::Form::kHub);
  bool is_copy = false;
  Guarded host(HOOKHOST_FORM_HUB, [&](hookhost_call*, const hookhost_request* request) {
    is_copy = request->body.ptr != attempt.body.data();
    EXPECT_EQ(text_of(request->body), kPush);
    EXPECT_EQ(text_of(request->payload->repo->name), "org/data");
    EXPECT_EQ(text_of(request->target), "/webhooks/x?a=1");
    EXPECT_EQ(text_of(request->delivery_id), "delivery-1");
    EXPECT_EQ(request->headers.count, 2u);
    EXPECT_EQ(text_of(static_cast<const hookhost_field*>(request->headers.items)[0].name), "Host");
    return hookhost_status{HOOKHOST_OK};
  });

  EXPECT_EQ(attempt.run(host.puppet.handler()).kind, OutcomeKind::kHandled);
  EXPECT_TRUE(is_copy);
}

TEST(GuardedCall, KeepsItsAnswerAndReleasesTheChunksAtOnce) {
  static int releases = 0;
  releases = 0;
  Guarded host(HOOKHOST_FORM_RAW, [](hookhost_call* call, const hookhost_request*) {
    return answer(call, "from a chunk", 201, [](void*) { ++releases; });
  });
  TestAttempt attempt;

  const Outcome outcome = attempt.run(host.puppet.handler());

  EXPECT_EQ(outcome.response.status, 201);
  EXPECT_EQ(outcome.response.body, "from a chunk");
  EXPECT_THAT(outcome.response.chunks, IsEmpty());
  EXPECT_EQ(releases, 1);
  EXPECT_EQ(host.puppet.generation->in_flight(), 0);
}

TEST(GuardedCall, KeepsTheReasonOfAFailure) {
  Guarded host(HOOKHOST_FORM_RAW, [](hookhost_call* call, const hookhost_request*) {
    Guarded::table->set_error(Guarded::table, call, abi("no GPU"));
    return hookhost_status{HOOKHOST_E_PLUGIN};
  });
  TestAttempt attempt;
  EXPECT_EQ(attempt.run(host.puppet.handler()).detail, "no GPU");
}

// ---- Its memory

TEST(GuardedCall, LeavesNothingWithinReach) {
  const void* body = nullptr;
  void* arena = nullptr;
  const void* request_itself = nullptr;
  Guarded host(HOOKHOST_FORM_RAW, [&](hookhost_call* call, const hookhost_request* request) {
    body = request->body.ptr;
    arena = Guarded::table->arena_alloc(call, 100'000, 64);
    request_itself = request;
    EXPECT_TRUE(is_readable(body) && is_readable(arena) && is_readable(request));
    return hookhost_status{HOOKHOST_OK};
  });
  TestAttempt attempt("{}");
  attempt.run(host.puppet.handler());

  EXPECT_FALSE(is_readable(body));
  EXPECT_FALSE(is_readable(arena));
  EXPECT_FALSE(is_readable(static_cast<std::byte*>(arena) + 99'999));
  EXPECT_FALSE(is_readable(request_itself));
}

TEST(GuardedCall, IsRememberedUntilManyNewerOnesHaveEnded) {
  Guarded host(HOOKHOST_FORM_RAW, [](hookhost_call*, const hookhost_request*) {
    return hookhost_status{HOOKHOST_OK};
  });
  const auto call = [&] {
    TestAttempt attempt;
    attempt.run(host.puppet.handler());
  };
  for (std::size_t i = 0; i < kGuardedCallsMax; ++i) call();
  const ProcessHoldings full = ProcessHoldings::take();

  for (std::size_t i = 0; i < 2 * kGuardedCallsMax; ++i) call();

  EXPECT_THAT(full.growth(ProcessHoldings::take(), 1), IsEmpty());
}

// ---- Deferred

TEST(GuardedCall, ThatIsDeferredKeepsItsMemoryUntilItIsCompleted) {
  hookhost_token token = 0;
  const void* body = nullptr;
  Guarded host(HOOKHOST_FORM_RAW, [&](hookhost_call* call, const hookhost_request* request) {
    body = request->body.ptr;
    EXPECT_EQ(Guarded::table->defer(call, &token), HOOKHOST_OK);
    return hookhost_status{HOOKHOST_PENDING};
  });
  TestAttempt attempt("{}");
  ASSERT_EQ(host.puppet.handler().handle(attempt).kind, OutcomeKind::kPending);
  EXPECT_TRUE(is_readable(body));

  std::thread([&] {
    hookhost_call* call = Guarded::table->resume(Guarded::table, token);
    EXPECT_EQ(answer(call, "later"), HOOKHOST_OK);
    EXPECT_EQ(Guarded::table->complete(Guarded::table, token, HOOKHOST_OK), HOOKHOST_OK);
  }).join();

  EXPECT_EQ(attempt.wait().response.body, "later");
  EXPECT_FALSE(is_readable(body));
}

// The plugin completes inside its cancel, with the loop's cancel still on the stack.
TEST(GuardedCall, ThatIsCancelledEndsOnceAndOnlyThenLosesItsMemory) {
  hookhost_token token = 0;
  const void* body = nullptr;
  Guarded host(HOOKHOST_FORM_RAW, [&](hookhost_call* call, const hookhost_request* request) {
    body = request->body.ptr;
    EXPECT_EQ(Guarded::table->defer(call, &token), HOOKHOST_OK);
    return hookhost_status{HOOKHOST_PENDING};
  });
  TestAttempt attempt("{}");
  ASSERT_EQ(host.puppet.handler().handle(attempt).kind, OutcomeKind::kPending);

  host.puppet.handler().cancel(attempt, CancelReason::kDeadline);

  EXPECT_EQ(attempt.wait().kind, OutcomeKind::kFailed);
  EXPECT_FALSE(is_readable(body));
  EXPECT_EQ(host.puppet.generation->tally().failed, 1u);
}

TEST(GuardedCall, ThatWasCancelledBeforeItBeganIsTold) {
  std::int32_t reason = 0;
  Guarded host(HOOKHOST_FORM_RAW, [&](hookhost_call* call, const hookhost_request*) {
    reason = Guarded::table->cancelled(call);
    return hookhost_status{HOOKHOST_OK};
  });
  TestAttempt attempt;
  host.puppet.handler().cancel(attempt, CancelReason::kPeerGone);

  attempt.run(host.puppet.handler());

  EXPECT_EQ(reason, HOOKHOST_CANCEL_PEER_GONE);
}

TEST(GuardedCall, ThatHasEndedIsNotTouchedByALateCancel) {
  Guarded host(HOOKHOST_FORM_RAW, [](hookhost_call*, const hookhost_request*) {
    return hookhost_status{HOOKHOST_OK};
  });
  TestAttempt attempt;
  attempt.run(host.puppet.handler());

  host.puppet.handler().cancel(attempt, CancelReason::kDeadline);

  EXPECT_EQ(host.puppet.generation->tally().failed, 0u);
}

}  // namespace
}  // namespace hookhost::plugin
