// SPDX-License-Identifier: Apache-2.0
//
// guard_process: no core dump and no debugger of the same user reads the secrets of this process
// (PR_SET_DUMPABLE 0, RLIMIT_CORE 0). Children that are executed, such as the probe, are dumpable
// again but write no core. For `serve`, before any secret is read; not for `run`, whose authors
// want their debugger and their cores.
#pragma once

#include "base/result.h"

namespace hookhost::app {

// kInternal: the kernel refuses, which none does that is known.
Status guard_process();

}  // namespace hookhost::app
