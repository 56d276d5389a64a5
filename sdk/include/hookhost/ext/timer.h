/* SPDX-License-Identifier: Apache-2.0
 *
 * hookhost.timer/1, host side: be called again later, on a thread of the host's pool. A plugin
 * stops its timers in quiesce; the host stops what is left before destroy and says so in the log.
 */
#ifndef HOOKHOST_EXT_TIMER_H
#define HOOKHOST_EXT_TIMER_H

#include "../plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HOOKHOST_EXT_TIMER "hookhost.timer/1"

#define HOOKHOST_TIMERS_MAX \
  1024u /* running timers of one plugin: a timer is for upkeep, not one per event */

typedef void(HOOKHOST_CALL* hookhost_timer_fn)(void* user);

typedef struct hookhost_ext_timer {
  uint32_t struct_size;
  uint32_t reserved; /* 0 */

  /* Calls fn(user) after after_ms and, when period_ms is not 0, every period_ms from then on. A
   * call that is still running when the next one is due is not run twice at once; what was missed
   * is skipped. user must live until stop has returned. *id is never 0. E_INVALID: fn is NULL, or a
   * time beyond 365 days. E_LIMIT: HOOKHOST_TIMERS_MAX. E_STATE: quiesce has returned. [any-thread]
   */
  hookhost_status(HOOKHOST_CALL* start)(const hookhost_host* host, uint64_t after_ms,
                                        uint64_t period_ms, hookhost_timer_fn fn, void* user,
                                        uint64_t* id);

  /* Stops the timer and returns only when fn is not running, except when called from inside that
   * fn, which is then not called again. E_GONE: it has ended already, or never existed; fn is not
   * running then either. [any-thread] */
  hookhost_status(HOOKHOST_CALL* stop)(const hookhost_host* host, uint64_t id);
} hookhost_ext_timer;

#ifdef __cplusplus
}
#endif

#endif /* HOOKHOST_EXT_TIMER_H */
