// SPDX-License-Identifier: Apache-2.0
//
// Does a source that is saved serve from then on, does the last save win, and does one that does
// not compile change nothing but the log? Answers say which text they were built from.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "e2e/live_host.h"
#include "support/rest.h"
#include "support/temp_dir.h"

namespace hookhost::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

namespace fs = std::filesystem;

// A compiler on a machine that does much else, and one more for a header to precompile.
constexpr std::chrono::seconds kBuildLimit{100};

// A plugin whose POST /webhooks/say answers with the text.
std::string handler(std::string_view text) {
  return fmt::format(
      "#include <hookhost/hookhost.hpp>\n"
      "HOOKHOST_PLUGIN(\"say\", \"1.0.0\");\n"
      "static std::string say() {{ return \"{}\"; }}\n"
      "HOOKHOST_ROUTE(say, \"\");\n",
      text);
}
// The same with a mistake in line 3.
std::string broken_handler() {
  std::string text = handler("broken");
  return text.replace(text.find("std::string say"), 11, "std::strin");
}

class RunSource : public ::testing::Test {
 protected:
  RunSource() {
    config_ = folder_.write("hookhost.toml", "[swap]\nsettle = \"5ms\"\n");
    file_ = folder_.write("handler.cc", handler("one"));
  }

  // Without a cache, unless the test has one, so that every build is alike.
  static Environment environment(Environment more = {}) {
    more.insert({"XDG_CACHE_HOME", "/dev/null/no-folder"});
    return more;
  }
  void run(const fs::path& source, Environment more = {}, std::vector<std::string> arguments = {}) {
    library_ = (source.has_filename() ? source.stem() : source.parent_path().filename()).native();
    library_ += ".so";
    arguments.insert(arguments.begin(), {"run", source, "--config", config_});
    host_.emplace(std::move(arguments), environment(std::move(more)));
  }
  std::string answer() const { return host_->post("/webhooks/say", "{}").body; }
  // Asks until the answer is that; the test's own limit is the limit.
  void wait_for(std::string_view text) const {
    while (answer() != fmt::format("\"{}\"", text)) test::rest();
  }
  // A whole file at once.
  void save(std::string_view text, std::string_view name = "handler.cc") const {
    fs::rename(folder_.write("saved.tmp", text), folder_ / name);
  }
  bool wait_for_generation(int number) {
    return wait_for_line(
        fmt::format(R"("msg":"plugin live","plugin":"{}","generation":{},)", library_, number));
  }
  bool wait_for_line(std::string_view text) {
    return host_->process().wait_for_output(text, kBuildLimit);
  }

  // A compiler that tells its process in "<folder>/stuck" and hangs when handler.cc says "stuck".
  // CXX for it.
  Environment compiler_that_hangs() const {
    const fs::path file = folder_.write("slow-c++",
                                        fmt::format("#!/bin/sh\n"
                                                    "if grep -q stuck {0}/handler.cc; then\n"
                                                    "  echo $$ > {0}/stuck.tmp\n"
                                                    "  mv {0}/stuck.tmp {0}/stuck\n"
                                                    "  exec tail -f /dev/null\n"
                                                    "fi\n"
                                                    "exec c++ \"$@\"\n",
                                                    folder_.path().native()),
                                        0700);
    return {{"CXX", file}};
  }
  // Waits until it hangs: the folder of its process.
  fs::path wait_until_stuck() const {
    while (!fs::exists(folder_ / "stuck")) test::rest();
    std::string pid;
    std::ifstream(folder_ / "stuck") >> pid;
    return fs::path("/proc") / pid;
  }

  test::TempDir folder_;
  fs::path config_, file_;
  std::string library_;
  std::optional<LiveHost> host_;
};

TEST_F(RunSource, IsBuiltAndServed) {
  run(file_);

  EXPECT_EQ(answer(), R"("one")");
  EXPECT_THAT(host_->output(), HasSubstr(R"("msg":"built","plugin":"handler.so","dur_s":)"));
  EXPECT_THAT(host_->output(), HasSubstr(R"("plugins":[{"file":"handler.so","generation":1}])"));
}

TEST_F(RunSource, IsServedAlsoWhereTheGroupMayWriteNewFiles) {
  const mode_t before = ::umask(0002);
  run(file_);
  ::umask(before);

  EXPECT_EQ(answer(), R"("one")");
}

TEST_F(RunSource, ASaveIsTheNextGenerationHoweverTheEditorSaves) {
  run(file_);

  folder_.write("handler.cc", handler("in place"));
  wait_for("in place");
  folder_.write(".handler.cc.swp", handler("renamed"));
  fs::rename(folder_ / ".handler.cc.swp", file_);
  wait_for("renamed");
  fs::rename(file_, folder_ / "handler.cc~");
  folder_.write("handler.cc", handler("made anew"));
  wait_for("made anew");
}

TEST_F(RunSource, AnErrorNamesItsLineAndTheBuildBeforeStays) {
  run(file_);

  save(broken_handler());

  ASSERT_TRUE(wait_for_line(R"("msg":"build failed","plugin":"handler.so","generation":1,)"));
  EXPECT_THAT(host_->output(), HasSubstr("handler.cc:3:"));
  EXPECT_EQ(answer(), R"("one")");

  save(handler("repaired"));
  ASSERT_TRUE(wait_for_generation(2));
  EXPECT_EQ(answer(), R"("repaired")");
}

TEST_F(RunSource, ATerminalShowsTheCompilersLinesBelow) {
  run(file_, {}, {"--log-format", "pretty"});
  EXPECT_THAT(host_->output(), ::testing::StartsWith("  built handler.so   "));

  save(broken_handler());

  ASSERT_TRUE(wait_for_line("  x   build failed, gen 1 stays\n"));
  EXPECT_TRUE(wait_for_line(fmt::format("\n            {}:3:", file_.native())));
}

TEST_F(RunSource, AnErrorAtTheStartEndsWith1AndTheLine) {
  folder_.write("handler.cc", broken_handler());

  const auto result =
      hookhost({"run", file_, "--config", config_, "--log-format", "pretty"}, environment());

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("  x   build failed\n"));
  EXPECT_THAT(result.out, HasSubstr("handler.cc:3:"));
}

TEST_F(RunSource, WhatALibraryLacksIsSaidWhenItIsLinked) {
  folder_.write("handler.cc", "void train_model();\n" + handler("\", (train_model(), \"\"), \""));

  const auto result = hookhost({"run", file_, "--config", config_}, environment());

  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, HasSubstr("train_model"));
}

TEST_F(RunSource, OfAFolderEverySourceAndHeaderCounts) {
  const std::string source = handler("");
  folder_.write("bot/say.cc", source.substr(0, source.find("static std::string")) +
                                  "#include \"text.h\"\n"
                                  "static std::string say() { return text(); }\n"
                                  "HOOKHOST_ROUTE(say, \"\");\n");
  folder_.write("bot/text.h", "extern \"C\" const char* text();\n#define TEXT \"one\"\n");
  folder_.write("bot/text.cc", "#include \"text.h\"\nconst char* text() { return TEXT; }\n");
  run(folder_ / "bot/");
  EXPECT_EQ(answer(), R"("one")");

  save("extern \"C\" const char* text();\n#define TEXT \"two\"\n", "bot/text.h");
  ASSERT_TRUE(wait_for_generation(2));
  EXPECT_EQ(answer(), R"("two")");
  save("const char* text(void) { return \"of C\"; }\n", "bot/new.c");
  ASSERT_TRUE(wait_for_line(R"("msg":"build failed","plugin":"bot.so")"));  // two of that name
  fs::remove(folder_ / "bot/text.cc");
  ASSERT_TRUE(wait_for_generation(3));
  EXPECT_EQ(answer(), R"("of C")");
}

TEST_F(RunSource, AHandlerInCIsBuiltAsC) {
  const fs::path source = folder_ / "echo.c";
  fs::copy_file(fs::path(SOURCE_ROOT) / "plugins/echo/echo.c", source);
  run(source, {{"CXX", "/nonexistent"}});

  EXPECT_EQ(host_->post("/webhooks/echo", "[1]").body, "[1]");
}

TEST_F(RunSource, ANewerSaveEndsABuildThatRuns) {
  run(file_, compiler_that_hangs());

  save(handler("stuck"));
  const fs::path compiler = wait_until_stuck();
  save(handler("last"));

  ASSERT_TRUE(wait_for_generation(2));
  EXPECT_EQ(answer(), R"("last")");
  EXPECT_FALSE(fs::exists(compiler));
  EXPECT_THAT(host_->output(), Not(HasSubstr("build failed")));
}

TEST_F(RunSource, TheEndEndsABuildThatRunsAndLeavesNoFile) {
  const fs::path stage = folder_ / "stage";
  folder_.write("hookhost.toml", fmt::format("stage = \"{}\"\n", stage.native()));
  run(file_, compiler_that_hangs());
  save(handler("stuck"));
  const fs::path compiler = wait_until_stuck();
  EXPECT_FALSE(fs::is_empty(stage));

  host_->end();

  EXPECT_FALSE(fs::exists(compiler));
  EXPECT_TRUE(fs::is_empty(stage));
}

TEST_F(RunSource, TheUsersFlagsCount) {
  folder_.write("handler.cc", "#include \"word.h\"\n" + handler("\" WORD \""));
  folder_.write("include/word.h", "");
  run(file_, {{"CXXFLAGS", fmt::format(" -DWORD=FLAG  -I{}", (folder_ / "include").native()) +
                               " -DFLAG=\"of_the_flags\""}});

  EXPECT_EQ(answer(), R"("of_the_flags")");
}

TEST_F(RunSource, ACompilerThatIsNotThereIsNamedWithWhatToInstall) {
  const auto result = hookhost({"run", file_, "--config", config_, "--log-format", "pretty"},
                               environment({{"CXX", "/nonexistent/g++"}}));

  EXPECT_EQ(result.exit_code, 78);
  EXPECT_THAT(result.err, HasSubstr("error: CXX: there is no program /nonexistent/g++\n"));
  EXPECT_THAT(result.err, HasSubstr("apt install g++"));
}

TEST_F(RunSource, WhatIsNeitherSourceNorLibraryIsAWrongUse) {
  folder_.write("empty/readme.txt", "");

  EXPECT_EQ(hookhost({"run", folder_ / "empty/readme.txt"}).exit_code, 2);
  EXPECT_EQ(hookhost({"run", folder_ / "none.cc"}).exit_code, 2);
  const auto result = hookhost({"run", folder_ / "empty", "--config", config_}, environment());
  EXPECT_EQ(result.exit_code, 78);
  EXPECT_THAT(result.out, HasSubstr("holds no source"));
}

TEST_F(RunSource, NothingIsBuiltAgainWhenTheOperatorDoesNotWantIt) {
  folder_.write("hookhost.toml", "[swap]\nwatch = false\n");
  run(file_);

  // Nothing to wait for: the only descriptor that could tell is not there.
  bool has_inotify = false;
  const auto fds = fmt::format("/proc/{}/fd", host_->process().pid());
  for (const auto& fd : fs::directory_iterator(fds))
    has_inotify |= fs::read_symlink(fd.path()).native().find("inotify") != std::string::npos;
  EXPECT_FALSE(has_inotify);
  EXPECT_EQ(answer(), R"("one")");
}

TEST_F(RunSource, AnInstalledProgramFindsTheSdkBesideIt) {
  const std::string prefix = folder_ / "prefix";
  const auto install = [&](const char* component) {
    return test::run_process(
        {CMAKE_COMMAND, "--install", BUILD_ROOT, "--component", component, "--prefix", prefix});
  };
  ASSERT_EQ(install("host").exit_code, 0);
  const std::string program = prefix + "/bin/hookhost";

  const auto alone = test::run_process({program, "run", file_}, environment());
  EXPECT_EQ(alone.exit_code, 78);
  EXPECT_THAT(alone.out, HasSubstr("the SDK is not installed beside hookhost: there is no " +
                                   prefix + "/include/hookhost/hookhost.hpp"));

  ASSERT_EQ(install("sdk").exit_code, 0);
  host_.emplace(std::vector<std::string>{"run", file_, "--config", config_}, environment(),
                program);
  EXPECT_EQ(answer(), R"("one")");
}

// -H has g++ name what it reads, and a header that was precompiled with a "!".
TEST_F(RunSource, TheHeaderIsPrecompiledOnceAndReadFromTheCache) {
  const fs::path cache = folder_ / "cache";
  const Environment wanted{{"XDG_CACHE_HOME", cache}, {"CXX", "g++"}, {"CXXFLAGS", "-H"}};
  run(file_, wanted);
  EXPECT_THAT(host_->output(), Not(HasSubstr("! ")));
  const auto is_there = [&] {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(cache / "hookhost", ignored))
      if (!entry.path().has_extension()) return true;  // ".4711": being made
    return false;
  };
  while (!is_there()) test::rest();

  save(handler("two"));

  ASSERT_TRUE(wait_for_line(fmt::format("! {}/hookhost/", cache.native())));
  ASSERT_TRUE(wait_for_generation(2));
  EXPECT_EQ(answer(), R"("two")");
  host_->end();
  run(file_, wanted);
  EXPECT_EQ(answer(), R"("two")");
  EXPECT_THAT(host_->output(), HasSubstr(fmt::format("! {}/hookhost/", cache.native())));
}

}  // namespace
}  // namespace hookhost::e2e
