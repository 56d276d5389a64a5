// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include <cerrno>

#include "base/spawn_plan.h"

extern char** environ;  // NOLINT: POSIX declares it nowhere

namespace hookhost {

SpawnPlan::SpawnPlan() {
  ::posix_spawn_file_actions_init(&actions_);
  ::posix_spawnattr_init(&attributes_);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes_, &none);
  ::posix_spawnattr_setsigdefault(&attributes_, &all);
  ::posix_spawnattr_setpgroup(&attributes_, 0);
  ::posix_spawnattr_setflags(
      &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
}

SpawnPlan::~SpawnPlan() {
  ::posix_spawn_file_actions_destroy(&actions_);
  ::posix_spawnattr_destroy(&attributes_);
}

void SpawnPlan::give(const UniqueFd& fd) {
  ::posix_spawn_file_actions_adddup2(&actions_, fd.get(), given_++);
}

void SpawnPlan::go_to(const std::filesystem::path& folder) {
  ::posix_spawn_file_actions_addchdir_np(&actions_, folder.c_str());
}

int SpawnPlan::run(std::vector<std::string> words, pid_t& pid) {
  ::posix_spawn_file_actions_addclosefrom_np(&actions_, given_);
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return ::posix_spawn(&pid, pointers[0], &actions_, &attributes_, pointers.data(), environ);
}

UniqueFd moved_up(UniqueFd fd) {
  constexpr int kFirstFree = 10;
  return UniqueFd(::fcntl(fd.get(), F_DUPFD_CLOEXEC, kFirstFree));
}

std::optional<ChildPipe> make_child_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  ChildPipe pipe{UniqueFd(ends[0]), moved_up(UniqueFd(ends[1]))};
  ::fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK);
  if (!pipe.write) return std::nullopt;
  return pipe;
}

int wait_for_end(pid_t pid) noexcept {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  ::kill(-pid, SIGKILL);
  return status;
}

void kill_child(pid_t pid) noexcept {
  ::kill(-pid, SIGKILL);
  ::kill(pid, SIGKILL);  // when it has left its group
}

}  // namespace hookhost
