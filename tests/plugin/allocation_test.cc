// SPDX-License-Identifier: Apache-2.0
//
// Does a warmed-up call of a plugin allocate? It must not.
#include "support/allocation_count.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "plugin/puppet.h"

namespace hookhost::plugin {
namespace {

using test::allocations_of_this_thread;

// Runs the handler once to warm up and once counted.
std::size_t count_allocations(Handler& handler, std::string_view json, payload::Form form) {
  TestAttempt warm_up(json, form);
  Outcome first = warm_up.run(handler);
  release_chunks(first.response);
  TestAttempt attempt(json, form);
  const std::size_t before = allocations_of_this_thread();
  Outcome outcome = handler.handle(attempt);
  release_chunks(outcome.response);
  EXPECT_EQ(outcome.kind, OutcomeKind::kHandled);
  return allocations_of_this_thread() - before;
}

TEST(WarmedUpCall, WithAHubPayloadAndAnArenaAnswerAllocatesNothing) {
  hookhost_host table{};
  fill_call_functions(table);
  TestHost host;
  Puppet puppet;
  puppet.endpoint("x", HOOKHOST_FORM_HUB,
                  [&](hookhost_call* call, const hookhost_request* request) {
                    const std::string_view name = text_of(request->payload->repo->name);
                    auto* place = static_cast<char*>(table.arena_alloc(call, name.size(), 1));
                    std::copy(name.begin(), name.end(), place);
                    return answer(call, {place, name.size()});
                  });
  puppet.load(host);

  EXPECT_EQ(count_allocations(puppet.handler(), kPush, payload::Form::kHub), 0u);
}

TEST(WarmedUpCall, WithJsonAndAStaticAnswerAllocatesNothing) {
  TestHost host;
  Puppet puppet;
  puppet.endpoint("x", HOOKHOST_FORM_JSON, [&](hookhost_call* call, const hookhost_request*) {
    return answer(call, R"({"ok":true})", 202);
  });
  puppet.load(host);

  EXPECT_EQ(count_allocations(puppet.handler(), R"({"a":1})", payload::Form::kJson), 0u);
}

TEST(WarmedUpCall, AddingToAMetricWithoutLabelsAllocatesNothing) {
  MetricSpace space("x");
  std::uint32_t id = 0;
  ASSERT_EQ(space.define(HOOKHOST_METRIC_COUNTER, "jobs_total", "", {}, &id), HOOKHOST_OK);
  space.add(id, 1, {});

  const std::size_t before = allocations_of_this_thread();
  space.add(id, 1, {});

  EXPECT_EQ(allocations_of_this_thread() - before, 0u);
}

}  // namespace
}  // namespace hookhost::plugin
