/* SPDX-License-Identifier: Apache-2.0
 *
 * Says PENDING without defer when a webhook has another version than 3. */
#include <hookhost/hookhost.h>

static hookhost_status HOOKHOST_CALL judge(void* instance, const hookhost_endpoint* endpoint,
                                           hookhost_call* call, const hookhost_request* request) {
  (void)instance, (void)endpoint, (void)call;
  return request->payload->webhook->version == 3 ? HOOKHOST_OK : HOOKHOST_PENDING;
}

#define BAD_ID "breaks_on_payload"
#define BAD_ENDPOINT .flags = HOOKHOST_ENDPOINT_IDEMPOTENT, .form = HOOKHOST_FORM_HUB
#define BAD_HANDLE judge
#include "bad_plugin.h"
