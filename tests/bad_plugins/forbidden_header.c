/* SPDX-License-Identifier: Apache-2.0
 *
 * Tries to say where its answer ends. */
#include <hookhost/hookhost.h>

static const hookhost_host* table;

static hookhost_status HOOKHOST_CALL broken(void* instance, const hookhost_endpoint* endpoint,
                                            hookhost_call* call, const hookhost_request* request) {
  (void)instance, (void)endpoint, (void)call, (void)request;
  hookhost_field header = {sizeof header, 0, HOOKHOST_STR("content-LENGTH"), HOOKHOST_STR("0")};
  hookhost_chunk chunk = {sizeof chunk, 0, "x", 1, NULL, NULL};
  hookhost_response response = {
      sizeof response, 200, {NULL, 0}, {NULL, 0, 0}, {&chunk, 1, sizeof chunk}};
  response.headers.items = &header;
  response.headers.count = 1;
  response.headers.stride = sizeof header;
  return table->respond(call, &response);
}

static hookhost_status HOOKHOST_CALL create(const hookhost_host* host, uint64_t generation,
                                            void** instance) {
  (void)host, (void)generation, (void)instance;
  table = host;
  return HOOKHOST_OK;
}

#define BAD_ID "forbidden_header"
#define BAD_HANDLE broken
#define BAD_PLUGIN .create = create
#include "bad_plugin.h"
