/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes the prefix that every path gets (seed row P04). */
#define BAD_ID "prefixed_path"
#define BAD_ENDPOINT .path = HOOKHOST_STR_INIT("/webhooks/x2")
#include "bad_plugin.h"
