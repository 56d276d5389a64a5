// SPDX-License-Identifier: Apache-2.0
//
// Do the shells accept the scripts, and do they complete what exists?
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <sstream>

#include "cli/command_line.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

namespace hookhost::cli {
namespace {

using test::TempDir;
using testing::HasSubstr;

std::string script(const std::string& shell) {
  const test::FakeClock clock;
  std::ostringstream out, err;
  World world{out, err, {}, {}, {}, clock};
  EXPECT_EQ(run({"completion", shell}, world), ExitCode::kDone) << err.str();
  return out.str();
}

struct Shell {
  int status = -1;
  std::string out;
};

Shell run_shell(const std::string& command) {
  Shell result;
  std::FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return result;
  std::array<char, 4096> buffer;
  while (const std::size_t got = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    result.out.append(buffer.data(), got);
  }
  result.status = ::pclose(pipe);
  return result;
}

bool has_shell(const std::string& name) { return run_shell("command -v " + name).status == 0; }

// What bash offers for the last of these words.
std::string bash_offers(const TempDir& folder, const std::string& words) {
  const auto file = folder.write("completion.bash", script("bash"));
  const Shell shell = run_shell("bash -c 'source " + file.native() + "; complete -p hookhost; " +
                                "COMP_WORDS=(" + words +
                                "); COMP_CWORD=$((${#COMP_WORDS[@]}-1)); _hookhost; "
                                "echo \"${COMPREPLY[@]}\"'");
  EXPECT_EQ(shell.status, 0) << shell.out;
  return shell.out;
}

TEST(Completion, IsAcceptedByBash) {
  const TempDir folder;
  const auto file = folder.write("completion.bash", script("bash"));
  const Shell shell = run_shell("bash -n " + file.native());
  EXPECT_EQ(shell.status, 0) << shell.out;
}

TEST(Completion, OffersCommandsOptionsAndChoicesInBash) {
  const TempDir folder;
  EXPECT_THAT(bash_offers(folder, "hookhost ser"), HasSubstr("serve"));
  EXPECT_THAT(bash_offers(folder, "hookhost serve --plu"), HasSubstr("--plugins"));
  EXPECT_THAT(bash_offers(folder, "hookhost serve --log-format j"), HasSubstr("json journald"));
  EXPECT_THAT(bash_offers(folder, "hookhost completion f"), HasSubstr("fish"));
}

TEST(Completion, IsAcceptedByZshAndFishWhereTheyAre) {
  const TempDir folder;
  for (const std::string shell : {"zsh", "fish"}) {
    const std::string text = script(shell);
    for (const Command& command : commands()) {
      if (!command.is_hidden) {
        EXPECT_THAT(text, HasSubstr(std::string(command.name))) << shell;
      }
    }
    if (!has_shell(shell)) continue;
    const auto file = folder.write("completion." + shell, text);
    const Shell checked = run_shell(shell + " -n " + file.native());
    EXPECT_EQ(checked.status, 0) << checked.out;
  }
}

}  // namespace
}  // namespace hookhost::cli
