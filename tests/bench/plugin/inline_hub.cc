// SPDX-License-Identifier: Apache-2.0
//
// What the benchmark's host runs: one handler, offered twice, on the loop thread (inline_hub) and
// on the worker pool (pool_hub). It reads the payload's view and answers {"repo":...,"scope":...},
// the same bytes that the peers answer as a constant.
#include <hookhost/hookhost.h>

#include <cstring>

namespace {

// Appends the text as a JSON string; out has room for twice its length and the quotes. Names and
// scopes of the Hub need no other escapes.
char* append_quoted(char* out, hookhost_str text) {
  *out++ = '"';
  for (size_t i = 0; i < text.len; ++i) {
    const char c = text.ptr[i];
    if (c == '"' || c == '\\') *out++ = '\\';
    *out++ = static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  *out++ = '"';
  return out;
}

char* append(char* out, const char* text, size_t len) {
  std::memcpy(out, text, len);
  return out + len;
}

const hookhost_host* host = nullptr;  // set by create, the same until destroy

hookhost_status answer(void*, const hookhost_endpoint*, hookhost_call* call,
                       const hookhost_request* request) {
  const hookhost_payload& payload = *request->payload;
  if (!hookhost_event_is(payload.event, HOOKHOST_STR("discussion"), HOOKHOST_STR("create")))
    return HOOKHOST_SKIP;
  const hookhost_str name = payload.repo->name;
  const hookhost_str scope = payload.event->scope;
  char* const body =
      static_cast<char*>(host->arena_alloc(call, 32 + 2 * (name.len + scope.len), alignof(char)));
  if (body == nullptr) return HOOKHOST_E_NOMEM;
  char* end = append(body, "{\"repo\":", 8);
  end = append_quoted(end, name);
  end = append(end, ",\"scope\":", 9);
  end = append_quoted(end, scope);
  *end++ = '}';

  hookhost_chunk chunk{};
  chunk.struct_size = sizeof chunk;
  chunk.ptr = body;
  chunk.len = static_cast<size_t>(end - body);
  hookhost_response response{};
  response.struct_size = sizeof response;
  response.status = 200;
  response.chunks = {&chunk, 1, sizeof chunk};
  return host->respond(call, &response);
}

hookhost_status create(const hookhost_host* offered, uint64_t, void**) {
  host = offered;
  return HOOKHOST_OK;
}

hookhost_endpoint endpoint(const char* name, size_t len, int32_t place) {
  hookhost_endpoint made{};
  made.struct_size = sizeof made;
  made.name = hookhost_str_of(name, len);
  made.form = HOOKHOST_FORM_HUB;
  made.place = place;
  made.on_failure = HOOKHOST_ON_FAILURE_FAIL;
  made.handle = answer;
  return made;
}

const hookhost_endpoint endpoints[] = {endpoint("inline_hub", 10, HOOKHOST_PLACE_INLINE),
                                       endpoint("pool_hub", 8, HOOKHOST_PLACE_POOL)};

hookhost_plugin make_plugin() {
  hookhost_plugin made{};
  made.struct_size = sizeof made;
  made.magic = HOOKHOST_PLUGIN_MAGIC;
  made.abi_minor_built = HOOKHOST_ABI_MINOR;
  made.abi_minor_required = HOOKHOST_TARGET_MINOR;
  made.id = HOOKHOST_STR("inline_hub");
  made.version = HOOKHOST_STR("1.0.0");
  made.endpoints = {endpoints, 2, sizeof(hookhost_endpoint)};
  made.create = create;
  return made;
}

const hookhost_plugin plugin = make_plugin();

}  // namespace

const hookhost_plugin* hookhost_entry_v1(uint32_t) { return &plugin; }
