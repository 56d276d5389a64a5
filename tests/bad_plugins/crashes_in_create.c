/* SPDX-License-Identifier: Apache-2.0
 *
 * Writes to address 16. */
#include <hookhost/hookhost.h>

static hookhost_status HOOKHOST_CALL create(const hookhost_host* host, uint64_t generation,
                                            void** instance) {
  (void)host, (void)generation, (void)instance;
  volatile uintptr_t nowhere = 16;
  *(volatile int*)nowhere = 1;
  return HOOKHOST_OK;
}

#define BAD_ID "crashes_in_create"
#define BAD_PLUGIN .create = create
#include "bad_plugin.h"
