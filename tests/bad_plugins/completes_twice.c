/* SPDX-License-Identifier: Apache-2.0
 *
 * Ends a deferred call twice. */
#include <hookhost/hookhost.h>

static const hookhost_host* table;

static hookhost_status HOOKHOST_CALL broken(void* instance, const hookhost_endpoint* endpoint,
                                            hookhost_call* call, const hookhost_request* request) {
  (void)instance, (void)endpoint, (void)call, (void)request;
  hookhost_token token = 0;
  if (table->defer(call, &token) != HOOKHOST_OK) return HOOKHOST_E_PLUGIN;
  if (table->complete(table, token, HOOKHOST_SKIP) != HOOKHOST_OK) return HOOKHOST_E_PLUGIN;
  if (table->complete(table, token, HOOKHOST_OK) != HOOKHOST_E_GONE) return HOOKHOST_E_PLUGIN;
  return HOOKHOST_PENDING;
}

static hookhost_status HOOKHOST_CALL create(const hookhost_host* host, uint64_t generation,
                                            void** instance) {
  (void)host, (void)generation, (void)instance;
  table = host;
  return HOOKHOST_OK;
}

#define BAD_ID "completes_twice"
#define BAD_HANDLE broken
#define BAD_PLUGIN .create = create
#include "bad_plugin.h"
