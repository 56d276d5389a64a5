/* SPDX-License-Identifier: Apache-2.0
 *
 * The plugin's configuration. The operator writes a TOML table, the plugin reads JSON
 * (hookhost_host::config_json), and the host checks it before create against
 * hookhost_plugin::config_schema_json, so that a wrong setting is a line on the operator's screen
 * and not a branch in the plugin:
 *
 *   [plugin.auto_retrain.config]
 *   command = "/opt/retrain.sh"
 *
 * The schema is a JSON Schema object that may use these keywords, others are refused at load: type
 * ("object", "array", "string", "integer", "number", "boolean"), properties, required,
 * additionalProperties (true or false; false is the default at the top level, so that a misspelt
 * key is found), items, enum, minimum, maximum, minLength, maxLength, title, description, default
 * (documentation only). TOML dates reach the plugin as RFC 3339 strings. */
#ifndef HOOKHOST_EXT_CONFIG_H
#define HOOKHOST_EXT_CONFIG_H

#include "../plugin.h"

#define HOOKHOST_CONFIG_BYTES_MAX (64u * 1024u) /* of config_json and of the schema, each */

#endif /* HOOKHOST_EXT_CONFIG_H */
