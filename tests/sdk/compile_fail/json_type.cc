// expect: as<T>: T is bool
// SPDX-License-Identifier: Apache-2.0
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
