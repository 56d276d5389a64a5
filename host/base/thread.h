// SPDX-License-Identifier: Apache-2.0
//
// What a thread says about itself to the system. The calling thread.
#pragma once

#include <string_view>

namespace hookhost {

// The name that ps, gdb and perf show. "pool" and 3: "pool-3". Cut to the 15 characters that the
// kernel keeps.
void name_this_thread(std::string_view role, unsigned index) noexcept;

// When it is woken on a core that is busy, it waits for its turn instead of interrupting
// (SCHED_BATCH of sched(7)); its share stays the same. For threads that are woken in bursts by one
// that has more to hand out: otherwise each piece of work costs two switches of threads.
// What it starts inherits it, as the kernel has it.
void wait_for_turn_when_woken() noexcept;

}  // namespace hookhost
