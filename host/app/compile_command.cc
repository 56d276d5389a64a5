// SPDX-License-Identifier: Apache-2.0
#include "app/compile_command.h"

#include <algorithm>
#include <iterator>

namespace hookhost::app {
namespace {

void append(CommandLine& command, const CommandLine& words) {
  command.insert(command.end(), words.begin(), words.end());
}

// What decides about the code, and so must be the same for a precompiled header and its user.
CommandLine compile_flags(const Compiler& compiler, Language language) {
  // Without temporary files (-pipe), which a compiler that is killed would leave behind.
  CommandLine flags{language == Language::kC ? "-std=c11" : "-std=c++20",
                    "-O1",
                    "-g",
                    "-pipe",
                    "-fPIC",
                    "-fvisibility=hidden"};
  if (language == Language::kCxx) {
    flags.emplace_back("-fvisibility-inlines-hidden");
    // Unique symbols would keep a library in memory for ever; clang makes none.
    if (!compiler.is_clang()) flags.emplace_back("-fno-gnu-unique");
  }
  return flags;
}

}  // namespace

Sdk sdk_of(const std::filesystem::path& program) {
  const std::filesystem::path folder = program.parent_path();
  return {(folder / HOOKHOST_BIN_TO_INCLUDE).lexically_normal(),
          (folder / HOOKHOST_BIN_TO_MAP).lexically_normal()};
}

CommandLine compile_command(const Compiler& compiler, Language language, const Sdk& sdk,
                            const std::filesystem::path& precompiled,
                            const std::filesystem::path& source,
                            const std::filesystem::path& object) {
  CommandLine command = compiler.program;
  append(command, compile_flags(compiler, language));
  // As a folder of the system: warnings that the user asks for are about the user's code.
  if (!precompiled.empty()) append(command, {"-isystem", precompiled.native()});
  append(command, {"-isystem", sdk.include.native()});
  append(command, compiler.flags);
  append(command, {"-c", source.native(), "-o", object.native()});
  return command;
}

CommandLine link_command(const Compiler& compiler, const Sdk& sdk,
                         const std::vector<std::filesystem::path>& objects,
                         const std::filesystem::path& library) {
  CommandLine command = compiler.program;
  append(command, {"-shared", "-Wl,--version-script=" + sdk.map.native(), "-Wl,-z,defs",
                   "-Wl,-z,now", "-Wl,-z,relro", "-Wl,--build-id", "-Wl,--exclude-libs,ALL"});
  std::copy(objects.begin(), objects.end(), std::back_inserter(command));
  append(command, compiler.flags);  // -fsanitize, -stdlib and their like count here, too
  append(command, compiler.link_flags);
  append(command, {"-o", library.native()});
  return command;
}

CommandLine precompile_command(const Compiler& compiler, const Sdk& sdk,
                               const std::filesystem::path& file) {
  CommandLine command = compiler.program;
  append(command, compile_flags(compiler, Language::kCxx));
  append(command, compiler.flags);
  append(command, {"-x", "c++-header", (sdk.include / "hookhost/hookhost.hpp").native(), "-o",
                   file.native()});
  return command;
}

}  // namespace hookhost::app
