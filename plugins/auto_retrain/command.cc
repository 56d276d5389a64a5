// SPDX-License-Identifier: Apache-2.0
#include "command.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <vector>

namespace {

std::vector<std::string> environment_for(const std::string& dataset, const std::string& commit) {
  std::vector<std::string> variables{"DATASET=" + dataset, "COMMIT=" + commit};
  for (const char* name : {"PATH", "HOME", "LANG", "TMPDIR"}) {
    if (const char* value = std::getenv(name)) variables.push_back(std::string(name) + "=" + value);
  }
  return variables;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Signals as at the start of a program, whatever this thread of the host blocks.
struct Attributes {
  Attributes() {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&value);
    posix_spawnattr_setpgroup(&value, 0);
    posix_spawnattr_setsigmask(&value, &none);
    posix_spawnattr_setsigdefault(&value, &all);
    posix_spawnattr_setflags(
        &value, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~Attributes() { posix_spawnattr_destroy(&value); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;
  posix_spawnattr_t value;
};

// Standard output is the host's log.
struct Streams {
  Streams() {
    posix_spawn_file_actions_init(&value);
    posix_spawn_file_actions_addopen(&value, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&value, 2, 1);
  }
  ~Streams() { posix_spawn_file_actions_destroy(&value); }
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;
  posix_spawn_file_actions_t value;
};

}  // namespace

pid_t start_command(const std::string& command, const std::string& dataset,
                    const std::string& commit) {
  std::vector<std::string> words{command, dataset, commit};
  std::vector<std::string> variables = environment_for(dataset, commit);
  const Attributes attributes;
  const Streams streams;
  pid_t pid = 0;
  const int failed = posix_spawn(&pid, command.c_str(), &streams.value, &attributes.value,
                                 pointers_to(words).data(), pointers_to(variables).data());
  if (failed != 0) throw std::runtime_error(command + ": " + std::strerror(failed));
  return pid;
}

std::optional<std::string> end_of(pid_t pid) {
  int status = 0;
  const pid_t ended = waitpid(pid, &status, WNOHANG);
  if (ended == 0) return std::nullopt;
  if (ended < 0) return "ended";  // its exit code went to somebody else
  if (WIFEXITED(status)) return "ended with exit code " + std::to_string(WEXITSTATUS(status));
  return "ended by signal " + std::to_string(WTERMSIG(status));
}
