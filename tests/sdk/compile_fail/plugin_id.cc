// SPDX-License-Identifier: Apache-2.0
//
// A mistake; the message must match:
// expect: the id of a plugin: a lower-case letter
#include <hookhost/hookhost.hpp>

using namespace hookhost;

#ifdef HOOKHOST_TEST_CORRECT
HOOKHOST_PLUGIN("my-plugin", "1.0.0");
#else
HOOKHOST_PLUGIN("My Plugin", "1.0.0");
#endif
