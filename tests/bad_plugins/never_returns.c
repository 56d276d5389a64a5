/* SPDX-License-Identifier: Apache-2.0
 *
 * Does not come back from create. */
#define _POSIX_C_SOURCE 200809L
#include <hookhost/hookhost.h>
#include <unistd.h>

static hookhost_status HOOKHOST_CALL create(const hookhost_host* host, uint64_t generation,
                                            void** instance) {
  (void)host, (void)generation, (void)instance;
  for (;;) pause();
  return HOOKHOST_OK;
}

#define BAD_ID "never_returns"
#define BAD_PLUGIN .create = create
#include "bad_plugin.h"
