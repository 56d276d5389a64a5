/* SPDX-License-Identifier: Apache-2.0
 *
 * Keeps a view of the body and reads it in the next call, when it is nobody's any more. */
#include <hookhost/hookhost.h>

static const char* volatile kept;

static hookhost_status HOOKHOST_CALL broken(void* instance, const hookhost_endpoint* endpoint,
                                            hookhost_call* call, const hookhost_request* request) {
  (void)instance, (void)endpoint, (void)call;
  if (kept != NULL && *(const volatile char*)kept == '\0') return HOOKHOST_SKIP;
  kept = request->body.ptr;
  return HOOKHOST_OK;
}

#define BAD_ID "uses_view_after_completion"
#define BAD_HANDLE broken
#define BAD_ENDPOINT .flags = HOOKHOST_ENDPOINT_IDEMPOTENT
#include "bad_plugin.h"
