/* SPDX-License-Identifier: Apache-2.0
 *
 * Believes that every comment has a text. */
#include <hookhost/hookhost.h>

static hookhost_status HOOKHOST_CALL read_comment(void* instance, const hookhost_endpoint* endpoint,
                                                  hookhost_call* call,
                                                  const hookhost_request* request) {
  const hookhost_comment* comment = request->payload->comment;
  (void)instance, (void)endpoint, (void)call;
  if (comment == NULL || comment->is_hidden) return HOOKHOST_SKIP;
  return *(const volatile char*)comment->content.ptr == '/' ? HOOKHOST_OK : HOOKHOST_SKIP;
}

#define BAD_ID "crashes_on_payload"
#define BAD_ENDPOINT .flags = HOOKHOST_ENDPOINT_IDEMPOTENT, .form = HOOKHOST_FORM_HUB
#define BAD_HANDLE read_comment
#include "bad_plugin.h"
