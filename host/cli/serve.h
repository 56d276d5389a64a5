// SPDX-License-Identifier: Apache-2.0
//
// serve_host: what `serve` and `run` share: start, announce, wait for a signal, drain. Blocks until
// the end. Main thread.
#pragma once

#include "app/app.h"
#include "cli/command_line.h"

namespace hookhost::cli {

ExitCode serve_host(const Invocation& invocation, World& world, app::AppOptions options);

}  // namespace hookhost::cli
