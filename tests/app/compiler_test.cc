// SPDX-License-Identifier: Apache-2.0
//
// Which files are sources, which compiler is taken, and what is said when there is none? The
// compilers are scripts that say their name.
#include "app/compiler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/temp_dir.h"

namespace hookhost::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(SourceFile, IsToldByWhatItsNameEndsIn) {
  for (const char* name : {"a.cpp", "a.cc", "a.cxx", "a.b.cc"})
    EXPECT_EQ(language_of(name), Language::kCxx) << name;
  EXPECT_EQ(language_of("a.c"), Language::kC);
  for (const char* name :
       {"", "a", "cc", "a.so", "a.h", "a.cc~", "a.cc.tmp", ".a.cc", ".cc", "#a.cc#"})
    EXPECT_EQ(language_of(name), std::nullopt) << name;
}

TEST(SourceFile, MayHaveHeadersBesideIt) {
  for (const char* name : {"a.h", "a.hpp"}) EXPECT_TRUE(is_header(name)) << name;
  for (const char* name : {"a.cc", "a.h~", ".a.h", "h", "a.hppx"})
    EXPECT_FALSE(is_header(name)) << name;
}

class FindCompiler : public ::testing::Test {
 protected:
  std::string install(std::string_view name, unsigned mode = 0700) const {
    const std::string text = "#!/bin/sh\necho I am " + std::string(name) + " $1\n";
    return folder_.write(name, text, mode);
  }
  Environment environment(Environment more = {}) const {
    more["PATH"] = "/nonexistent::" + folder_.path().native();
    return more;
  }
  test::TempDir folder_;
};

TEST_F(FindCompiler, TakesTheFirstOnThePath) {
  const std::string last = install("clang++");
  EXPECT_EQ(find_compiler(Language::kCxx, environment())->program, CommandLine{last});
  const std::string second = install("g++");
  EXPECT_EQ(find_compiler(Language::kCxx, environment())->program, CommandLine{second});
  const std::string first = install("c++");
  EXPECT_EQ(find_compiler(Language::kCxx, environment())->program, CommandLine{first});
  const std::string c = install("gcc");
  EXPECT_EQ(find_compiler(Language::kC, environment())->program, CommandLine{c});
}

TEST_F(FindCompiler, AsksItWhatItIs) {
  install("clang++");

  const auto compiler = find_compiler(Language::kCxx, environment());

  EXPECT_EQ(compiler->version, "I am clang++ --version\n");
  EXPECT_TRUE(compiler->is_clang());
  install("g++");
  EXPECT_FALSE(find_compiler(Language::kCxx, environment())->is_clang());
}

TEST_F(FindCompiler, PassesOverWhatCannotBeRun) {
  install("c++", 0600);
  const std::string runs = install("g++");

  EXPECT_EQ(find_compiler(Language::kCxx, environment())->program, CommandLine{runs});
}

TEST_F(FindCompiler, TakesTheEnvironmentsWordsBeforeThePath) {
  install("c++");
  const std::string named = install("ccache");

  const auto compiler = find_compiler(Language::kCxx, environment({{"CXX", " ccache  my-g++\t"},
                                                                   {"CXXFLAGS", "-O3 -DA=\"b\""},
                                                                   {"CFLAGS", "-O0"},
                                                                   {"LDFLAGS", "-lcurl"}}));

  EXPECT_THAT(compiler->program, ElementsAre(named, "my-g++"));
  EXPECT_THAT(compiler->flags, ElementsAre("-O3", "-DA=\"b\""));
  EXPECT_THAT(compiler->link_flags, ElementsAre("-lcurl"));
}

TEST_F(FindCompiler, SaysWhatIsMissingAndWhatToInstall) {
  const auto none = find_compiler(Language::kCxx, environment());
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(none.error().message,
            "there is no C++ compiler: none of c++, g++, clang++ is on the PATH");
  EXPECT_THAT(none.error().fix, HasSubstr("apt install g++"));

  install("c++");
  const auto named = find_compiler(Language::kCxx, environment({{"CXX", "/nonexistent/g++"}}));
  ASSERT_FALSE(named);
  EXPECT_EQ(named.error().message, "CXX: there is no program /nonexistent/g++");
  EXPECT_THAT(find_compiler(Language::kC, environment()).error().fix, HasSubstr("apt install gcc"));
}

}  // namespace
}  // namespace hookhost::app
