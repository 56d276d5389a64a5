// SPDX-License-Identifier: Apache-2.0
//
// Life-cycle functions of plugins run on threads that end with them, so that what they leave in
// thread-local storage does not keep their code in memory.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "base/result.h"

namespace hookhost::plugin {

// Waits for it. On the calling thread when the system has none to give.
Status on_own_thread(std::function<Status()> function);

// Waits until then at most. Nothing: it goes on by itself and owns all that it uses.
std::optional<Status> on_own_thread_until(std::chrono::steady_clock::time_point until,
                                          std::function<Status()> function);

}  // namespace hookhost::plugin
