/* SPDX-License-Identifier: Apache-2.0
 *
 * A filter that is none. */
#define BAD_ID "bad_events"
#define BAD_ENDPOINT .events = HOOKHOST_STR_INIT("repo.content:")
#include "bad_plugin.h"
