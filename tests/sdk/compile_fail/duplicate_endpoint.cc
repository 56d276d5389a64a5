// SPDX-License-Identifier: Apache-2.0
//
// A mistake; the message must match:
// expect: redefinition of .*hookhost_endpoint_handler
#include <hookhost/hookhost.hpp>

using namespace hookhost;

int handler() { return 1; }
HOOKHOST_ROUTE(handler);
#ifndef HOOKHOST_TEST_CORRECT
HOOKHOST_ROUTE(handler, "/elsewhere");
#endif
