// SPDX-License-Identifier: Apache-2.0
//
// rest(): between two looks of a loop that waits for another thread or process. Not yield(): who
// yields in a loop runs ahead of everybody in the kernel's fair order, and under Linux 6.18 threads
// that never yield were then seen to have both cores for themselves for half a minute.
#pragma once

#include <chrono>
#include <thread>

namespace hookhost::test {

inline void rest() { std::this_thread::sleep_for(std::chrono::microseconds(100)); }

}  // namespace hookhost::test
