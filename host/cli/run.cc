// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "app/compiler.h"
#include "cli/commands.h"
#include "cli/serve.h"

namespace hookhost::cli {

ExitCode run_plugin(const Invocation& invocation, World& world) {
  const std::filesystem::path file = invocation.operands[0];
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    return refuse_usage(world, fmt::format("{}: there is no such file", file.native()), {});
  }
  if (file.extension() == ".so") {
    return serve_host(invocation, world, {.only_plugin = file, .is_development = true});
  }
  if (std::filesystem::is_directory(file, ignored) || app::language_of(file.filename().native())) {
    return serve_host(invocation, world, {.is_development = true}, file);
  }
  return refuse_usage(
      world,
      fmt::format("{} is neither a source (.cpp .cc .cxx .c) nor a plugin (.so)", file.native()),
      "hookhost run handler.cpp");
}

}  // namespace hookhost::cli
