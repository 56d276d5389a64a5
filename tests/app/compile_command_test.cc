// SPDX-License-Identifier: Apache-2.0
//
// Do the command lines make the plugin that hookhost_add_plugin makes, with what the user says
// last, and is the SDK found where it is installed?
#include "app/compile_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>

namespace hookhost::app {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsSubsetOf;
using ::testing::Not;

const Sdk kSdk{"/sdk/include", "/sdk/plugin.map"};
const Compiler kGcc{.program = {"/bin/g++"}, .version = "g++ (Debian 12.2.0-14) 12.2.0"};
const Compiler kClang{.program = {"/bin/clang++"}, .version = "Debian clang version 14.0.6"};

CommandLine compiled(const Compiler& compiler, Language language = Language::kCxx) {
  return compile_command(compiler, language, kSdk, {}, "a.cpp", "/stage/0.o");
}

TEST(CompileCommand, IsThatOfAPluginInCxx20) {
  EXPECT_THAT(compiled(kGcc),
              ElementsAre("/bin/g++", "-std=c++20", "-O1", "-g", "-pipe", "-fPIC",
                          "-fvisibility=hidden", "-fvisibility-inlines-hidden", "-fno-gnu-unique",
                          "-isystem", "/sdk/include", "-c", "a.cpp", "-o", "/stage/0.o"));
}

TEST(CompileCommand, OfCIsC11WithoutWhatOnlyCxxHas) {
  EXPECT_THAT(
      compiled({.program = {"/bin/gcc"}}, Language::kC),
      ElementsAre("/bin/gcc", "-std=c11", "-O1", "-g", "-pipe", "-fPIC", "-fvisibility=hidden",
                  "-isystem", "/sdk/include", "-c", "a.cpp", "-o", "/stage/0.o"));
}

TEST(CompileCommand, SparesClangTheOptionThatItDoesNotKnow) {
  EXPECT_THAT(compiled(kClang), Not(Contains("-fno-gnu-unique")));
}

TEST(CompileCommand, LetsTheUsersFlagsWin) {
  Compiler compiler = kGcc;
  compiler.program = {"/bin/ccache", "g++"};
  compiler.flags = {"-O3", "-I", "include"};

  const CommandLine command = compiled(compiler);

  EXPECT_EQ(command[0], "/bin/ccache");
  EXPECT_EQ(command[1], "g++");
  const auto ours = std::find(command.begin(), command.end(), "-O1");
  EXPECT_NE(std::find(ours, command.end(), "-O3"), command.end());
}

TEST(CompileCommand, LooksForPrecompiledHeadersBeforeTheSdk) {
  const CommandLine command =
      compile_command(kGcc, Language::kCxx, kSdk, "/cache/1234", "a.cpp", "/stage/0.o");

  const auto cache = std::find(command.begin(), command.end(), "/cache/1234");
  ASSERT_NE(cache, command.end());
  EXPECT_EQ(*(cache - 1), "-isystem");
  EXPECT_EQ(*(cache + 1), "-isystem");
  EXPECT_EQ(*(cache + 2), "/sdk/include");
}

TEST(CompileCommand, OfALibraryPutsTheUsersLibrariesBehindTheObjects) {
  Compiler compiler = kGcc;
  compiler.link_flags = {"-lcurl"};

  EXPECT_THAT(
      link_command(compiler, kSdk, {"/stage/0.o", "/stage/1.o"}, "/stage/linked"),
      ElementsAre("/bin/g++", "-shared", "-Wl,--version-script=/sdk/plugin.map", "-Wl,-z,defs",
                  "-Wl,-z,now", "-Wl,-z,relro", "-Wl,--build-id", "-Wl,--exclude-libs,ALL",
                  "/stage/0.o", "/stage/1.o", "-lcurl", "-o", "/stage/linked"));
}

TEST(CompileCommand, PrecompilesWithTheFlagsOfItsUser) {
  Compiler compiler = kGcc;
  compiler.flags = {"-O3"};
  const CommandLine user = compiled(compiler);

  const CommandLine command = precompile_command(compiler, kSdk, "/cache/h.gch");

  for (const std::string& word : command) {
    if (!word.starts_with("-") || word == "-x") continue;
    EXPECT_THAT(user, Contains(word));
  }
  EXPECT_THAT(command, Contains("/sdk/include/hookhost/hookhost.hpp"));
}

// Two lists of the same flags drift apart unless somebody compares them.
TEST(CompileCommand, HasEveryFlagOfHookhostAddPlugin) {
  std::ifstream file(SOURCE_ROOT "/sdk/cmake/HookhostPlugin.cmake");
  const std::string cmake{std::istreambuf_iterator<char>(file), {}};
  const std::regex flag("-(Wl,|f)[a-z-]+[a-zA-Z,=-]*");
  std::set<std::string> wanted{"-g", "-fPIC", "-fvisibility=hidden", "-fvisibility-inlines-hidden"};
  for (std::sregex_iterator at(cmake.begin(), cmake.end(), flag), end; at != end; ++at)
    wanted.insert(at->str());
  EXPECT_GE(wanted.size(), 11u);

  CommandLine all = compiled(kGcc);
  for (const std::string& word : link_command(kGcc, {{}, "plugin.map"}, {}, "a.so"))
    all.push_back(word == "-Wl,--version-script=plugin.map" ? "-Wl,--version-script=" : word);
  EXPECT_THAT(wanted, IsSubsetOf(all));
}

TEST(SdkPlace, IsBesideTheProgram) {
  const Sdk sdk = sdk_of("/opt/hookhost/bin/hookhost");

  EXPECT_EQ(sdk.include, "/opt/hookhost/include");
  EXPECT_EQ(sdk.map, "/opt/hookhost/share/cmake/hookhost/plugin.map");
}

}  // namespace
}  // namespace hookhost::app
