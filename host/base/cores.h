// SPDX-License-Identifier: Apache-2.0
//
// How many cores this process may use.
#pragma once

namespace hookhost {

// Those of its affinity mask, which taskset, systemd and cpusets of containers set; one at least.
// std::thread::hardware_concurrency() counts the machine's.
unsigned usable_cores() noexcept;

}  // namespace hookhost
