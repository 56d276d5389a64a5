/* SPDX-License-Identifier: Apache-2.0
 *
 * hookhost.secret/1, host side: secrets of the plugin by name, such as an API token. They come from
 * [plugin.<id>.secrets] of the configuration (a file or an environment variable), never from
 * config_json, and never stand in a log, a page or an answer. */
#ifndef HOOKHOST_EXT_SECRET_H
#define HOOKHOST_EXT_SECRET_H

#include "../plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HOOKHOST_EXT_SECRET "hookhost.secret/1"

typedef struct hookhost_ext_secret {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* The secret under name; valid until destroy has returned, do not keep a copy longer than needed.
   * ptr == NULL: none is configured under that name. Never empty otherwise. [any-thread] */
  hookhost_str(HOOKHOST_CALL* get)(const hookhost_host* host, hookhost_str name);
} hookhost_ext_secret;

#ifdef __cplusplus
}
#endif

#endif /* HOOKHOST_EXT_SECRET_H */
