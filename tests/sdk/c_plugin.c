/* SPDX-License-Identifier: Apache-2.0
 *
 * A plugin in C for fake_host_test.cc: an honest echo, a deferred answer, and one endpoint for each
 * way to break a rule of the call. */
#include "c_plugin.h"

#include <hookhost/hookhost.h>

static const hookhost_host* host;
static int cancelled_with;
int c_plugin_released;

static void HOOKHOST_CALL count_release(void* user) {
  (void)user;
  ++c_plugin_released;
}

static hookhost_status respond(hookhost_call* call, int32_t status, hookhost_str body,
                               hookhost_release_fn release) {
  hookhost_chunk chunk = {sizeof chunk, 0, NULL, 0, NULL, NULL};
  hookhost_response response = {sizeof response, 0, {NULL, 0}, {NULL, 0, 0}, {NULL, 0, 0}};
  chunk.ptr = body.ptr;
  chunk.len = body.len;
  chunk.release = release;
  response.status = status;
  response.chunks.items = &chunk;
  response.chunks.count = 1;
  response.chunks.stride = sizeof chunk;
  return host->respond(call, &response);
}

static hookhost_status HOOKHOST_CALL echo(void* instance, const hookhost_endpoint* endpoint,
                                          hookhost_call* call, const hookhost_request* request) {
  (void)instance;
  (void)endpoint;
  return respond(call, 200, request->body, count_release);
}

static hookhost_status HOOKHOST_CALL twice(void* instance, const hookhost_endpoint* endpoint,
                                           hookhost_call* call, const hookhost_request* request) {
  echo(instance, endpoint, call, request);
  return respond(call, 201, HOOKHOST_STR("again"), count_release);
}

static hookhost_status HOOKHOST_CALL bad_status(void* instance, const hookhost_endpoint* endpoint,
                                                hookhost_call* call,
                                                const hookhost_request* request) {
  (void)instance;
  (void)endpoint;
  (void)request;
  return respond(call, 199, HOOKHOST_STR("x"), count_release);
}

static hookhost_status HOOKHOST_CALL body_of_204(void* instance, const hookhost_endpoint* endpoint,
                                                 hookhost_call* call,
                                                 const hookhost_request* request) {
  (void)instance;
  (void)endpoint;
  (void)request;
  return respond(call, 204, HOOKHOST_STR("x"), count_release);
}

static hookhost_status HOOKHOST_CALL pending(void* instance, const hookhost_endpoint* endpoint,
                                             hookhost_call* call, const hookhost_request* request) {
  (void)instance;
  (void)endpoint;
  (void)call;
  (void)request;
  return HOOKHOST_PENDING;
}

static hookhost_status HOOKHOST_CALL deferred(void* instance, const hookhost_endpoint* endpoint,
                                              hookhost_call* call,
                                              const hookhost_request* request) {
  hookhost_token token = 0;
  (void)instance;
  (void)endpoint;
  if (host->defer(call, &token) != HOOKHOST_OK) return HOOKHOST_E_PLUGIN;
  if (host->defer(call, &token) != HOOKHOST_E_STATE) return HOOKHOST_E_PLUGIN;
  call = host->resume(host, token);
  respond(call, 200, request->method, NULL);
  if (host->complete(host, token, HOOKHOST_PENDING) != HOOKHOST_E_INVALID) return HOOKHOST_E_PLUGIN;
  host->complete(host, token, HOOKHOST_OK);
  return host->complete(host, token, HOOKHOST_OK) == HOOKHOST_E_GONE ? HOOKHOST_PENDING
                                                                     : HOOKHOST_E_PLUGIN;
}

static hookhost_status HOOKHOST_CALL parked(void* instance, const hookhost_endpoint* endpoint,
                                            hookhost_call* call, const hookhost_request* request) {
  hookhost_token token = 0;
  (void)instance;
  (void)endpoint;
  (void)request;
  host->defer(call, &token);
  return HOOKHOST_PENDING;
}

/* Zero-copy: the text of a string without escapes lies inside the body. */
static hookhost_status HOOKHOST_CALL zero_copy(void* instance, const hookhost_endpoint* endpoint,
                                               hookhost_call* call,
                                               const hookhost_request* request) {
  const hookhost_str name = request->payload->repo->name;
  (void)instance;
  (void)endpoint;
  if (name.ptr < request->body.ptr || name.ptr + name.len > request->body.ptr + request->body.len) {
    return HOOKHOST_E_PLUGIN;
  }
  if (!hookhost_event_is(request->payload->event, HOOKHOST_STR("repo"), HOOKHOST_STR("update"))) {
    return HOOKHOST_SKIP;
  }
  return respond(call, 200, name, NULL);
}

static hookhost_status HOOKHOST_CALL create(const hookhost_host* given, uint64_t generation,
                                            void** instance) {
  (void)generation;
  (void)instance;
  host = given;
  return HOOKHOST_OK;
}

static void HOOKHOST_CALL cancel(void* instance, hookhost_token token, int32_t reason) {
  (void)instance;
  cancelled_with = reason;
  host->complete(host, token, HOOKHOST_E_RETRY);
}

#define ENDPOINT(function, form)                                                                 \
  {                                                                                              \
    sizeof(hookhost_endpoint), 0, HOOKHOST_STR_INIT(#function), {NULL, 0}, {NULL, 0}, {NULL, 0}, \
        form, 0, 0, 0, 0, 0, 0, 0, function, NULL                                                \
  }
static const hookhost_endpoint endpoints[] = {
    ENDPOINT(echo, HOOKHOST_FORM_RAW),       ENDPOINT(twice, HOOKHOST_FORM_RAW),
    ENDPOINT(bad_status, HOOKHOST_FORM_RAW), ENDPOINT(body_of_204, HOOKHOST_FORM_RAW),
    ENDPOINT(pending, HOOKHOST_FORM_RAW),    ENDPOINT(deferred, HOOKHOST_FORM_RAW),
    ENDPOINT(parked, HOOKHOST_FORM_RAW),     ENDPOINT(zero_copy, 0),
};

static const hookhost_plugin plugin = {
    sizeof(hookhost_plugin),
    HOOKHOST_PLUGIN_MAGIC,
    HOOKHOST_ABI_MINOR,
    HOOKHOST_TARGET_MINOR,
    0,
    0,
    HOOKHOST_STR_INIT("c_plugin"),
    HOOKHOST_STR_INIT("1.0.0"),
    {NULL, 0},
    {NULL, 0},
    {NULL, 0},
    {NULL, 0},
    {NULL, 0},
    {endpoints, sizeof endpoints / sizeof endpoints[0], sizeof endpoints[0]},
    create,
    NULL,
    NULL,
    NULL,
    cancel,
    NULL,
};

const hookhost_plugin* c_plugin(void) { return &plugin; }
int c_plugin_cancelled_with(void) { return cancelled_with; }

/* R2: a member is there exactly when the struct reaches to its end. */
int c_plugin_has_follows_struct_size(void) {
  hookhost_host truncated = *host;
  const uint32_t end = (uint32_t)(offsetof(hookhost_host, node_i64) + sizeof truncated.node_i64);
  truncated.struct_size = end;
  if (!HOOKHOST_HAS(&truncated, node_i64) || HOOKHOST_HAS(&truncated, node_u64)) return 0;
  truncated.struct_size = end - 1;
  if (HOOKHOST_HAS(&truncated, node_i64) || !HOOKHOST_HAS(&truncated, node_bool)) return 0;
  truncated.struct_size = 0;
  return !HOOKHOST_HAS(&truncated, struct_size);
}
