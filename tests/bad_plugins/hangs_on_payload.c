/* SPDX-License-Identifier: Apache-2.0
 *
 * Waits for the discussion to become the third one. */
#include <hookhost/hookhost.h>

static hookhost_status HOOKHOST_CALL wait(void* instance, const hookhost_endpoint* endpoint,
                                          hookhost_call* call, const hookhost_request* request) {
  const hookhost_discussion* discussion = request->payload->discussion;
  volatile int64_t num = discussion == NULL ? 3 : discussion->num;
  (void)instance, (void)endpoint, (void)call;
  while (num != 3) {
  }
  return HOOKHOST_OK;
}

#define BAD_ID "hangs_on_payload"
#define BAD_ENDPOINT .flags = HOOKHOST_ENDPOINT_IDEMPOTENT, .form = HOOKHOST_FORM_HUB
#define BAD_HANDLE wait
#include "bad_plugin.h"
