/* SPDX-License-Identifier: Apache-2.0
 *
 * Inline and one at a time, which no loop can do. */
#define BAD_ID "inline_serial"
#define BAD_ENDPOINT .place = HOOKHOST_PLACE_INLINE, .flags = HOOKHOST_ENDPOINT_SERIAL
#include "bad_plugin.h"
