/* SPDX-License-Identifier: Apache-2.0
 *
 * Forgets its timer. */
#include <hookhost/hookhost.h>

static void HOOKHOST_CALL tick(void* user) { (void)user; }
static hookhost_status HOOKHOST_CALL create(const hookhost_host* host, uint64_t generation,
                                            void** instance) {
  (void)host, (void)generation, (void)instance;
  const hookhost_ext_timer* timer = host->get_extension(host, HOOKHOST_STR(HOOKHOST_EXT_TIMER));
  uint64_t id = 0;
  return timer->start(host, 3600000, 0, tick, NULL, &id);
}

#define BAD_ID "leaves_timer"
#define BAD_PLUGIN .create = create
#include "bad_plugin.h"
