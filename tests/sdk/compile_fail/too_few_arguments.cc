// SPDX-License-Identifier: Apache-2.0
//
// A mistake; the message must match:
// expect: the_numbers_of_placeholders_and_of_arguments_differ
#include <hookhost/hookhost.hpp>

using namespace hookhost;

Reply handler() {
#ifdef HOOKHOST_TEST_CORRECT
  return ok("{} of {}", 1, 2);
#else
  return ok("{} of {}", 1);
#endif
}
