// SPDX-License-Identifier: Apache-2.0
//
// A mistake; the message must match:
// expect: this type cannot be answered
#include <hookhost/hookhost.hpp>

using namespace hookhost;

#ifdef HOOKHOST_TEST_CORRECT
struct Answer {};
inline void write_json(JsonText& out, const Answer&) { out.null(); }
#else
struct Answer {};
#endif
Answer handler() { return {}; }
HOOKHOST_ROUTE(handler);
