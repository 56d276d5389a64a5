// SPDX-License-Identifier: Apache-2.0
//
// SignalWatch: SIGTERM and SIGINT, and SIGHUP, as something to wait for. Uses handlers and neither
// a mask nor SIG_IGN, since both would be inherited by every program that a plugin starts. A closed
// pipe is an error of its write and no reason to end. The first signal that ends is caught, the
// second ends the process at once. A SIGHUP asks for the configuration to be read again, unless our
// terminal is gone: then it is the end that its name says. One at a time; main thread.
#pragma once

#include <array>
#include <csignal>
#include <cstdint>

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

  enum class Reason : std::uint8_t { kEnd, kReload, kOther };
  // Blocks until SIGTERM or SIGINT came, since this was made (kEnd), or SIGHUP (kReload). kOther:
  // one of the descriptors can be read (-1: there is none), or it is `until`.
  Reason wait(std::array<int, 2> fds, MonotonicTime until) noexcept;

  // Can be read once one of them came; for somebody who polls in place of wait().
  int fd() const noexcept { return read_end_.get(); }

 private:
  void restore() noexcept;

  UniqueFd read_end_, write_end_;
  struct sigaction terminate_before_ = {};
  struct sigaction interrupt_before_ = {};
  struct sigaction hangup_before_ = {};
  struct sigaction pipe_before_ = {};
  const bool has_terminal_;
};

}  // namespace hookhost::app
