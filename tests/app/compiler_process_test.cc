// SPDX-License-Identifier: Apache-2.0
//
// Is a compiler's output taken whole up to its limit, its end judged, and nothing of it left
// running when it is given up? A shell is the compiler.
#include "app/compiler_process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>

#include "support/temp_dir.h"

namespace hookhost::app {
namespace {

using ::testing::HasSubstr;

class CompilerProcessTest : public ::testing::Test {
 protected:
  CompilerProcess start(std::string_view script) const {
    auto process = CompilerProcess::start({"/bin/sh", "-c", std::string(script)}, folder_.path());
    EXPECT_TRUE(process);
    return *std::move(process);
  }
  static void read_to_the_end(CompilerProcess& process) {
    while (process.output_fd() >= 0) {
      pollfd ready{process.output_fd(), POLLIN, 0};
      ::poll(&ready, 1, -1);
      process.read();
    }
  }
  test::TempDir folder_;
};

TEST_F(CompilerProcessTest, GivesBothStreamsAndItsSuccess) {
  CompilerProcess process = start("echo out; echo err >&2; pwd; cat");
  read_to_the_end(process);

  EXPECT_TRUE(process.wait());
  EXPECT_EQ(process.output(), "out\nerr\n" + folder_.path().native() + "\n");
}

TEST_F(CompilerProcessTest, EveryExitCodeButZeroIsAFailure) {
  EXPECT_FALSE(start("exit 1").wait());
  EXPECT_TRUE(start("exit 0").wait());
}

TEST_F(CompilerProcessTest, NamesTheSignalThatEndedIt) {
  CompilerProcess process = start("kill -SEGV $$");

  EXPECT_FALSE(process.wait());
  EXPECT_THAT(process.output(), HasSubstr("ended by signal 11 (Segmentation fault)"));
}

TEST_F(CompilerProcessTest, DropsOutputBeyondItsLimitAndGoesOnReading) {
  for (const std::size_t bytes :
       {kCompilerOutputBytesMax, kCompilerOutputBytesMax + 1, std::size_t{1024 * 1024}}) {
    CompilerProcess process = start("head -c " + std::to_string(bytes) + " /dev/zero");
    read_to_the_end(process);

    EXPECT_TRUE(process.wait());
    EXPECT_EQ(process.output().size(), kCompilerOutputBytesMax);
  }
}

// Who is killed lets go of its end of the pipe; the test's own limit is the limit.
TEST_F(CompilerProcessTest, TakesWhatItHasStartedWithItWhenItIsGivenUp) {
  const std::string pipe = folder_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const UniqueFd end(::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  pollfd ended{end.get(), POLLIN, 0};
  {
    CompilerProcess process = start("exec 3> pipe; tail -f /dev/null & echo started; wait");
    pollfd ready{process.output_fd(), POLLIN, 0};
    ASSERT_EQ(::poll(&ready, 1, -1), 1);
    EXPECT_EQ(::poll(&ended, 1, 0), 0);
  }

  ASSERT_EQ(::poll(&ended, 1, -1), 1);
  EXPECT_EQ(ended.revents, POLLHUP);
}

TEST_F(CompilerProcessTest, ThatCannotStartIsAnError) {
  const auto process = CompilerProcess::start({"/nonexistent/g++"}, folder_.path());

  ASSERT_FALSE(process);
  EXPECT_EQ(process.error().message, "cannot start /nonexistent/g++: No such file or directory");
}

}  // namespace
}  // namespace hookhost::app
