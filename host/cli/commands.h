// SPDX-License-Identifier: Apache-2.0
//
// The functions behind the rows of command_line.cc, one per command, each in the file of its name.
// Main thread.
#pragma once

#include "cli/command_line.h"

namespace hookhost::cli {

ExitCode serve(const Invocation& invocation, World& world);
ExitCode run_plugin(const Invocation& invocation, World& world);
ExitCode check(const Invocation& invocation, World& world);
ExitCode inspect(const Invocation& invocation, World& world);
ExitCode send(const Invocation& invocation, World& world);
ExitCode plugins(const Invocation& invocation, World& world);
ExitCode events(const Invocation& invocation, World& world);
ExitCode why(const Invocation& invocation, World& world);
ExitCode save(const Invocation& invocation, World& world);
ExitCode replay(const Invocation& invocation, World& world);
ExitCode drop(const Invocation& invocation, World& world);
ExitCode deploy(const Invocation& invocation, World& world);
ExitCode rollback(const Invocation& invocation, World& world);
ExitCode reload(const Invocation& invocation, World& world);
ExitCode openapi(const Invocation& invocation, World& world);
ExitCode config(const Invocation& invocation, World& world);
ExitCode check_config(const Invocation& invocation, World& world);
ExitCode doctor(const Invocation& invocation, World& world);
ExitCode secret(const Invocation& invocation, World& world);
ExitCode healthcheck(const Invocation& invocation, World& world);
ExitCode completion(const Invocation& invocation, World& world);
ExitCode version(const Invocation& invocation, World& world);
ExitCode probe(const Invocation& invocation, World& world);  // hidden: plugin/probe_main.h

}  // namespace hookhost::cli
