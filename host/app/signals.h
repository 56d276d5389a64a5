// SPDX-License-Identifier: Apache-2.0
//
// SignalWatch: SIGTERM and SIGINT as values. Made before the first thread, so that every thread
// inherits the blocked signals and only wait() sees them; SIGPIPE is ignored, since a sender that
// goes away is no reason to end. After the first one the usual way is back: a second one ends the
// process at once.
#pragma once

#include <csignal>

namespace hookhost::app {

class SignalWatch {
 public:
  SignalWatch();
  ~SignalWatch();  // as it was before
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  // Blocks until SIGTERM or SIGINT and returns it; the next one is deadly. Main thread.
  int wait() noexcept;

 private:
  sigset_t watched_;
  sigset_t before_;
};

}  // namespace hookhost::app
