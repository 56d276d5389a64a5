/* SPDX-License-Identifier: Apache-2.0
 *
 * Cannot start, and does not say why. */
#include <hookhost/hookhost.h>

static hookhost_status HOOKHOST_CALL create(const hookhost_host* host, uint64_t generation,
                                            void** instance) {
  (void)host, (void)generation, (void)instance;
  return HOOKHOST_E_NOT_FOUND;
}

#define BAD_ID "create_fails_silently"
#define BAD_PLUGIN .create = create
#include "bad_plugin.h"
