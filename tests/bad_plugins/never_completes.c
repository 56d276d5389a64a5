/* SPDX-License-Identifier: Apache-2.0
 *
 * Defers and forgets. */
#include <hookhost/hookhost.h>

static const hookhost_host* table;

static hookhost_status HOOKHOST_CALL broken(void* instance, const hookhost_endpoint* endpoint,
                                            hookhost_call* call, const hookhost_request* request) {
  (void)instance, (void)endpoint, (void)call, (void)request;
  hookhost_token token = 0;
  return table->defer(call, &token) == HOOKHOST_OK ? HOOKHOST_PENDING : HOOKHOST_E_PLUGIN;
}

static hookhost_status HOOKHOST_CALL create(const hookhost_host* host, uint64_t generation,
                                            void** instance) {
  (void)host, (void)generation, (void)instance;
  table = host;
  return HOOKHOST_OK;
}

#define BAD_ID "never_completes"
#define BAD_HANDLE broken
#define BAD_PLUGIN .create = create
#define BAD_ENDPOINT .flags = HOOKHOST_ENDPOINT_IDEMPOTENT
#include "bad_plugin.h"
