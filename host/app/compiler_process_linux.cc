// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "app/compiler_process.h"
#include "base/spawn_plan.h"
#include "base/text.h"

namespace hookhost::app {

Result<CompilerProcess> CompilerProcess::start(const std::vector<std::string>& command,
                                               const std::filesystem::path& folder) {
  const auto cannot = [&](int error) {
    return Error{ErrorCode::kUnavailable,
                 fmt::format("cannot start {}: {}", printable(command[0]),
                             std::generic_category().message(error)),
                 {}};
  };
  const UniqueFd nothing = moved_up(UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)));
  auto output = make_child_pipe();
  if (!nothing || !output) return cannot(errno);
  CompilerProcess compiler;
  SpawnPlan plan;
  plan.give(nothing);
  plan.give(output->write);
  plan.give(output->write);
  plan.go_to(folder);
  if (const int error = plan.run(command, compiler.pid_); error != 0) return cannot(error);
  compiler.output_ = std::move(output->read);
  compiler.process_ =
      UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, compiler.pid_, 0)));  // as ProbeChild
  if (compiler.process_) return compiler;
  const int error = errno;
  kill_child(compiler.pid_);
  wait_for_end(compiler.pid_);
  return cannot(error);
}

CompilerProcess::~CompilerProcess() {
  if (!process_) return;  // moved from, or waited for
  kill_child(pid_);
  wait_for_end(pid_);
}

void CompilerProcess::read() {
  drain(output_, [this](std::string_view bytes) {
    text_ +=
        bytes.substr(0, kCompilerOutputBytesMax - std::min(kCompilerOutputBytesMax, text_.size()));
  });
}

bool CompilerProcess::wait() {
  const int status = wait_for_end(pid_);
  process_.reset();
  read();  // what came since the last look
  if (WIFEXITED(status)) return WEXITSTATUS(status) == 0;
  text_ += fmt::format("the compiler was ended by signal {} ({})\n", WTERMSIG(status),
                       ::strsignal(WTERMSIG(status)));
  return false;
}

}  // namespace hookhost::app
