// SPDX-License-Identifier: Apache-2.0
#include "cli/console.h"

#include <fmt/format.h>

#include <algorithm>

namespace hookhost::cli {
namespace {

using telemetry::Paint;

constexpr int kColumnGap = 2;

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
  return text + fix_text(error.fix, console, 2);
}

std::string fix_text(std::string_view fix, const telemetry::Console& console, int indent) {
  std::string text;
  while (!fix.empty()) {
    const auto end = fix.find('\n');
    const std::string_view line = fix.substr(0, end);
    text += fmt::format("{:{}}{}{}\n", "", indent,
                        has_label(line) ? "" : "fix: ", telemetry::shown(console, line, 4096));
    fix.remove_prefix(end == std::string_view::npos ? fix.size() : end + 1);
  }
  return text;
}

void print_error(World& world, const Error& error) {
  world.err << error_text(error, world.err_console);
}

void print_table(World& world, const std::vector<Row>& rows) {
  std::vector<int> widths(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], static_cast<int>(row[i].size()));
  }
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i)
      line += i + 1 == row.size() ? row[i] : telemetry::padded(row[i], widths[i] + kColumnGap);
    world.out << line << '\n';
  }
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
