// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_code.h"

namespace hookhost::cli {

ExitCode exit_code(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kInvalid:
    case ErrorCode::kNotFound: return ExitCode::kConfig;
    case ErrorCode::kDenied: return ExitCode::kDenied;
    case ErrorCode::kUnavailable: return ExitCode::kUnavailable;
    case ErrorCode::kInternal: break;
  }
  return ExitCode::kFailed;
}

}  // namespace hookhost::cli
