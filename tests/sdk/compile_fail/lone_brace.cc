// SPDX-License-Identifier: Apache-2.0
//
// A mistake; the message must match:
// expect: only_empty_braces_are_placeholders_and_double_braces_are_braces
#include <hookhost/hookhost.hpp>

using namespace hookhost;

void handler(Context& ctx) {
#ifdef HOOKHOST_TEST_CORRECT
  ctx.info("done }}");
#else
  ctx.info("done }");
#endif
}
