// SPDX-License-Identifier: Apache-2.0
//
// A mistake; the message must match:
// expect: a handler takes const Payload&, const Json&, Request& and Context&
#include <hookhost/hookhost.hpp>

using namespace hookhost;

#ifdef HOOKHOST_TEST_CORRECT
int handler(const Payload&) { return 1; }
#else
int handler(int) { return 1; }
#endif
HOOKHOST_ROUTE(handler);
