/* SPDX-License-Identifier: Apache-2.0
 *
 * The C headers as an author of C uses them; compiled, not run, in C99, C11 and C17 by
 * header_test.cmake. */
#include <hookhost/hookhost.h>

static const hookhost_host* host;

static hookhost_status HOOKHOST_CALL handle(void* instance, const hookhost_endpoint* endpoint,
                                            hookhost_call* call, const hookhost_request* request) {
  const hookhost_str* tag;
  (void)instance;
  (void)endpoint;
  if (!hookhost_event_is(request->payload->event, HOOKHOST_STR("repo"), HOOKHOST_STR("update"))) {
    return HOOKHOST_SKIP;
  }
  tag = (const hookhost_str*)hookhost_at(request->payload->repo->tags, 0);
  if (tag == NULL || !hookhost_starts_with(*tag, HOOKHOST_STR("task:"))) return HOOKHOST_OK;
  return HOOKHOST_HAS(host, retry_after) ? host->retry_after(call, 1000) : HOOKHOST_E_RETRY;
}

static hookhost_status HOOKHOST_CALL create(const hookhost_host* given, uint64_t generation,
                                            void** instance) {
  (void)generation;
  (void)instance;
  host = given;
  return HOOKHOST_OK;
}

static const hookhost_endpoint endpoints[] = {{sizeof(hookhost_endpoint),
                                               HOOKHOST_ENDPOINT_SERIAL,
                                               HOOKHOST_STR_INIT("header_test"),
                                               {NULL, 0},
                                               HOOKHOST_STR_INIT("repo.*"),
                                               {NULL, 0},
                                               HOOKHOST_FORM_HUB,
                                               HOOKHOST_PLACE_POOL,
                                               HOOKHOST_ACK_REPLY,
                                               HOOKHOST_ON_FAILURE_RETRY,
                                               0,
                                               0,
                                               0,
                                               0,
                                               handle,
                                               NULL}};

static const hookhost_plugin plugin = {sizeof(hookhost_plugin),
                                       HOOKHOST_PLUGIN_MAGIC,
                                       HOOKHOST_ABI_MINOR,
                                       HOOKHOST_TARGET_MINOR,
                                       HOOKHOST_PLUGIN_NO_STATE,
                                       0,
                                       HOOKHOST_STR_INIT("header_test"),
                                       HOOKHOST_STR_INIT("1.0.0"),
                                       {NULL, 0},
                                       {NULL, 0},
                                       {NULL, 0},
                                       {NULL, 0},
                                       {NULL, 0},
                                       {endpoints, 1, sizeof endpoints[0]},
                                       create,
                                       NULL,
                                       NULL,
                                       NULL,
                                       NULL,
                                       NULL};

HOOKHOST_EXPORT const hookhost_plugin* HOOKHOST_CALL hookhost_entry_v1(uint32_t host_abi_minor) {
  (void)host_abi_minor;
  return &plugin;
}
