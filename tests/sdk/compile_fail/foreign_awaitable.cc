// SPDX-License-Identifier: Apache-2.0
//
// A mistake; the message must match:
// expect: a Task can co_await ctx.pool
#include <hookhost/hookhost.hpp>

using namespace hookhost;

#ifdef HOOKHOST_TEST_CORRECT
Task<Reply> handler(Context& ctx) {
  co_await ctx.sleep(std::chrono::seconds(1));
  co_return ok();
}
#else
Task<Reply> handler(Context&) {
  co_await std::suspend_always();
  co_return ok();
}
#endif
HOOKHOST_ROUTE(handler);
