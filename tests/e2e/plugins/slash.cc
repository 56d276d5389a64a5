// SPDX-License-Identifier: Apache-2.0
//
// Wants the path of all webhooks.
#include <hookhost/hookhost.hpp>

HOOKHOST_PLUGIN("slash", "1.0.0");

static std::string slash() { return "slash"; }
HOOKHOST_ROUTE(slash, "/");
