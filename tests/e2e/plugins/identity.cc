// SPDX-License-Identifier: Apache-2.0
//
// Says in every answer which build it is and which generation: on the loop, in the pool, and
// deferred. Compiled several times, with IDENTITY.
#include <chrono>
#include <filesystem>
#include <hookhost/hookhost.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

using namespace hookhost;
using namespace std::chrono_literals;

HOOKHOST_PLUGIN("identity", IDENTITY);

static std::string who(const Context& ctx) {
  if (std::string_view(IDENTITY) == "failing") throw std::runtime_error("this build is no good");
  return std::string(IDENTITY) + ' ' + std::to_string(ctx.generation());
}
static std::string on_loop(Context& ctx) { return who(ctx); }
HOOKHOST_ROUTE(on_loop, "", .run_inline = true);

static std::string in_pool(Context& ctx) { return who(ctx); }
HOOKHOST_ROUTE(in_pool, "");

// Sleeps until the file that the body names is there, or until the host wants it to end.
static Task<std::string> later(Context& ctx, const Request& req) {
  bool is_cut_short = false;
  while (!is_cut_short && !std::filesystem::exists(req.body.str()))
    is_cut_short = !co_await ctx.sleep(1ms);
  co_return who(ctx) + (is_cut_short ? " cut short" : "");
}
HOOKHOST_ROUTE(later, "", .deadline = 60s);
