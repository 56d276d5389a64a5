/* SPDX-License-Identifier: Apache-2.0
 *
 * The smallest plugin: POST /webhooks/echo answers with the JSON document that it got. */
#include <hookhost/hookhost.h>
#include <string.h>

static hookhost_status HOOKHOST_CALL create(const hookhost_host* host, uint64_t generation,
                                            void** instance) {
  (void)generation;
  *instance = (void*)host; /* all that echo has to remember */
  return HOOKHOST_OK;
}

static hookhost_status HOOKHOST_CALL echo(void* instance, const hookhost_endpoint* endpoint,
                                          hookhost_call* call, const hookhost_request* request) {
  const hookhost_host* host = instance;
  hookhost_chunk body = {sizeof body, 0, NULL, request->body.len, NULL, NULL};
  hookhost_response response = {
      sizeof response, 200, {NULL, 0}, {NULL, 0, 0}, {&body, 1, sizeof body}};
  void* copy = host->arena_alloc(call, request->body.len, 1); /* the host frees it */
  (void)endpoint;
  if (copy == NULL) return HOOKHOST_E_NOMEM;
  body.ptr = memcpy(copy, request->body.ptr, request->body.len);
  return host->respond(call, &response);
}

static const hookhost_endpoint endpoints[] = {
    {.struct_size = sizeof(hookhost_endpoint),
     .flags = HOOKHOST_ENDPOINT_IDEMPOTENT,
     .name = HOOKHOST_STR_INIT("echo"),
     .doc = HOOKHOST_STR_INIT("Answers with what it got."),
     .form = HOOKHOST_FORM_JSON,
     .place = HOOKHOST_PLACE_INLINE,
     .handle = echo}};

static const hookhost_plugin plugin = {.struct_size = sizeof(hookhost_plugin),
                                       .magic = HOOKHOST_PLUGIN_MAGIC,
                                       .abi_minor_built = HOOKHOST_ABI_MINOR,
                                       .abi_minor_required = HOOKHOST_TARGET_MINOR,
                                       .id = HOOKHOST_STR_INIT("echo"),
                                       .version = HOOKHOST_STR_INIT("1.0.0"),
                                       .license = HOOKHOST_STR_INIT("Apache-2.0"),
                                       .endpoints = {endpoints, 1, sizeof(hookhost_endpoint)},
                                       .create = create};

HOOKHOST_EXPORT const hookhost_plugin* HOOKHOST_CALL hookhost_entry_v1(uint32_t host_abi_minor) {
  (void)host_abi_minor;
  return &plugin;
}
