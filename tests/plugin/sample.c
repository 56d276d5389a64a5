/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin with a choice of everything, for registry_test.cc. SAMPLE_ID names it, so that the same
 * source makes two; SAMPLE_BUILD makes another build of the same, SAMPLE_FAILS one that fails. */
#include <hookhost/hookhost.h>
#include <stdlib.h>
#include <string.h>

#ifndef SAMPLE_ID
#define SAMPLE_ID "sample"
#define SAMPLE_PATH "first"
#define SAMPLE_ENDPOINTS 3
#else
#define SAMPLE_PATH "two"
#define SAMPLE_ENDPOINTS 1 /* the others would meet the first one's */
#endif

#ifndef SAMPLE_BUILD
#define SAMPLE_BUILD ""
#endif

struct instance {
  const hookhost_host* host;
  const hookhost_ext_metrics* metrics;
  uint32_t calls;
  hookhost_str answer;
};

/* The value of "name" in the settings, quotes included; the settings are as compact as we like. */
static hookhost_str configured_name(hookhost_str config, hookhost_str fallback) {
  static const char key[] = "\"name\":";
  const size_t skip = sizeof key - 1;
  if (config.len < skip + 3 || memcmp(config.ptr + 1, key, skip) != 0) return fallback;
  return hookhost_str_of(config.ptr + 1 + skip, config.len - skip - 2);
}

static hookhost_status HOOKHOST_CALL create(const hookhost_host* host, uint64_t generation,
                                            void** instance) {
  struct instance* self = calloc(1, sizeof *self);
  hookhost_array none = {NULL, 0, sizeof(hookhost_str)};
  (void)generation;
  if (self == NULL) return HOOKHOST_E_NOMEM;
  self->host = host;
  self->answer =
      configured_name(host->config_json(host), HOOKHOST_STR("\"" SAMPLE_ID SAMPLE_BUILD "\""));
  self->metrics = host->get_extension(host, HOOKHOST_STR(HOOKHOST_EXT_METRICS));
  *instance = self;
  return self->metrics->define(host, HOOKHOST_METRIC_COUNTER, HOOKHOST_STR("calls_total"),
                               HOOKHOST_STR("Calls."), none, &self->calls);
}

static void HOOKHOST_CALL destroy(void* instance) { free(instance); }

static hookhost_status HOOKHOST_CALL handle(void* instance, const hookhost_endpoint* endpoint,
                                            hookhost_call* call, const hookhost_request* request) {
  struct instance* self = instance;
  hookhost_array none = {NULL, 0, sizeof(hookhost_str)};
  hookhost_chunk chunk = {sizeof chunk, 0, self->answer.ptr, self->answer.len, NULL, NULL};
  hookhost_response response = {
      sizeof response, 200, {NULL, 0}, {NULL, 0, 0}, {&chunk, 1, sizeof chunk}};
  (void)endpoint, (void)request;
  self->metrics->add(self->host, self->calls, 1, none);
#ifdef SAMPLE_FAILS
  return HOOKHOST_E_PLUGIN;
#endif
  return self->host->respond(call, &response);
}

static const hookhost_endpoint endpoints[] = {
    {.struct_size = sizeof(hookhost_endpoint),
     .flags = HOOKHOST_ENDPOINT_IDEMPOTENT,
     .name = HOOKHOST_STR_INIT(SAMPLE_PATH),
     .doc = HOOKHOST_STR_INIT("The first."),
     .form = HOOKHOST_FORM_RAW,
     .place = HOOKHOST_PLACE_INLINE,
     .handle = handle},
    {.struct_size = sizeof(hookhost_endpoint),
     .name = HOOKHOST_STR_INIT("second"),
     .path = HOOKHOST_STR_INIT("tpl/{id}"),
     .events = HOOKHOST_STR_INIT("repo.content:update"),
     .form = HOOKHOST_FORM_HUB_STRICT,
     .ack = HOOKHOST_ACK_DURABLE,
     .on_failure = HOOKHOST_ON_FAILURE_FAIL,
     .concurrency_max = 3,
     .deadline_ms = 1500,
     .body_bytes_max = 4096,
     .handle = handle},
    {.struct_size = sizeof(hookhost_endpoint),
     .flags = HOOKHOST_ENDPOINT_SERIAL,
     .name = HOOKHOST_STR_INIT("sleepy"),
     .concurrency_max = 5,
     .handle = handle},
};

static const hookhost_plugin plugin = {
    .struct_size = sizeof(hookhost_plugin),
    .magic = HOOKHOST_PLUGIN_MAGIC,
    .abi_minor_built = HOOKHOST_ABI_MINOR,
    .abi_minor_required = HOOKHOST_TARGET_MINOR,
    .id = HOOKHOST_STR_INIT(SAMPLE_ID),
    .version = HOOKHOST_STR_INIT("1.2.3"),
    .config_schema_json = HOOKHOST_STR_INIT("{\"properties\":{\"name\":{\"type\":\"string\"}}}"),
    .endpoints = {endpoints, SAMPLE_ENDPOINTS, sizeof(hookhost_endpoint)},
    .create = create,
    .destroy = destroy};

HOOKHOST_EXPORT const hookhost_plugin* HOOKHOST_CALL hookhost_entry_v1(uint32_t host_abi_minor) {
  (void)host_abi_minor;
  return &plugin;
}
