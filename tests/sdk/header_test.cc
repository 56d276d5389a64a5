// SPDX-License-Identifier: Apache-2.0
//
// The C headers from C++11 on, without the C++ face; compiled, not run, by header_test.cmake.
#include <hookhost/hookhost.h>

#include <cstdint>

namespace {

const hookhost_host* host = nullptr;

hookhost_status HOOKHOST_CALL handle(void*, const hookhost_endpoint*, hookhost_call* call,
                                     const hookhost_request* request) {
  std::int64_t value = 0;
  const hookhost_node node = host->node_pointer(call, request->root, HOOKHOST_STR("/a/0"));
  if (host->node_i64(call, node, &value) != HOOKHOST_OK) return HOOKHOST_E_PLUGIN;
  return hookhost_streq(request->method, HOOKHOST_STR("POST")) ? HOOKHOST_OK : HOOKHOST_SKIP;
}

}  // namespace

hookhost_status header_test(hookhost_call* call, const hookhost_request* request) {
  return HOOKHOST_HAS(host, cancelled) ? handle(nullptr, nullptr, call, request)
                                       : HOOKHOST_E_PLUGIN;
}
