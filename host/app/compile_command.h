// SPDX-License-Identifier: Apache-2.0
//
// The command lines that make a plugin from sources: those of hookhost_add_plugin
// (sdk/cmake/HookhostPlugin.cmake; a test compares the flags), without CMake. Pure. Any thread.
#pragma once

#include <filesystem>
#include <vector>

#include "app/compiler.h"

namespace hookhost::app {

struct Sdk {
  std::filesystem::path include;  // holds hookhost/hookhost.hpp
  std::filesystem::path map;      // plugin.map
};
// Of the hookhost whose file that is: the installed one's, and of a build tree, which is laid out
// alike (host/CMakeLists.txt). Nobody looks whether it is there.
Sdk sdk_of(const std::filesystem::path& program);

// One source to one object. precompiled: a folder to be looked in for headers first; empty: none.
CommandLine compile_command(const Compiler& compiler, Language language, const Sdk& sdk,
                            const std::filesystem::path& precompiled,
                            const std::filesystem::path& source,
                            const std::filesystem::path& object);

// The objects to a plugin.
CommandLine link_command(const Compiler& compiler, const Sdk& sdk,
                         const std::vector<std::filesystem::path>& objects,
                         const std::filesystem::path& library);

// The C++ face of the SDK, which is most of what a small handler's compiler reads, to a file that
// g++ takes in its place: "<precompiled>/hookhost/hookhost.hpp.gch" for an
// #include <hookhost/hookhost.hpp> that comes first. One that does not fit the flags it passes
// over. clang only takes such files when they are forced on every source, and goes without.
CommandLine precompile_command(const Compiler& compiler, const Sdk& sdk,
                               const std::filesystem::path& file);

}  // namespace hookhost::app
