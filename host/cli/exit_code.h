// SPDX-License-Identifier: Apache-2.0
//
// Exit codes of hookhost (journeys.md 10). A service manager should not restart on kUsage and
// kConfig: they do not heal by themselves. Pure. Any thread.
#pragma once

#include "base/result.h"

namespace hookhost::cli {

enum class ExitCode : int {
  kDone = 0,          // also after SIGINT or SIGTERM with a clean drain
  kFailed = 1,        // at run time, or a check that says no
  kUsage = 2,         // wrong use of the command line
  kUnavailable = 69,  // address in use
  kJournal = 74,      // the journal cannot be read or written
  kDenied = 77,       // no permission
  kConfig = 78        // wrong configuration
};

// What a start that failed for this reason ends with.
ExitCode exit_code(ErrorCode code) noexcept;

}  // namespace hookhost::cli
