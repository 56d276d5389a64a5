/* SPDX-License-Identifier: Apache-2.0
 *
 * Cannot start, and says why. */
#include <hookhost/hookhost.h>

static hookhost_status HOOKHOST_CALL create(const hookhost_host* host, uint64_t generation,
                                            void** instance) {
  (void)host, (void)generation, (void)instance;
  host->set_error(host, NULL, HOOKHOST_STR("the model \"m\" is not there"));
  return HOOKHOST_E_PLUGIN;
}

#define BAD_ID "create_fails"
#define BAD_PLUGIN .create = create
#include "bad_plugin.h"
