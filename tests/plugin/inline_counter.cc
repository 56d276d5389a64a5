// SPDX-License-Identifier: Apache-2.0
//
// Counts its calls in an inline variable that several plugins define, named by COUNTER_ID.
#include <hookhost/hookhost.hpp>

struct Calls {
  static inline int so_far = 0;
};

HOOKHOST_PLUGIN(COUNTER_ID, "1.0.0");

static int count() { return ++Calls::so_far; }
HOOKHOST_ROUTE(count, COUNTER_ID, .run_inline = true);
