// SPDX-License-Identifier: Apache-2.0
//
// SpawnPlan: how a child process begins: with the descriptors that it is given and no other, no
// signal blocked, ignored or handled, in a process group of its own, so that whatever it starts can
// be ended with it. One thread at a time.
#pragma once

#include <spawn.h>
#include <sys/types.h>

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"

namespace hookhost {

class SpawnPlan {
 public:
  SpawnPlan();
  ~SpawnPlan();
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  // The child's descriptor 0, 1, 2 ... in this order, without a gap. fd: one of moved_up().
  void give(const UniqueFd& fd);
  // Where it starts, in place of our working directory.
  void go_to(const std::filesystem::path& folder);

  // Starts words[0], a path, with our environment. 0, or an errno. Once.
  int run(std::vector<std::string> words, pid_t& pid);

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
  int given_ = 0;
};

// The descriptor under a number above those that a child is given, so that dup2 cannot meet it;
// closed at exec. Empty: errno says why.
UniqueFd moved_up(UniqueFd fd);

// What a child writes: `read` is non-blocking, `write` is moved up. Nothing: errno says why.
struct ChildPipe {
  UniqueFd read, write;
};
std::optional<ChildPipe> make_child_pipe();

// Hands over what can be read now, in pieces. At the end of the stream the descriptor goes, so that
// nobody polls it again.
template <class Take>
void drain(UniqueFd& fd, Take take) {
  std::array<char, 16 * 1024> buffer;
  while (fd) {
    const ssize_t bytes = ::read(fd.get(), buffer.data(), buffer.size());
    if (bytes < 0) return;  // nothing now
    if (bytes == 0) return fd.reset();
    take(std::string_view(buffer.data(), static_cast<std::size_t>(bytes)));
  }
}

// Waits for the end of a child of ours and ends what it left behind in its group; as waitpid() says
// it.
int wait_for_end(pid_t pid) noexcept;

// Kills it and its group. Before wait_for_end().
void kill_child(pid_t pid) noexcept;

}  // namespace hookhost
