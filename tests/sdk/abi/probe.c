/* SPDX-License-Identifier: Apache-2.0
 *
 * One exported function that takes every type of the ABI, so that the debug information of the
 * library made of this file is the whole ABI. Read by abidw, never called. */
#include <hookhost/hookhost.h>

HOOKHOST_EXPORT void hookhost_abi_probe(
    const hookhost_plugin* plugin, const hookhost_endpoint* endpoint, const hookhost_host* host,
    const hookhost_request* request, const hookhost_payload* payload, const hookhost_event* event,
    const hookhost_url* url, const hookhost_repo* repo, const hookhost_discussion* discussion,
    const hookhost_comment* comment, const hookhost_webhook* webhook,
    const hookhost_moved_to* moved_to, const hookhost_updated_ref* updated_ref,
    const hookhost_response* response, const hookhost_chunk* chunk, const hookhost_field* field,
    const hookhost_array* array, const hookhost_str* str, const hookhost_call* call,
    hookhost_node node, hookhost_token token, hookhost_status status,
    hookhost_release_fn release_fn, hookhost_timer_fn timer_fn, hookhost_work_fn work_fn,
    hookhost_write_fn write_fn, const hookhost_ext_config* config, const hookhost_ext_kv* kv,
    const hookhost_ext_metrics* metrics, const hookhost_ext_pool* pool,
    const hookhost_ext_secret* secret, const hookhost_ext_selftest* selftest,
    const hookhost_ext_state* state, const hookhost_ext_timer* timer);

void hookhost_abi_probe(
    const hookhost_plugin* plugin, const hookhost_endpoint* endpoint, const hookhost_host* host,
    const hookhost_request* request, const hookhost_payload* payload, const hookhost_event* event,
    const hookhost_url* url, const hookhost_repo* repo, const hookhost_discussion* discussion,
    const hookhost_comment* comment, const hookhost_webhook* webhook,
    const hookhost_moved_to* moved_to, const hookhost_updated_ref* updated_ref,
    const hookhost_response* response, const hookhost_chunk* chunk, const hookhost_field* field,
    const hookhost_array* array, const hookhost_str* str, const hookhost_call* call,
    hookhost_node node, hookhost_token token, hookhost_status status,
    hookhost_release_fn release_fn, hookhost_timer_fn timer_fn, hookhost_work_fn work_fn,
    hookhost_write_fn write_fn, const hookhost_ext_config* config, const hookhost_ext_kv* kv,
    const hookhost_ext_metrics* metrics, const hookhost_ext_pool* pool,
    const hookhost_ext_secret* secret, const hookhost_ext_selftest* selftest,
    const hookhost_ext_state* state, const hookhost_ext_timer* timer) {
  (void)plugin, (void)endpoint, (void)host, (void)request, (void)payload, (void)event, (void)url;
  (void)repo, (void)discussion, (void)comment, (void)webhook, (void)moved_to, (void)updated_ref;
  (void)response, (void)chunk, (void)field, (void)array, (void)str, (void)call, (void)node;
  (void)token, (void)status, (void)release_fn, (void)timer_fn, (void)work_fn, (void)kv;
  (void)metrics, (void)pool, (void)secret, (void)selftest, (void)timer, (void)write_fn;
  (void)config, (void)state;
}

HOOKHOST_EXPORT const hookhost_plugin* HOOKHOST_CALL hookhost_entry_v1(uint32_t host_abi_minor) {
  (void)host_abi_minor;
  return NULL;
}
