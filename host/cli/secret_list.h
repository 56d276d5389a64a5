// SPDX-License-Identifier: Apache-2.0
//
// list_secrets: what `secret ls` prints: each secret as its source and its number, with its time,
// the age of its file and, when a host runs, how often that number was used. Main thread.
#pragma once

#include <string>

#include "cli/command_line.h"

namespace hookhost::cli {

// config: with secrets as sources only. route: empty: of all, the global ones too.
ExitCode list_secrets(const Invocation& invocation, World& world, const app::Config& config,
                      const std::string& route);

}  // namespace hookhost::cli
