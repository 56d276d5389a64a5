// SPDX-License-Identifier: Apache-2.0
//
// SignalWatch: SIGTERM and SIGINT as something to wait for. Uses handlers and neither a mask nor
// SIG_IGN, since both would be inherited by every program that a plugin starts. A closed pipe is an
// error of its write and no reason to end. The first signal is caught, the second ends the process
// at once. One at a time; main thread.
#pragma once

#include <array>
#include <csignal>

#include "base/clock.h"
#include "base/unique_fd.h"

namespace hookhost::app {

class SignalWatch {
 public:
  // Throws std::system_error when there is no descriptor to have.
  SignalWatch();
  ~SignalWatch();  // as it was before
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  // Blocks until SIGTERM or SIGINT came, since this was made: true. False: one of the descriptors
  // can be read (-1: there is none), or it is `until`.
  bool wait(std::array<int, 2> fds, MonotonicTime until) noexcept;

  // Can be read once one of them came; for somebody who polls in place of wait().
  int fd() const noexcept { return read_end_.get(); }

 private:
  void restore() noexcept;

  UniqueFd read_end_, write_end_;
  struct sigaction terminate_before_ = {};
  struct sigaction interrupt_before_ = {};
  struct sigaction pipe_before_ = {};
};

}  // namespace hookhost::app
