/* SPDX-License-Identifier: Apache-2.0
 *
 * The smallest plugin that answers, for the time to start with many of them. The driver makes
 * copies of the built file in which bench_plugin_0000 has another number and the build id other
 * bytes. */
#include <hookhost/hookhost.h>

static hookhost_status ok(void* instance, const hookhost_endpoint* endpoint, hookhost_call* call,
                          const hookhost_request* request) {
  (void)instance, (void)endpoint, (void)call, (void)request;
  return HOOKHOST_OK;
}

static const hookhost_endpoint endpoint = {.struct_size = sizeof endpoint,
                                           .name = HOOKHOST_STR_INIT("bench_plugin_0000"),
                                           .form = HOOKHOST_FORM_HUB,
                                           .place = HOOKHOST_PLACE_INLINE,
                                           .handle = ok};

static const hookhost_plugin plugin = {.struct_size = sizeof plugin,
                                       .magic = HOOKHOST_PLUGIN_MAGIC,
                                       .abi_minor_built = HOOKHOST_ABI_MINOR,
                                       .abi_minor_required = HOOKHOST_TARGET_MINOR,
                                       .id = HOOKHOST_STR_INIT("bench_plugin_0000"),
                                       .version = HOOKHOST_STR_INIT("1.0.0"),
                                       .endpoints = {&endpoint, 1, sizeof endpoint}};

const hookhost_plugin* hookhost_entry_v1(uint32_t host_abi_minor) {
  (void)host_abi_minor;
  return &plugin;
}
