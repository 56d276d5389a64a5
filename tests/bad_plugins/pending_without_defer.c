/* SPDX-License-Identifier: Apache-2.0
 *
 * Promises an answer that nobody can give. */
#include <hookhost/hookhost.h>

static hookhost_status HOOKHOST_CALL broken(void* instance, const hookhost_endpoint* endpoint,
                                            hookhost_call* call, const hookhost_request* request) {
  (void)instance, (void)endpoint, (void)call, (void)request;
  return HOOKHOST_PENDING;
}

#define BAD_ID "pending_without_defer"
#define BAD_HANDLE broken
#include "bad_plugin.h"
