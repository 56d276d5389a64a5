/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin that is right in everything but what the including file breaks. Before the include it
 * may define BAD_ID (the id, and so the name of the route), BAD_ENDPOINT and BAD_PLUGIN (members
 * that replace ours), BAD_HANDLE (its handler) or BAD_TABLE (what the entry returns). */
#include <hookhost/hookhost.h>

#if defined(__clang__)
#pragma clang diagnostic ignored "-Winitializer-overrides"
#else
#pragma GCC diagnostic ignored "-Woverride-init"
#endif

#ifndef BAD_ID
#define BAD_ID "bad"
#endif
#ifndef BAD_ENDPOINT
#define BAD_ENDPOINT .flags = 0
#endif
#ifndef BAD_PLUGIN
#define BAD_PLUGIN .flags = 0
#endif
#ifndef BAD_TABLE
#define BAD_TABLE &plugin
#endif

#ifndef BAD_HANDLE
#define BAD_HANDLE handle
static hookhost_status HOOKHOST_CALL handle(void* instance, const hookhost_endpoint* endpoint,
                                            hookhost_call* call, const hookhost_request* request) {
  (void)instance, (void)endpoint, (void)call, (void)request;
  return HOOKHOST_OK;
}
#endif

static const hookhost_endpoint endpoints[] = {{.struct_size = sizeof(hookhost_endpoint),
                                               .name = HOOKHOST_STR_INIT("x"),
                                               .path = HOOKHOST_STR_INIT(BAD_ID),
                                               .form = HOOKHOST_FORM_RAW,
                                               .handle = BAD_HANDLE,
                                               BAD_ENDPOINT}};

static const hookhost_plugin plugin = {.struct_size = sizeof(hookhost_plugin),
                                       .magic = HOOKHOST_PLUGIN_MAGIC,
                                       .abi_minor_built = HOOKHOST_ABI_MINOR,
                                       .abi_minor_required = HOOKHOST_TARGET_MINOR,
                                       .id = HOOKHOST_STR_INIT(BAD_ID),
                                       .version = HOOKHOST_STR_INIT("1.0.0"),
                                       .endpoints = {endpoints, 1, sizeof(hookhost_endpoint)},
                                       BAD_PLUGIN};

HOOKHOST_EXPORT const hookhost_plugin* HOOKHOST_CALL hookhost_entry_v1(uint32_t host_abi_minor) {
  (void)host_abi_minor;
  (void)plugin;
  return BAD_TABLE;
}
