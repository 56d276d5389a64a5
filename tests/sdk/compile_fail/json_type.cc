// SPDX-License-Identifier: Apache-2.0
//
// A mistake; the message must match:
// expect: as<T>: T is bool
#include <hookhost/hookhost.hpp>

using namespace hookhost;

bool handler(const Json& document) {
#ifdef HOOKHOST_TEST_CORRECT
  return document.as<int>().has_value();
#else
  return document.as<void*>().has_value();
#endif
}
HOOKHOST_ROUTE(handler);
