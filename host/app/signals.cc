// SPDX-License-Identifier: Apache-2.0
#include "app/signals.h"

#include <pthread.h>

namespace hookhost::app {

SignalWatch::SignalWatch() {
  sigemptyset(&watched_);
  sigaddset(&watched_, SIGTERM);
  sigaddset(&watched_, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &watched_, &before_);
  std::signal(SIGPIPE, SIG_IGN);
}

SignalWatch::~SignalWatch() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

int SignalWatch::wait() noexcept {
  int signal = 0;
  while (::sigwait(&watched_, &signal) != 0) {
  }
  // This thread takes the next one itself, with its default: the end.
  ::pthread_sigmask(SIG_UNBLOCK, &watched_, nullptr);
  return signal;
}

}  // namespace hookhost::app
