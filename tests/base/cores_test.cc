// SPDX-License-Identifier: Apache-2.0
//
// Does a process that may use one core know that?
#include "base/cores.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <thread>

namespace hookhost {
namespace {

TEST(UsableCores, CountsTheAffinityMaskAndNotTheMachine) {
  std::thread([] {  // a mask of its own
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
    EXPECT_EQ(usable_cores(), 1U);
  })
      .join();
}

}  // namespace
}  // namespace hookhost
