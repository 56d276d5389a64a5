// SPDX-License-Identifier: Apache-2.0
//
// Compiled twice under two ids: both want /webhooks/twin.
#include <hookhost/hookhost.hpp>

HOOKHOST_PLUGIN(TWIN_ID, "1.0.0");

static std::string twin() { return TWIN_ID; }
HOOKHOST_ROUTE(twin, "twin");
