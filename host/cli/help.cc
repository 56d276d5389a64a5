// SPDX-License-Identifier: Apache-2.0
//
// help_text: made from the table of commands, within 80 columns.
#include <fmt/format.h>

#include <algorithm>

#include "cli/command_line.h"
#include "plugin/check_level.h"
#include "telemetry/console.h"

namespace hookhost::cli {
namespace {

std::string synopsis(const Option& option) {
  std::string text(option.name);
  if (!option.value.empty()) text += fmt::format(" {}", option.value);
  return text;
}

std::string options_text(std::span<const Option> options) {
  std::string text;
  for (const Option& option : options) {
    text += fmt::format("  {}  {}\n", telemetry::padded(synopsis(option), 26), option.doc);
  }
  return text;
}

// What the values of --check mean, where it is an option.
std::string check_levels_text(std::span<const Option> options) {
  const auto has_levels = [](const Option& option) { return option.key == "check"; };
  if (std::ranges::none_of(options, has_levels)) return {};
  std::string text = "\nlevels of --check:\n";
  for (const plugin::CheckLevelRow& level : plugin::kCheckLevels)
    text += fmt::format("  {}  {}\n", telemetry::padded(level.name, 6), level.meaning);
  return text;
}

}  // namespace

std::string help_text() {
  std::string text =
      "hookhost: native host for webhook handlers\n"
      "\n"
      "usage: hookhost COMMAND [OPTION...]\n"
      "\n";
  for (const Command& command : commands()) {
    if (command.is_hidden) continue;
    const std::string name = fmt::format("{} {}", command.name, command.operands);
    text += fmt::format("  {}  {}\n", telemetry::padded(name, 26), command.summary);
  }
  text += '\n' + options_text(global_options());
  text +=
      "\n"
      "examples:\n"
      "  hookhost run build/my_plugin.so\n"
      "  hookhost send hf.discussion.create\n"
      "  hookhost serve --help\n";
  return text;
}

std::string help_text(const Command& command) {
  std::string text = fmt::format("hookhost {}: {}\n\nusage: hookhost {}{}{} [OPTION...]\n",
                                 command.name, command.summary, command.name,
                                 command.operands.empty() ? "" : " ", command.operands);
  if (!command.text.empty()) text += fmt::format("\n{}", command.text);
  text += '\n' + options_text(command.options) + check_levels_text(command.options);
  if (!command.examples.empty()) text += fmt::format("\nexamples:\n{}", command.examples);
  return text;
}

}  // namespace hookhost::cli
