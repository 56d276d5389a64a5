// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "app/openapi_export.h"
#include "app/start_checks.h"
#include "cli/commands.h"

namespace hookhost::cli {

ExitCode openapi(const Invocation& invocation, World& world) {
  const auto config = app::load_config(invocation.config_sources(world));
  if (!config) return refuse_config(world, config.error());
  if (Status folders = app::check_folders(*config); !folders) {
    print_error(world, folders.error());
    return exit_code(folders.error().code);
  }
  const auto exported = app::export_openapi(*config, world.environment, world.clock);
  if (!exported) {
    print_error(world, exported.error());
    return exit_code(exported.error().code);
  }
  world.out << exported->document << '\n';
  for (const plugin::RefusedPlugin& plugin : exported->refused) {
    print_error(world, {ErrorCode::kInvalid,
                        fmt::format("{}: {}", plugin.file.native(), plugin.reason), plugin.fix});
  }
  return exported->refused.empty() ? ExitCode::kDone : ExitCode::kFailed;
}

}  // namespace hookhost::cli
