// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with the configuration and where: the form of journeys.md 10. Pure. Any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "telemetry/console.h"

namespace hookhost::app {

// Where a value comes from, in the order in which they win.
enum class OriginKind : std::uint8_t { kDefault, kFile, kEnvironment, kFlag };

struct Origin {
  OriginKind kind = OriginKind::kDefault;
  std::string name;     // the file as it was named, the variable, the flag
  unsigned line = 0;    // of a file, from 1; 0: the file as a whole
  unsigned column = 0;  // from 1, in characters
  unsigned width = 1;   // of what the caret marks, in characters
};

// "default", "hookhost.toml:14", "HOOKHOST_LISTEN", "--port".
std::string print_origin(const Origin& origin);

struct ConfigError {
  Origin origin;
  std::string message;  // "listen.port: expected 1..65535, got 70000"
  std::string fix;      // a command or a sentence; may be empty
  std::string excerpt;  // the line of the file; may be empty
};

struct ConfigWarning {
  std::string message;
  std::string fix;
};

// `hookhost.toml:14:8: error: ...` with the line and a caret below, or `error: --port: ...`; with
// the fix and a line end. Strangers' text in it is escaped.
std::string print_config_error(const ConfigError& error, const telemetry::Console& console);

// True when nothing but the command line is wrong: exit code 2 instead of 78.
bool are_flags_alone_wrong(std::span<const ConfigError> errors) noexcept;

}  // namespace hookhost::app
