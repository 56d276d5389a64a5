// SPDX-License-Identifier: Apache-2.0
//
// The name that ps, gdb and perf show for a thread.
#pragma once

#include <string_view>

namespace hookhost {

// "pool" and 3: "pool-3". Cut to the 15 characters that the kernel keeps. The calling thread.
void name_this_thread(std::string_view role, unsigned index) noexcept;

}  // namespace hookhost
