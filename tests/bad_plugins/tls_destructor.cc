// SPDX-License-Identifier: Apache-2.0
//
// Leaves a thread-local with a destructor on the thread that called it: unloading waits for it.
#include <hookhost/hookhost.h>

#include <string>

namespace {

hookhost_status handle(void*, const hookhost_endpoint*, hookhost_call*, const hookhost_request*) {
  thread_local std::string name("long enough for the heap, and so with a destructor");
  return name.empty() ? HOOKHOST_SKIP : HOOKHOST_OK;
}

hookhost_endpoint make_endpoint() {
  hookhost_endpoint endpoint{};
  endpoint.struct_size = sizeof(endpoint);
  endpoint.name = hookhost_str_of("tls_destructor", 14);
  endpoint.form = HOOKHOST_FORM_RAW;
  endpoint.handle = handle;
  return endpoint;
}
const hookhost_endpoint kEndpoint = make_endpoint();

hookhost_plugin make_plugin() {
  hookhost_plugin plugin{};
  plugin.struct_size = sizeof(plugin);
  plugin.magic = HOOKHOST_PLUGIN_MAGIC;
  plugin.id = hookhost_str_of("tls_destructor", 14);
  plugin.version = hookhost_str_of("1", 1);
  plugin.endpoints = {&kEndpoint, 1, sizeof(kEndpoint)};
  return plugin;
}
const hookhost_plugin kPlugin = make_plugin();

}  // namespace

extern "C" const hookhost_plugin* hookhost_entry_v1(uint32_t) { return &kPlugin; }
