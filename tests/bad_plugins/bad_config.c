/* SPDX-License-Identifier: Apache-2.0
 *
 * Wants a setting that the test gets wrong. */
#define BAD_ID "bad_config"
#define BAD_PLUGIN                         \
  .config_schema_json = HOOKHOST_STR_INIT( \
      "{\"properties\":{\"command\":{\"type\":\"string\"}},\"required\":[\"command\"]}")
#include "bad_plugin.h"
