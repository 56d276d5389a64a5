// SPDX-License-Identifier: Apache-2.0
//
// From an attempt to a call of a plugin and back (EndpointHandler of generation.h): the only place
// that turns a hookhost_status into an Outcome. Everything it makes lies in the arena of the
// attempt. Hot path: no allocation, lock or shared counter per request.
#pragma once

#include <hookhost/plugin.h>

#include "model/handler.h"
#include "plugin/generation.h"

namespace hookhost::plugin {

// complete() of a call whose handle has returned: ends its attempt, and with it the call.
void end_deferred(hookhost_call& call, hookhost_status status) noexcept;

}  // namespace hookhost::plugin
