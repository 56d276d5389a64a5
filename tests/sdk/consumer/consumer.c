/* SPDX-License-Identifier: Apache-2.0
 *
 * The smallest plugin in C: it answers 200 null. */
#include <hookhost/hookhost.h>

static hookhost_status HOOKHOST_CALL handle(void* instance, const hookhost_endpoint* endpoint,
                                            hookhost_call* call, const hookhost_request* request) {
  (void)instance, (void)endpoint, (void)call, (void)request;
  return HOOKHOST_OK;
}

static const hookhost_endpoint endpoints[] = {{.struct_size = sizeof(hookhost_endpoint),
                                               .name = HOOKHOST_STR_INIT("consumer_c"),
                                               .form = HOOKHOST_FORM_RAW,
                                               .handle = handle}};

static const hookhost_plugin plugin = {.struct_size = sizeof(hookhost_plugin),
                                       .magic = HOOKHOST_PLUGIN_MAGIC,
                                       .abi_minor_built = HOOKHOST_ABI_MINOR,
                                       .abi_minor_required = HOOKHOST_TARGET_MINOR,
                                       .id = HOOKHOST_STR_INIT("consumer_c"),
                                       .version = HOOKHOST_STR_INIT("1.0.0"),
                                       .endpoints = {endpoints, 1, sizeof endpoints[0]}};

HOOKHOST_EXPORT const hookhost_plugin* HOOKHOST_CALL hookhost_entry_v1(uint32_t host_abi_minor) {
  (void)host_abi_minor;
  return &plugin;
}
