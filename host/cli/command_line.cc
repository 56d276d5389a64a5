// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <iostream>

#include "base/text.h"
#include "cli/commands.h"

namespace hookhost::cli {
namespace {

std::string help_command(const Command* command) {
  return command == nullptr ? "hookhost --help" : fmt::format("hookhost {} --help", command->name);
}

// Where CLI11 puts what it read for one (sub)command.
struct Storage {
  std::map<std::string, std::vector<std::string>, std::less<>> values;
  std::map<std::string, bool, std::less<>> switches;
  std::vector<std::string> operands;
};

void declare(CLI::App& parser, std::span<const Option> options, Storage& storage) {
  parser.set_help_flag();  // ours is a row like the others
  parser.allow_extras();   // so that we can say what was meant
  for (const Option& option : options) {
    // CLI11 wants "-h,--help" in one text.
    const std::string name =
        option.name == "--help" ? std::string("-h,--help") : std::string(option.name);
    if (option.value.empty()) {
      parser.add_flag(name, storage.switches[std::string(option.name)]);
    } else {
      parser.add_option(name, storage.values[std::string(option.name)])
          ->expected(1)
          ->allow_extra_args(false)  // the next word is an operand
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    }
  }
}

void collect(const Storage& storage, Invocation& invocation) {
  for (const auto& [name, values] : storage.values) {
    if (!values.empty()) invocation.options[name] = values;
  }
  for (const auto& [name, is_set] : storage.switches) {
    if (is_set) invocation.options[name] = {};
  }
  invocation.operands = storage.operands;
}

template <class Rows>
std::string_view meant_by(std::string_view word, const Rows& rows) {
  std::vector<std::string_view> names;
  for (const auto& row : rows) names.push_back(row.name);
  return nearest(word, names.data(), names.size());
}

Error unexpected(const std::string& word, const Command* command) {
  std::string message = fmt::format("unexpected '{}'", word);
  std::string_view meant;
  if (word.starts_with('-')) {
    message = fmt::format("unknown option '{}'", word);
    meant = meant_by(word, command == nullptr ? global_options() : command->options);
  } else if (command == nullptr) {
    message = fmt::format("unknown command '{}'", word);
    meant = meant_by(word, commands());
  }
  if (!meant.empty()) message += fmt::format("; did you mean '{}'?", meant);
  return {ErrorCode::kInvalid, std::move(message), "try: " + help_command(command)};
}

Status check_operands(const Invocation& invocation) {
  const Command& command = *invocation.command;
  if (invocation.has("--help")) return {};
  if (invocation.operands.size() < command.operands_min) {
    return Error{ErrorCode::kInvalid,
                 fmt::format("hookhost {} needs {}", command.name, command.operands),
                 "try: " + help_command(&command)};
  }
  if (invocation.operands.size() > command.operands_max) {
    return unexpected(invocation.operands[command.operands_max], &command);
  }
  return {};
}

}  // namespace

std::string_view Invocation::text(std::string_view option) const {
  const auto found = options.find(option);
  if (found == options.end() || found->second.empty()) return {};
  return found->second.back();
}

std::vector<std::string> Invocation::texts(std::string_view option) const {
  const auto found = options.find(option);
  return found == options.end() ? std::vector<std::string>() : found->second;
}

app::ConfigSources Invocation::config_sources(const World& world) const {
  app::ConfigSources sources;
  sources.file = text("--config");
  sources.environment = world.environment;
  sources.folder = world.folder;
  if (command == nullptr) return sources;
  // In the order of the table: --port comes after --listen, of which it is a part.
  for (const Option& option : command->options) {
    if (option.key.empty() || !has(option.name)) continue;
    sources.flags.push_back({std::string(option.name), std::string(option.key),
                             option.value.empty() ? "true" : std::string(text(option.name))});
  }
  return sources;
}

const Command* find_command(std::string_view name) noexcept {
  const auto rows = commands();
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const Command& row) { return row.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

Result<Invocation> parse_command_line(const std::vector<std::string>& arguments) {
  Invocation invocation;
  if (!arguments.empty() && !arguments[0].starts_with('-')) {
    invocation.command = find_command(arguments[0]);
    if (invocation.command == nullptr) return unexpected(arguments[0], nullptr);
  }
  const Command* command = invocation.command;

  CLI::App parser;
  Storage storage;
  declare(parser, command == nullptr ? global_options() : command->options, storage);
  if (command != nullptr && command->operands_max > 0) {
    parser.add_option("operands", storage.operands);
  }
  try {
    std::vector<std::string> rest(arguments.begin() + (command == nullptr ? 0 : 1),
                                  arguments.end());
    std::reverse(rest.begin(), rest.end());  // as CLI11 wants it
    parser.parse(std::move(rest));
  } catch (const CLI::ParseError& error) {
    return Error{ErrorCode::kInvalid, error.what(), "try: " + help_command(command)};
  }
  if (const std::vector<std::string> extras = parser.remaining(); !extras.empty()) {
    return unexpected(extras[0], command);
  }
  collect(storage, invocation);
  if (command == nullptr) return invocation;
  if (Status operands = check_operands(invocation); !operands) return operands.error();
  return invocation;
}

ExitCode run(const std::vector<std::string>& arguments, World& world) {
  const auto invocation = parse_command_line(arguments);
  if (!invocation) {
    print_error(world, invocation.error());
    return ExitCode::kUsage;
  }
  const Command* command = invocation->command;
  if (invocation->has("--help")) {
    world.out << (command == nullptr ? help_text() : help_text(*command));
    return ExitCode::kDone;
  }
  if (command != nullptr) return command->run(*invocation, world);
  if (invocation->has("--version")) return version(*invocation, world);
  if (invocation->has("--check-config")) return check_config(*invocation, world);
  world.err << help_text();
  return ExitCode::kUsage;
}

int run(int argc, char** argv) noexcept {
  try {
    const SystemClock clock;
    const Environment environment = snapshot_environment(::environ);
    World world{.out = std::cout,
                .err = std::cerr,
                .out_console = telemetry::look_at_console(STDOUT_FILENO, environment),
                .err_console = telemetry::look_at_console(STDERR_FILENO, environment),
                .environment = environment,
                .clock = clock,
                .in = &std::cin,
                .is_in_terminal = ::isatty(STDIN_FILENO) == 1};
    const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
    ExitCode code = run(arguments, world);
    std::cout.flush();
    // A full disk behind `> openapi.json` must not look like success.
    if (!std::cout && code == ExitCode::kDone) code = ExitCode::kFailed;
    return static_cast<int>(code);
  } catch (const std::exception& error) {
    std::cerr << "error: " << printable(error.what()) << '\n';
    return static_cast<int>(ExitCode::kFailed);
  }
}

}  // namespace hookhost::cli
