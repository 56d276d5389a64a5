// expect: the class of HOOKHOST_STATE is constructed with
// SPDX-License-Identifier: Apache-2.0
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
