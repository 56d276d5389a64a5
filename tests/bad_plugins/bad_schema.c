/* SPDX-License-Identifier: Apache-2.0
 *
 * A schema with a keyword that is not in the list. */
#define BAD_ID "bad_schema"
#define BAD_PLUGIN .config_schema_json = HOOKHOST_STR_INIT("{\"type\":\"object\",\"oneOf\":[]}")
#include "bad_plugin.h"
