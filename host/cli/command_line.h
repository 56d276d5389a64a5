// SPDX-License-Identifier: Apache-2.0
//
// The table of commands. Parsing, help and completion are made from it, so a command is a row here
// and a function in a file of its own. Main thread.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.h"
#include "base/result.h"
#include "cli/console.h"

namespace hookhost::cli {

// What stands behind an option or in a position, for help and completion.
enum class Takes : std::uint8_t { kNothing, kText, kFile, kFolder, kChoice };

struct Option {
  std::string_view name;   // "--plugins"
  std::string_view value;  // "DIR" in the help; empty: a switch
  std::string_view doc;
  Takes takes = Takes::kNothing;
  std::string_view key = {};      // of the configuration that it sets; empty: the command's own
  std::string_view choices = {};  // separated by spaces
  bool is_repeatable = false;
};

class Invocation;

struct Command {
  std::string_view name;
  std::string_view operands;  // "FILE.so" in the help
  std::size_t operands_min = 0, operands_max = 0;
  Takes takes = Takes::kNothing;  // its operands
  std::string_view choices = {};
  std::string_view summary;  // one line
  std::string_view text;     // a short paragraph, ready to print; may be empty
  std::span<const Option> options;
  std::string_view examples;  // ready to print
  ExitCode (*run)(const Invocation& invocation, World& world);
  bool is_hidden = false;
};

// A command line that was understood.
class Invocation {
 public:
  const Command* command = nullptr;  // nullptr: none was named
  std::vector<std::string> operands;
  std::map<std::string, std::vector<std::string>, std::less<>> options;  // by name

  bool has(std::string_view option) const { return options.find(option) != options.end(); }
  // The last value; "" when the option was not given.
  std::string_view text(std::string_view option) const;
  std::vector<std::string> texts(std::string_view option) const;

  // What its options say about the configuration.
  app::ConfigSources config_sources(const World& world) const;
};

std::span<const Command> commands() noexcept;
// Of hookhost itself, without a command.
std::span<const Option> global_options() noexcept;
const Command* find_command(std::string_view name) noexcept;

// arguments: without the program's name. Error: wrong use; its fix is a command to try.
Result<Invocation> parse_command_line(const std::vector<std::string>& arguments);

std::string help_text();
std::string help_text(const Command& command);

// Understands and runs a command line.
ExitCode run(const std::vector<std::string>& arguments, World& world);

// The same for the process: main's only call. Returns its exit code; throws nothing.
int run(int argc, char** argv) noexcept;

}  // namespace hookhost::cli
