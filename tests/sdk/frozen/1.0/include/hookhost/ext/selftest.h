/* SPDX-License-Identifier: Apache-2.0
 *
 * hookhost.selftest/1, plugin side: the plugin checks itself. `hookhost check` runs it in a child
 * process, after create and activate, before anything goes live. */
#ifndef HOOKHOST_EXT_SELFTEST_H
#define HOOKHOST_EXT_SELFTEST_H

#include "../plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HOOKHOST_EXT_SELFTEST "hookhost.selftest/1"

typedef struct hookhost_ext_selftest {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* HOOKHOST_OK: fit to serve. Anything else: not, the reason is what set_error(host, NULL, ...)
   * said. At most 5 s, no network. [control] */
  hookhost_status(HOOKHOST_CALL* run)(void* instance);
} hookhost_ext_selftest;

#ifdef __cplusplus
}
#endif

#endif /* HOOKHOST_EXT_SELFTEST_H */
