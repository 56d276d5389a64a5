// SPDX-License-Identifier: Apache-2.0
#include "app/compiler.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "app/compiler_process.h"
#include "base/text.h"

namespace hookhost::app {
namespace {

namespace fs = std::filesystem;

struct SuffixRow {
  std::string_view suffix;
  Language language;
};
constexpr SuffixRow kSuffixes[] = {{".cpp", Language::kCxx},
                                   {".cc", Language::kCxx},
                                   {".cxx", Language::kCxx},
                                   {".c", Language::kC}};

struct LanguageRow {
  std::string_view name, variable, flags_variable;
  std::string_view programs[3];  // in the order in which they are tried
  std::string_view package;      // Debian's
};
// In the order of Language.
constexpr LanguageRow kLanguages[] = {{"C++", "CXX", "CXXFLAGS", {"c++", "g++", "clang++"}, "g++"},
                                      {"C", "CC", "CFLAGS", {"cc", "gcc", "clang"}, "gcc"}};

CommandLine words_of(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\n";
  CommandLine words;
  for (auto begin = text.find_first_not_of(kBlanks); begin != text.npos;) {
    const auto end = std::min(text.find_first_of(kBlanks, begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(kBlanks, end);
  }
  return words;
}

bool is_program(const fs::path& file) {
  std::error_code ignored;
  return fs::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0;
}

// As a shell finds it; empty: there is none.
fs::path find_program(std::string_view name, std::string_view search_path) {
  if (name.find('/') != name.npos) return is_program(name) ? fs::path(name) : fs::path();
  while (!search_path.empty()) {
    const auto end = std::min(search_path.find(':'), search_path.size());
    const fs::path file = fs::path(search_path.substr(0, end)) / name;
    if (is_program(file)) return file;
    search_path.remove_prefix(std::min(end + 1, search_path.size()));
  }
  return {};
}

std::string version_of(const Compiler& compiler) {
  CommandLine command = compiler.program;
  command.emplace_back("--version");
  auto process = CompilerProcess::start(command, fs::current_path());
  if (!process) return {};
  static_cast<void>(process->wait());
  return process->output();
}

}  // namespace

std::optional<Language> language_of(std::string_view file_name) noexcept {
  if (file_name.starts_with('.')) return std::nullopt;
  for (const SuffixRow& row : kSuffixes) {
    if (file_name.ends_with(row.suffix)) return row.language;
  }
  return std::nullopt;
}

bool is_header(std::string_view file_name) noexcept {
  return !file_name.starts_with('.') && (file_name.ends_with(".h") || file_name.ends_with(".hpp"));
}

Result<Compiler> find_compiler(Language language, const Environment& environment) {
  const LanguageRow& row = kLanguages[static_cast<std::size_t>(language)];
  const std::string_view search_path = variable(environment, "PATH");
  Compiler compiler{.program = words_of(variable(environment, row.variable)),
                    .flags = words_of(variable(environment, row.flags_variable)),
                    .link_flags = words_of(variable(environment, "LDFLAGS"))};
  if (!compiler.program.empty()) {
    const fs::path named = find_program(compiler.program[0], search_path);
    if (named.empty()) {
      return Error{
          ErrorCode::kNotFound,
          fmt::format("{}: there is no program {}", row.variable, printable(compiler.program[0])),
          fmt::format("unset {}, or apt install {}", row.variable, row.package)};
    }
    compiler.program[0] = named.native();
    compiler.version = version_of(compiler);
    return compiler;
  }
  for (const std::string_view name : row.programs) {
    const fs::path found = find_program(name, search_path);
    if (found.empty()) continue;
    compiler.program.push_back(found.native());
    compiler.version = version_of(compiler);
    return compiler;
  }
  return Error{ErrorCode::kNotFound,
               fmt::format("there is no {} compiler: none of {} is on the PATH", row.name,
                           fmt::join(row.programs, ", ")),
               fmt::format("apt install {}, or set {}", row.package, row.variable)};
}

}  // namespace hookhost::app
