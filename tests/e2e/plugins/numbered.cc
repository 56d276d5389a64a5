// SPDX-License-Identifier: Apache-2.0
//
// Its name is made another one in the bytes of the library, so that one build makes many plugins.
#include <hookhost/hookhost.hpp>

#include <string>

using namespace hookhost;

HOOKHOST_PLUGIN("numbered_00", "1.0.0");

static std::string numbered_00() { return "here"; }
HOOKHOST_ROUTE(numbered_00, "");
