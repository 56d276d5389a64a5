// SPDX-License-Identifier: Apache-2.0
//
// Including it puts the test program into UTC, so that times of day are the same on every machine.
#pragma once

#include <cstdlib>
#include <ctime>

namespace hookhost::test {

inline const bool kIsUtc = (::setenv("TZ", "UTC", 1), ::tzset(), true);

}  // namespace hookhost::test
