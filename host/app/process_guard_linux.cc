// SPDX-License-Identifier: Apache-2.0
#include "app/process_guard.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>

namespace hookhost::app {

Status guard_process() {
  constexpr rlimit kNoCore{0, 0};
  // The limit too: a core_pattern that pipes ignores neither alone on every kernel.
  if (::setrlimit(RLIMIT_CORE, &kNoCore) == 0 && ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
    return {};
  return Error{ErrorCode::kInternal,
               fmt::format("cannot turn off core dumps: {}", std::strerror(errno)),
               {}};
}

}  // namespace hookhost::app
