/* SPDX-License-Identifier: Apache-2.0
 *
 * Asks for something that may change. */
#include <hookhost/hookhost.h>

static hookhost_status HOOKHOST_CALL create(const hookhost_host* host, uint64_t generation,
                                            void** instance) {
  (void)host, (void)generation, (void)instance;
  (void)host->get_extension(host, HOOKHOST_STR("hookhost.x.dream/1"));
  (void)host->get_extension(host, HOOKHOST_STR("hookhost.x.dream/2"));
  return HOOKHOST_OK;
}

#define BAD_ID "uses_draft"
#define BAD_PLUGIN .create = create
#include "bad_plugin.h"
