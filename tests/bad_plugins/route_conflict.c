/* SPDX-License-Identifier: Apache-2.0
 *
 * Wants the route of good.c (seed row P09). */
#define BAD_ID "route_conflict"
#define BAD_ENDPOINT .name = HOOKHOST_STR_INIT("late"), .path = HOOKHOST_STR_INIT("/good/")
#include "bad_plugin.h"
