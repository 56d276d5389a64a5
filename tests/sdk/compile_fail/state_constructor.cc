// SPDX-License-Identifier: Apache-2.0
//
// A mistake; the message must match:
// expect: the class of HOOKHOST_STATE is constructed with
#include <hookhost/hookhost.hpp>

using namespace hookhost;

struct State {
#ifdef HOOKHOST_TEST_CORRECT
  explicit State(Host&) {}
#else
  explicit State(int) {}
#endif
};
HOOKHOST_STATE(State);
