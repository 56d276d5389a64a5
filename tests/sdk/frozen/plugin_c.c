/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin in C as authors write them, compiled at a release and kept: newer hosts must run it
 * unchanged. Its answers name the build. frozen_c_echo: the body, with the build in X-Build.
 * frozen_c_hub: a few members of a Hub payload. frozen_c_later: the same through a deferred call.
 * frozen_c_count: how often it was called, in kv. */
#include <hookhost/hookhost.h>
#include <stdio.h>

#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
#define BUILD "frozen_c " TEXT(HOOKHOST_ABI_MAJOR) "." TEXT(HOOKHOST_ABI_MINOR)

static const hookhost_host* host;

static hookhost_status answer(hookhost_call* call, const char* content_type, const void* bytes,
                              size_t len) {
  const hookhost_field build = {sizeof build, 0, HOOKHOST_STR_INIT("X-Build"),
                                HOOKHOST_STR_INIT(BUILD)};
  hookhost_chunk chunk = {sizeof chunk, 0, NULL, 0, NULL, NULL};
  hookhost_response response = {sizeof response, 200, {NULL, 0}, {NULL, 0, 0}, {NULL, 0, 0}};
  size_t type_len = 0;
  while (content_type[type_len] != '\0') ++type_len;
  chunk.ptr = bytes;
  chunk.len = len;
  response.content_type = hookhost_str_of(content_type, type_len);
  response.headers.items = &build;
  response.headers.count = 1;
  response.headers.stride = sizeof build;
  response.chunks.items = &chunk;
  response.chunks.count = len == 0 ? 0 : 1;
  response.chunks.stride = sizeof chunk;
  return host->respond(call, &response);
}

static hookhost_status HOOKHOST_CALL echo(void* instance, const hookhost_endpoint* endpoint,
                                          hookhost_call* call, const hookhost_request* request) {
  (void)instance, (void)endpoint;
  return answer(call, "application/octet-stream", request->body.ptr, request->body.len);
}

static hookhost_status HOOKHOST_CALL hub(void* instance, const hookhost_endpoint* endpoint,
                                         hookhost_call* call, const hookhost_request* request) {
  enum { kBytes = 512 };
  const hookhost_repo* repo = request->payload->repo;
  int64_t likes = -1;
  int len;
  char* text = (char*)host->arena_alloc(call, kBytes, 1);
  (void)instance, (void)endpoint;
  if (text == NULL) return HOOKHOST_E_NOMEM;
  host->node_i64(call, host->node_get(call, repo->node, HOOKHOST_STR("likes")), &likes);
  len = snprintf(text, kBytes, "%.*s %.*s %u tags, likes %lld, comment %d", (int)repo->type.len,
                 repo->type.ptr, (int)repo->name.len, repo->name.ptr, repo->tags.count,
                 (long long)likes, request->payload->comment != NULL);
  if (len < 0 || len >= kBytes) return HOOKHOST_E_LIMIT;
  return answer(call, "text/plain; charset=utf-8", text, (size_t)len);
}

static hookhost_status HOOKHOST_CALL later(void* instance, const hookhost_endpoint* endpoint,
                                           hookhost_call* call, const hookhost_request* request) {
  hookhost_token token = 0;
  const hookhost_status status = host->defer(call, &token);
  if (status != HOOKHOST_OK) return status;
  call = host->resume(host, token);
  host->complete(host, token, hub(instance, endpoint, call, request));
  return HOOKHOST_PENDING;
}

static hookhost_status HOOKHOST_CALL count(void* instance, const hookhost_endpoint* endpoint,
                                           hookhost_call* call, const hookhost_request* request) {
  const hookhost_ext_kv* kv =
      (const hookhost_ext_kv*)host->get_extension(host, HOOKHOST_STR(HOOKHOST_EXT_KV));
  int64_t calls = 0;
  char* text = (char*)host->arena_alloc(call, 32, 1);
  (void)instance, (void)endpoint, (void)request;
  if (kv == NULL || !HOOKHOST_HAS(kv, add) || text == NULL) return HOOKHOST_E_UNSUPPORTED;
  if (kv->add(host, HOOKHOST_STR("calls"), 1, &calls) != HOOKHOST_OK) return HOOKHOST_E_PLUGIN;
  return answer(call, "application/json", text,
                (size_t)snprintf(text, 32, "%lld", (long long)calls));
}

static hookhost_status HOOKHOST_CALL create(const hookhost_host* given, uint64_t generation,
                                            void** instance) {
  (void)generation, (void)instance;
  host = given;
  return HOOKHOST_OK;
}

#define ENDPOINT(function, form)                                                                  \
  {                                                                                               \
    sizeof(hookhost_endpoint), 0, HOOKHOST_STR_INIT("frozen_c_" #function), {NULL, 0}, {NULL, 0}, \
        {NULL, 0}, form, 0, 0, 0, 0, 0, 0, 0, function, NULL                                      \
  }
static const hookhost_endpoint endpoints[] = {ENDPOINT(echo, HOOKHOST_FORM_RAW),
                                              ENDPOINT(hub, HOOKHOST_FORM_HUB), ENDPOINT(later, 0),
                                              ENDPOINT(count, HOOKHOST_FORM_RAW)};

static const hookhost_plugin plugin = {
    sizeof(hookhost_plugin),
    HOOKHOST_PLUGIN_MAGIC,
    HOOKHOST_ABI_MINOR,
    HOOKHOST_TARGET_MINOR,
    0,
    0,
    HOOKHOST_STR_INIT("frozen_c"),
    HOOKHOST_STR_INIT("1.0.0"),
    HOOKHOST_STR_INIT(BUILD),
    HOOKHOST_STR_INIT("Apache-2.0"),
    {NULL, 0},
    HOOKHOST_STR_INIT("Kept from the release to be loaded by later hosts"),
    {NULL, 0},
    {endpoints, sizeof endpoints / sizeof endpoints[0], sizeof endpoints[0]},
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
