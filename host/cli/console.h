// SPDX-License-Identifier: Apache-2.0
//
// World: what a command sees of the outside; main fills it from the process, a test with strings.
// The functions print errors in their one form: `error:`, indented facts, a last line that says
// what to do. Main thread.
#pragma once

#include <filesystem>
#include <istream>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.h"
#include "base/clock.h"
#include "base/environment.h"
#include "base/result.h"
#include "cli/exit_code.h"
#include "telemetry/console.h"

namespace hookhost::cli {

struct World {
  std::ostream& out;
  std::ostream& err;
  telemetry::Console out_console;
  telemetry::Console err_console;
  Environment environment;
  const Clock& clock;
  std::filesystem::path folder = {};  // where hookhost.toml is looked for; empty: the current one
  std::istream* in = nullptr;         // nullptr: there is none
  bool is_in_terminal = false;        // somebody would have to type
};

// `error: ...`, then every line of the fix; one without a label of its own gets `fix: `.
void print_error(World& world, const Error& error);
std::string error_text(const Error& error, const telemetry::Console& console);
// Those lines by themselves.
std::string fix_text(std::string_view fix, const telemetry::Console& console, int indent);

// One row of a table; the first one is the heading and has every column.
using Row = std::vector<std::string>;
void print_table(World& world, const std::vector<Row>& rows);

// `error: ...` and `  try: ...` for a wrong use of the command line.
ExitCode refuse_usage(World& world, std::string_view message, std::string_view suggestion);

// Prints all of them; kUsage when only flags are wrong, else kConfig.
ExitCode refuse_config(World& world, const app::ConfigErrors& errors);

}  // namespace hookhost::cli
