// SPDX-License-Identifier: Apache-2.0
#include "app/config_error.h"

#include <fmt/format.h>

#include <algorithm>

namespace hookhost::app {
namespace {

using telemetry::Console;
using telemetry::paint;
using telemetry::Paint;
using telemetry::shown;

// The line of the file with a caret below the value. A tab counts as one column in both lines.
std::string marked_line(const ConfigError& error, const Console& console) {
  std::string line = error.excerpt;
  std::replace(line.begin(), line.end(), '\t', ' ');
  const std::string number = std::to_string(error.origin.line);
  const unsigned columns_max = static_cast<unsigned>(console.width) - 8;
  // A value that stands beyond the width would be cut off together with its caret.
  if (error.origin.column > columns_max) return "";
  const unsigned width = std::min(error.origin.width, columns_max - error.origin.column + 1);
  return fmt::format("{:>4} | {}\n{:>4} | {:{}}{}\n", number,
                     telemetry::fitted(shown(console, line, 4096), static_cast<int>(columns_max)),
                     "", "", error.origin.column - 1,
                     paint(console, Paint::kBad, std::string(std::max(width, 1U), '^')));
}

}  // namespace

std::string print_origin(const Origin& origin) {
  switch (origin.kind) {
    case OriginKind::kDefault: return origin.name.empty() ? "default" : origin.name;
    case OriginKind::kFile:
      return origin.line > 0 ? fmt::format("{}:{}", origin.name, origin.line) : origin.name;
    case OriginKind::kEnvironment:
    case OriginKind::kFlag: return origin.name;
  }
  return {};
}

std::string print_config_error(const ConfigError& error, const Console& console) {
  const Origin& origin = error.origin;
  const std::string word = paint(console, Paint::kBad, "error:");
  const std::string name = shown(console, origin.name);
  const std::string message = shown(console, error.message, 2048);
  std::string text;
  if (origin.kind == OriginKind::kFile && origin.line > 0) {
    text = fmt::format("{}:{}:{}: {} {}\n", name, origin.line, origin.column, word, message);
    if (!error.excerpt.empty()) text += marked_line(error, console);
  } else if (name.empty()) {
    text = fmt::format("{} {}\n", word, message);
  } else {
    text = fmt::format("{} {}: {}\n", word, name, message);
  }
  if (!error.fix.empty()) text += fmt::format("  fix: {}\n", shown(console, error.fix));
  return text;
}

bool are_flags_alone_wrong(std::span<const ConfigError> errors) noexcept {
  return std::all_of(errors.begin(), errors.end(), [](const ConfigError& error) {
    return error.origin.kind == OriginKind::kFlag;
  });
}

}  // namespace hookhost::app
