// SPDX-License-Identifier: Apache-2.0
#include "app/config.h"

#include <fmt/format.h>

#include "app/effective_config.h"
#include "app/start_checks.h"
#include "cli/commands.h"

namespace hookhost::cli {

ExitCode config(const Invocation& invocation, World& world) {
  if (invocation.has("--reference")) {
    world.out << app::config_reference();
    return ExitCode::kDone;
  }
  if (!invocation.has("--effective")) {
    return refuse_usage(world, "hookhost config needs --effective or --reference",
                        "hookhost config --effective");
  }
  const auto loaded = app::load_config(invocation.config_sources(world));
  if (!loaded) return refuse_config(world, loaded.error());
  world.out << (invocation.has("--json") ? app::effective_json(*loaded)
                                         : app::effective_toml(*loaded));
  return ExitCode::kDone;
}

ExitCode check_config(const Invocation& invocation, World& world) {
  const auto loaded = app::load_config(invocation.config_sources(world));
  if (!loaded) return refuse_config(world, loaded.error());
  if (Status folders = app::check_folders(*loaded); !folders) {
    print_error(world, folders.error());
    return exit_code(folders.error().code);
  }
  if (const auto tls = app::open_tls(*loaded, world.clock.now()); !tls) {
    print_error(world, tls.error());
    return exit_code(tls.error().code);
  }
  for (const app::ConfigWarning& warning : loaded->warnings) {
    world.out << fmt::format("warn  {}\n", telemetry::shown(world.out_console, warning.message));
    if (!warning.fix.empty()) {
      world.out << fmt::format("      fix: {}\n", telemetry::shown(world.out_console, warning.fix));
    }
  }
  world.out << fmt::format(
      "ok    {}\n",
      telemetry::shown(world.out_console,
                       loaded->file.empty() ? "no configuration file: defaults" : loaded->file));
  return ExitCode::kDone;
}

}  // namespace hookhost::cli
