// SPDX-License-Identifier: Apache-2.0
#include "base/cores.h"

#include <sched.h>

#include <algorithm>
#include <thread>

namespace hookhost {

unsigned usable_cores() noexcept {
  cpu_set_t mine;
  CPU_ZERO(&mine);
  // Fails on a machine of more than CPU_SETSIZE cores.
  if (sched_getaffinity(0, sizeof(mine), &mine) != 0)
    return std::max(1U, std::thread::hardware_concurrency());
  return static_cast<unsigned>(std::max(1, CPU_COUNT(&mine)));
}

}  // namespace hookhost
