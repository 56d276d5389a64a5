// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/serve.h"

namespace hookhost::cli {

ExitCode run_plugin(const Invocation& invocation, World& world) {
  const std::filesystem::path file = invocation.operands[0];
  if (file.extension() != ".so") {
    return refuse_usage(world, fmt::format("{} is not a plugin (*.so)", file.native()),
                        "build it first: sdk/template shows how, hookhost run build/my_plugin.so");
  }
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    return refuse_usage(world, fmt::format("{}: there is no such file", file.native()), {});
  }
  return serve_host(invocation, world, {.only_plugin = file, .is_development = true});
}

}  // namespace hookhost::cli
