/* SPDX-License-Identifier: Apache-2.0
 *
 * hookhost.pool/1, host side: run something on the host's worker pool, so that a plugin needs no
 * thread of its own. */
#ifndef HOOKHOST_EXT_POOL_H
#define HOOKHOST_EXT_POOL_H

#include "../plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HOOKHOST_EXT_POOL "hookhost.pool/1"

typedef void(HOOKHOST_CALL* hookhost_work_fn)(void* user);

typedef struct hookhost_ext_pool {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* Runs fn(user) once on a thread of the pool. The host lets every posted fn end before it calls
   * destroy. user belongs to the plugin. E_INVALID: fn is NULL. E_LIMIT: the pool's queue is full,
   * fn will not run. E_STATE: quiesce has returned, fn will not run. [any-thread] */
  hookhost_status(HOOKHOST_CALL* post)(const hookhost_host* host, hookhost_work_fn fn, void* user);
} hookhost_ext_pool;

#ifdef __cplusplus
}
#endif

#endif /* HOOKHOST_EXT_POOL_H */
