/* SPDX-License-Identifier: Apache-2.0
 *
 * Returns a number of its own. */
#include <hookhost/hookhost.h>

static hookhost_status HOOKHOST_CALL broken(void* instance, const hookhost_endpoint* endpoint,
                                            hookhost_call* call, const hookhost_request* request) {
  (void)instance, (void)endpoint, (void)call, (void)request;
  return 4711;
}

#define BAD_ID "unknown_status"
#define BAD_HANDLE broken
#include "bad_plugin.h"
