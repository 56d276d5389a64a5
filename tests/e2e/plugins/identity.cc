// SPDX-License-Identifier: Apache-2.0
//
// Says in every answer which build it is and which generation: on the loop, in the pool, deferred,
// and as static text that is written after the call. Compiled several times, with IDENTITY.
#include <hookhost/hookhost.hpp>

#include <stdexcept>
#include <string>
#include <string_view>

using namespace hookhost;

HOOKHOST_PLUGIN("identity", IDENTITY);

static std::string who(const Context& ctx) {
  if (std::string_view(IDENTITY) == "failing") throw std::runtime_error("this build is no good");
  return std::string(IDENTITY) + ' ' + std::to_string(ctx.generation());
}
static std::string on_loop(Context& ctx) { return who(ctx); }
HOOKHOST_ROUTE(on_loop, "", .run_inline = true);

static std::string in_pool(Context& ctx) { return who(ctx); }
HOOKHOST_ROUTE(in_pool, "");
