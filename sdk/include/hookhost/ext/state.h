/* SPDX-License-Identifier: Apache-2.0
 *
 * hookhost.state/1, plugin side: what an instance remembers goes to the one that replaces it.
 * Prefer hookhost.kv/1 where you can: the host keeps that for all generations, and nothing moves.
 *
 *   old: new calls wait, those that run end, then save()
 *   new: create(), load(), activate(), and then the calls that waited
 *
 * All of it within HOOKHOST_STATE_HOLD_MS, at most HOOKHOST_STATE_CALLS_MAX calls wait; beyond that
 * the swap is refused and the old instance goes on, with the calls that waited. So save must leave
 * the instance as it is. Functions on timers and on the pool may run meanwhile.
 *
 * After a rollback the old instance goes on with what it remembered when it saved: what happened
 * since is only known to those who keep it in hookhost.kv/1. */
#ifndef HOOKHOST_EXT_STATE_H
#define HOOKHOST_EXT_STATE_H

#include "../plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HOOKHOST_EXT_STATE "hookhost.state/1"

#define HOOKHOST_STATE_BYTES_MAX (16u * 1024u * 1024u) /* of all that save writes */
#define HOOKHOST_STATE_HOLD_MS 250u                    /* how long calls wait at most */
#define HOOKHOST_STATE_CALLS_MAX 1024u                 /* that wait; more get 503 */

/* Takes a piece of what save writes; the host copies it. E_LIMIT: more than
 * HOOKHOST_STATE_BYTES_MAX in all. E_NOMEM. E_STATE: save has returned. [control] */
typedef hookhost_status(HOOKHOST_CALL* hookhost_write_fn)(void* sink, hookhost_str piece);

typedef struct hookhost_ext_state {
  uint32_t struct_size;
  uint32_t version; /* of the bytes that save writes: the plugin's own count */

  /* Writes what the next instance needs, in as many pieces as it likes. HOOKHOST_OK: that was all
   * of it. Anything else refuses the swap, with the reason that set_error(host, NULL, ...) said.
   * [control] */
  hookhost_status(HOOKHOST_CALL* save)(void* instance, hookhost_write_fn write, void* sink);

  /* Takes what the instance before has saved; bytes are valid during the call. Called at most once,
   * between create and activate. HOOKHOST_E_UNSUPPORTED: it does not know this version and has
   * changed nothing; the operator chose whether it then starts afresh or the swap is refused
   * (swap.unknown_state). Anything else but HOOKHOST_OK refuses the swap. [control] */
  hookhost_status(HOOKHOST_CALL* load)(void* instance, uint32_t version, hookhost_str bytes);
} hookhost_ext_state;

#ifdef __cplusplus
}
#endif

#endif /* HOOKHOST_EXT_STATE_H */
