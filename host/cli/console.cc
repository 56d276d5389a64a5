// SPDX-License-Identifier: Apache-2.0
#include "cli/console.h"

#include <fmt/format.h>

#include <algorithm>

namespace hookhost::cli {
namespace {

using telemetry::Paint;

// "or:  ..." says itself what it is.
bool has_label(std::string_view line) {
  const auto colon = line.find(": ");
  return colon != std::string_view::npos && colon > 0 &&
         std::all_of(line.begin(), line.begin() + static_cast<std::ptrdiff_t>(colon),
                     [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

std::string error_text(const Error& error, const telemetry::Console& console) {
  std::string text = fmt::format("{} {}\n", telemetry::paint(console, Paint::kBad, "error:"),
                                 telemetry::shown(console, error.message, 4096));
  for (std::string_view rest = error.fix; !rest.empty();) {
    const auto end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    text += fmt::format("  {}{}\n",
                        has_label(line) ? "" : "fix: ", telemetry::shown(console, line, 4096));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return text;
}

void print_error(World& world, const Error& error) {
  world.err << error_text(error, world.err_console);
}

ExitCode refuse_usage(World& world, std::string_view message, std::string_view suggestion) {
  world.err << error_text({ErrorCode::kInvalid, std::string(message),
                           suggestion.empty() ? std::string() : fmt::format("try: {}", suggestion)},
                          world.err_console);
  return ExitCode::kUsage;
}

ExitCode refuse_config(World& world, const app::ConfigErrors& errors) {
  bool is_first = true;
  for (const app::ConfigError& error : errors) {
    // An excerpt is easier to read with air around it.
    if (!std::exchange(is_first, false) && !error.excerpt.empty()) world.err << '\n';
    world.err << app::print_config_error(error, world.err_console);
  }
  return app::are_flags_alone_wrong(errors) ? ExitCode::kUsage : ExitCode::kConfig;
}

}  // namespace hookhost::cli
