// SPDX-License-Identifier: Apache-2.0
//
// A mistake; the message must match:
// expect: no_such_option
#include <hookhost/hookhost.hpp>

using namespace hookhost;

int handler() { return 1; }
#ifdef HOOKHOST_TEST_CORRECT
HOOKHOST_ROUTE(handler, "/path", .serial = true);
#else
HOOKHOST_ROUTE(handler, "/path", .no_such_option = true);
#endif
