// SPDX-License-Identifier: Apache-2.0
//
// Lets exceptions cross the border, from each function that it has.
#include <hookhost/hookhost.h>

#include <stdexcept>

namespace {

hookhost_status handle(void*, const hookhost_endpoint*, hookhost_call*, const hookhost_request*) {
  throw std::runtime_error("no such table");
}
void quiesce(void*) { throw 1; }
void destroy(void*) { throw std::logic_error("already gone"); }

hookhost_endpoint make_endpoint() {
  hookhost_endpoint endpoint{};
  endpoint.struct_size = sizeof(endpoint);
  endpoint.name = hookhost_str_of("throws", 6);
  endpoint.form = HOOKHOST_FORM_RAW;
  endpoint.handle = handle;
  return endpoint;
}
const hookhost_endpoint kEndpoint = make_endpoint();

hookhost_plugin make_plugin() {
  hookhost_plugin plugin{};
  plugin.struct_size = sizeof(plugin);
  plugin.magic = HOOKHOST_PLUGIN_MAGIC;
  plugin.id = hookhost_str_of("throws", 6);
  plugin.version = hookhost_str_of("1", 1);
  plugin.endpoints = {&kEndpoint, 1, sizeof(kEndpoint)};
  plugin.quiesce = quiesce;
  plugin.destroy = destroy;
  return plugin;
}
const hookhost_plugin kPlugin = make_plugin();

}  // namespace

extern "C" const hookhost_plugin* hookhost_entry_v1(uint32_t) { return &kPlugin; }
