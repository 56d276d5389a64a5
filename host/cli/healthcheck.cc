// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <vector>

#include "app/announcement.h"
#include "app/config_value.h"
#include "cli/commands.h"
#include "http/client.h"

namespace hookhost::cli {
namespace {

// A host that needs longer to say that it is well is not.
constexpr std::chrono::seconds kTimeout{3};

}  // namespace

ExitCode healthcheck(const Invocation& invocation, World& world) {
  const auto config = app::load_config(invocation.config_sources(world));
  if (!config) return refuse_config(world, config.error());

  std::vector<http::ListenAddress> listeners{config->admin_listen};
  if (!config->tls.is_on()) listeners.push_back(config->listen);
  Error last;
  for (const http::ListenAddress& listen : listeners) {
    const http::ListenAddress address = app::reachable_address(listen);
    const auto answer = http::request(address, "GET", "/healthz", {}, "", kTimeout);
    if (!answer) {
      last = answer.error();
      continue;
    }
    if (answer->status == 200) {
      world.out << "ok\n";
      return ExitCode::kDone;
    }
    print_error(world, {ErrorCode::kUnavailable,
                        fmt::format("{} answers {}", app::print_address(address), answer->status),
                        {}});
    return ExitCode::kFailed;
  }
  print_error(world, last);
  return ExitCode::kFailed;
}

}  // namespace hookhost::cli
