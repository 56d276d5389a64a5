// SPDX-License-Identifier: Apache-2.0
//
// Completion scripts for three shells, made from the table of commands: what is not in the table
// cannot be completed, and nothing in it is forgotten.
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"

namespace hookhost::cli {
namespace {

std::string words(std::span<const Option> options) {
  std::string text;
  for (const Option& option : options) {
    text += (text.empty() ? "" : " ") + std::string(option.name);
  }
  return text;
}

std::string command_names() {
  std::string text;
  for (const Command& command : commands()) {
    if (!command.is_hidden) text += (text.empty() ? "" : " ") + std::string(command.name);
  }
  return text;
}

// Inside single quotes of a shell.
std::string quoted(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out;
}

std::string bash_reply(Takes takes, std::string_view choices) {
  switch (takes) {
    case Takes::kFile: return "COMPREPLY=($(compgen -f -- \"$cur\"))";
    case Takes::kFolder: return "COMPREPLY=($(compgen -d -- \"$cur\"))";
    case Takes::kChoice: return fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$cur\"))", choices);
    case Takes::kText:
    case Takes::kNothing: break;
  }
  return "COMPREPLY=()";
}

std::string bash_command(const Command& command) {
  std::string text = fmt::format("    {})\n      case \"$prev\" in\n", command.name);
  for (const Option& option : command.options) {
    if (option.value.empty()) continue;
    text += fmt::format("        {}) {}; return ;;\n", option.name,
                        bash_reply(option.takes, option.choices));
  }
  text += fmt::format(
      "      esac\n"
      "      if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W '{}' -- \"$cur\"))\n"
      "      else {}; fi ;;\n",
      words(command.options), bash_reply(command.takes, command.choices));
  return text;
}

std::string bash_script() {
  std::string text =
      "# bash completion of hookhost: source <(hookhost completion bash)\n"
      "_hookhost() {\n"
      "  local cur=\"${COMP_WORDS[COMP_CWORD]}\" prev=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
      "  if [[ $COMP_CWORD -eq 1 ]]; then\n";
  text += fmt::format("    COMPREPLY=($(compgen -W '{} {}' -- \"$cur\")); return\n  fi\n",
                      command_names(), words(global_options()));
  text += "  case \"${COMP_WORDS[1]}\" in\n";
  for (const Command& command : commands()) {
    if (!command.is_hidden) text += bash_command(command);
  }
  return text +
         "  esac\n}\n"
         "complete -o filenames -F _hookhost hookhost\n";
}

std::string zsh_action(Takes takes, std::string_view choices) {
  switch (takes) {
    case Takes::kFile: return "_files";
    case Takes::kFolder: return "_files -/";
    case Takes::kChoice: return fmt::format("({})", choices);
    case Takes::kText:
    case Takes::kNothing: break;
  }
  return " ";
}

// In an _arguments specification '[', ']' and ':' have a meaning.
std::string zsh_doc(std::string_view doc) {
  std::string text;
  for (const char c : quoted(doc)) {
    if (c == '[' || c == ']' || c == ':') text += '\\';
    text += c;
  }
  return text;
}

std::string zsh_options(std::span<const Option> options) {
  std::string text;
  for (const Option& option : options) {
    text += fmt::format(" \\\n        '{}{}[{}]", option.is_repeatable ? "*" : "", option.name,
                        zsh_doc(option.doc));
    if (!option.value.empty()) {
      text +=
          fmt::format(":{}:{}", zsh_doc(option.value), zsh_action(option.takes, option.choices));
    }
    text += '\'';
  }
  return text;
}

std::string zsh_script() {
  std::string text =
      "#compdef hookhost\n"
      "# zsh completion of hookhost: hookhost completion zsh > \"${fpath[1]}/_hookhost\"\n"
      "_hookhost() {\n"
      "  local -a commands=(\n";
  for (const Command& command : commands()) {
    if (command.is_hidden) continue;
    text += fmt::format("    '{}:{}'\n", command.name, zsh_doc(command.summary));
  }
  text +=
      "  )\n"
      "  if (( CURRENT == 2 )); then\n"
      "    _describe command commands\n";
  text += fmt::format("    _arguments{}\n    return\n  fi\n", zsh_options(global_options()));
  text += "  local command=${words[2]}\n  shift words\n  (( CURRENT-- ))\n  case $command in\n";
  for (const Command& command : commands()) {
    if (command.is_hidden) continue;
    text += fmt::format("    {})\n      _arguments{}", command.name, zsh_options(command.options));
    if (command.operands_max > 0) {
      text += fmt::format(" \\\n        '1:{}:{}'", zsh_doc(command.operands),
                          zsh_action(command.takes, command.choices));
    }
    text += " ;;\n";
  }
  return text + "  esac\n}\ncompdef _hookhost hookhost\n";
}

std::string fish_rule(std::string_view condition, const Option& option) {
  std::string text = fmt::format("complete -c hookhost -n '{}' -l {} -d '{}'", condition,
                                 option.name.substr(2), quoted(option.doc));
  if (option.value.empty()) return text + '\n';
  text += option.takes == Takes::kFile || option.takes == Takes::kFolder ? " -r -F" : " -x";
  if (!option.choices.empty()) text += fmt::format(" -a '{}'", option.choices);
  return text + '\n';
}

std::string fish_script() {
  std::string text =
      "# fish completion of hookhost:\n"
      "#   hookhost completion fish > ~/.config/fish/completions/hookhost.fish\n"
      "complete -c hookhost -f\n";
  for (const Command& command : commands()) {
    if (command.is_hidden) continue;
    text += fmt::format("complete -c hookhost -n __fish_use_subcommand -a {} -d '{}'\n",
                        command.name, quoted(command.summary));
  }
  for (const Option& option : global_options()) text += fish_rule("__fish_use_subcommand", option);
  for (const Command& command : commands()) {
    if (command.is_hidden) continue;
    const std::string condition = fmt::format("__fish_seen_subcommand_from {}", command.name);
    if (command.takes == Takes::kFile) {
      text += fmt::format("complete -c hookhost -n '{}' -F\n", condition);
    }
    if (!command.choices.empty()) {
      text += fmt::format("complete -c hookhost -n '{}' -a '{}'\n", condition, command.choices);
    }
    for (const Option& option : command.options) text += fish_rule(condition, option);
  }
  return text;
}

struct Shell {
  std::string_view name;
  std::string (*script)();
};
constexpr Shell kShells[] = {{"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}};

}  // namespace

ExitCode completion(const Invocation& invocation, World& world) {
  const auto shell = std::find_if(std::begin(kShells), std::end(kShells), [&](const Shell& row) {
    return row.name == invocation.operands[0];
  });
  if (shell == std::end(kShells)) {
    return refuse_usage(world, fmt::format("no completion for '{}'", invocation.operands[0]),
                        "hookhost completion bash, zsh or fish");
  }
  world.out << shell->script();
  return ExitCode::kDone;
}

}  // namespace hookhost::cli
