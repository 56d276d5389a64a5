// SPDX-License-Identifier: Apache-2.0
//
// Built without the flags of hookhost_add_plugin: its inline variable is one for the whole process
// (STB_GNU_UNIQUE, g++ only), so that it can never be unmapped.
#include <hookhost/hookhost.h>

#include <atomic>

struct __attribute__((visibility("default"))) Shared {
  static inline std::atomic<int> counter{0};
};

namespace {

hookhost_status handle(void*, const hookhost_endpoint*, hookhost_call*, const hookhost_request*) {
  ++Shared::counter;
  return HOOKHOST_OK;
}

hookhost_endpoint make_endpoint() {
  hookhost_endpoint endpoint{};
  endpoint.struct_size = sizeof(endpoint);
  endpoint.name = hookhost_str_of("unique", 6);
  endpoint.form = HOOKHOST_FORM_RAW;
  endpoint.handle = handle;
  return endpoint;
}
const hookhost_endpoint kEndpoint = make_endpoint();

hookhost_plugin make_plugin() {
  hookhost_plugin plugin{};
  plugin.struct_size = sizeof(plugin);
  plugin.magic = HOOKHOST_PLUGIN_MAGIC;
  plugin.id = hookhost_str_of("unique_symbols", 14);
  plugin.version = hookhost_str_of("1", 1);
  plugin.endpoints = {&kEndpoint, 1, sizeof(kEndpoint)};
  return plugin;
}
const hookhost_plugin kPlugin = make_plugin();

}  // namespace

extern "C" const hookhost_plugin* hookhost_entry_v1(uint32_t) { return &kPlugin; }
