/* SPDX-License-Identifier: Apache-2.0
 *
 * Starts, but not for calls. */
#include <hookhost/hookhost.h>

static const hookhost_host* table;
static hookhost_status HOOKHOST_CALL create(const hookhost_host* host, uint64_t generation,
                                            void** instance) {
  (void)host, (void)generation, (void)instance;
  table = host;
  return HOOKHOST_OK;
}
static hookhost_status HOOKHOST_CALL activate(void* instance) {
  (void)instance;
  table->set_error(table, NULL, HOOKHOST_STR("port 9 is taken"));
  return HOOKHOST_E_LIMIT;
}

#define BAD_ID "activate_fails"
#define BAD_PLUGIN .create = create, .activate = activate
#include "bad_plugin.h"
