/* SPDX-License-Identifier: Apache-2.0
 *
 * Has the id of good.c. */
#define BAD_ID "good"
#define BAD_ENDPOINT .path = HOOKHOST_STR_INIT("another")
#include "bad_plugin.h"
