// SPDX-License-Identifier: Apache-2.0
//
// Can nobody read the secrets out of a process that guards itself?
#include "app/process_guard.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace hookhost::app {
namespace {

// In a child, since a process never gets its limit back.
TEST(GuardProcess, LeavesNoCoreAndLetsNobodyTrace) {
  const auto is_guarded = [] {
    rlimit core{1, 1};
    ::getrlimit(RLIMIT_CORE, &core);
    return core.rlim_cur == 0 && core.rlim_max == 0 && ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
  };
  EXPECT_EXIT(::_exit(guard_process() && is_guarded() ? 0 : 1), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace hookhost::app
