// SPDX-License-Identifier: Apache-2.0
//
// serve_host: what `serve` and `run` share: start, announce, wait for a signal, drain. Blocks until
// the end. Main thread.
//
// source: a file or folder that is built first, served, and built again when it is saved; empty:
// nothing is built.
#pragma once

#include <filesystem>

#include "app/app.h"
#include "cli/command_line.h"

namespace hookhost::cli {

ExitCode serve_host(const Invocation& invocation, World& world, app::AppOptions options,
                    const std::filesystem::path& source = {});

}  // namespace hookhost::cli
