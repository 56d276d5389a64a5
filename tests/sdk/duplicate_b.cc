// SPDX-License-Identifier: Apache-2.0
//
// Half of a plugin that is wrong: see duplicate_test.cc.
#include <hookhost/hookhost.hpp>

namespace {
int same_name() { return 2; }
HOOKHOST_ROUTE(same_name);
}  // namespace
