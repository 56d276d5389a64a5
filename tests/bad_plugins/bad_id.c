/* SPDX-License-Identifier: Apache-2.0
 *
 * An id that cannot name a table of the configuration. */
#define BAD_ID "bad_id"
#define BAD_PLUGIN .id = HOOKHOST_STR_INIT("Bad.Id")
#include "bad_plugin.h"
