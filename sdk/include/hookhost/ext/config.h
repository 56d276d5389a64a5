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
 * (documentation only). TOML dates reach the plugin as RFC 3339 strings.
 *
 * When the operator changes a setting, the plugin is loaded again: a new generation with the new
 * settings. hookhost.config/1, plugin side, spares it that. */
#ifndef HOOKHOST_EXT_CONFIG_H
#define HOOKHOST_EXT_CONFIG_H

#include "../plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HOOKHOST_EXT_CONFIG "hookhost.config/1"

#define HOOKHOST_CONFIG_BYTES_MAX (64u * 1024u) /* of config_json and of the schema, each */

typedef struct hookhost_ext_config {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* Goes by these settings from now on; they are valid against the schema, and the text is valid
   * during the call. hookhost_host::config_json goes on saying what create was given. Handlers run
   * meanwhile. HOOKHOST_E_UNSUPPORTED: not while it runs; it has changed nothing, and the host
   * loads a new generation. Anything else but HOOKHOST_OK refuses the whole change, with the reason
   * that set_error(host, NULL, ...) said, and nothing may have changed then. When another plugin
   * refuses, apply is called again with the settings of before. [control] */
  hookhost_status(HOOKHOST_CALL* apply)(void* instance, hookhost_str config_json);
} hookhost_ext_config;

#ifdef __cplusplus
}
#endif

#endif /* HOOKHOST_EXT_CONFIG_H */
