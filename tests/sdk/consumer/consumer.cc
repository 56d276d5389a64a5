// SPDX-License-Identifier: Apache-2.0
//
// The smallest plugin in C++.
#include <hookhost/hookhost.hpp>

using namespace hookhost;

HOOKHOST_PLUGIN("consumer_cpp", "1.0.0");

HOOKHOST_ENDPOINT(consumer_cpp) { return ok("hello {}", payload.repo.name); }
