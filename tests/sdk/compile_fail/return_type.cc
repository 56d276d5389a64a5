// expect: this type cannot be answered
// SPDX-License-Identifier: Apache-2.0
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
