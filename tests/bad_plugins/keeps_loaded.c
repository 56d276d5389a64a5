/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks to stay in memory. */
#define BAD_ID "keeps_loaded"
#define BAD_PLUGIN .flags = HOOKHOST_PLUGIN_KEEP_LOADED
#include "bad_plugin.h"
