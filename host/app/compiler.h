// SPDX-License-Identifier: Apache-2.0
//
// Which compiler makes a plugin from a source, and which files are sources. Any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/environment.h"
#include "base/result.h"

namespace hookhost::app {

using CommandLine = std::vector<std::string>;  // the program and its arguments

enum class Language : std::uint8_t { kCxx, kC };

// By what the name ends in: ".cpp", ".cc" and ".cxx" are C++, ".c" is C; nothing: no source. A
// dot-file is none, since editors keep copies in such. Pure.
std::optional<Language> language_of(std::string_view file_name) noexcept;
// "*.h" and "*.hpp": no source, and a reason to build again. Pure.
bool is_header(std::string_view file_name) noexcept;

struct Compiler {
  CommandLine program = {};  // several words when $CXX says "ccache g++"; the first is a path
  CommandLine flags = {};    // the user's
  CommandLine link_flags = {};
  std::string version = {};  // the answer to --version

  bool is_clang() const noexcept { return version.find("clang") != std::string::npos; }
};

// $CXX with $CXXFLAGS, for C $CC with $CFLAGS; $LDFLAGS. When the variable is not set: the first of
// c++, g++, clang++ (cc, gcc, clang) on the PATH. Blanks separate the words of a variable, there is
// no quoting. kNotFound says what to install.
Result<Compiler> find_compiler(Language language, const Environment& environment);

}  // namespace hookhost::app
