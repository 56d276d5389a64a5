// SPDX-License-Identifier: Apache-2.0
#include "app/signals.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <iterator>
#include <system_error>

namespace hookhost::app {
namespace {

// The handler's only way out; -1: nobody watches.
std::atomic<int> g_write_end{-1};
static_assert(std::atomic<int>::is_always_lock_free);  // or a handler must not touch it

void tell(int signal) {
  const int saved = errno;
  const auto byte = static_cast<unsigned char>(signal);
  // A full pipe holds signals enough.
  if (::write(g_write_end.load(), &byte, 1) < 0) {
  }
  errno = saved;
}

void do_nothing(int) {}

constexpr std::int64_t kPatienceMax = 3'600'000;  // milliseconds of one poll; its caller asks again

struct sigaction handled_by(void (*handler)(int), int flags) {
  struct sigaction action = {};
  action.sa_handler = handler;
  action.sa_flags = flags | SA_RESTART;
  sigemptyset(&action.sa_mask);
  return action;
}

}  // namespace

SignalWatch::SignalWatch() : has_terminal_(::isatty(STDOUT_FILENO) == 1) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe2");
  }
  read_end_.reset(ends[0]);
  write_end_.reset(ends[1]);
  g_write_end.store(ends[1]);
  // After the first of its kind the default is back: the end.
  const struct sigaction once = handled_by(tell, static_cast<int>(SA_RESETHAND));
  ::sigaction(SIGTERM, &once, &terminate_before_);
  ::sigaction(SIGINT, &once, &interrupt_before_);
  const struct sigaction again = handled_by(tell, 0);
  ::sigaction(SIGHUP, &again, &hangup_before_);
  const struct sigaction nothing = handled_by(do_nothing, 0);
  ::sigaction(SIGPIPE, &nothing, &pipe_before_);
}

SignalWatch::~SignalWatch() {
  restore();
  ::sigaction(SIGHUP, &hangup_before_, nullptr);
  ::sigaction(SIGPIPE, &pipe_before_, nullptr);
  g_write_end.store(-1);
}

SignalWatch::Reason SignalWatch::wait(std::array<int, 2> fds, MonotonicTime until) noexcept {
  pollfd ends[] = {{read_end_.get(), POLLIN, 0}, {fds[0], POLLIN, 0}, {fds[1], POLLIN, 0}};
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(until - SystemClock().monotonic_now());
  const auto patience = std::clamp<std::int64_t>(left.count(), 0, kPatienceMax);
  while (::poll(ends, std::size(ends), static_cast<int>(patience)) < 0 && errno == EINTR) {
  }
  if ((ends[0].revents & POLLIN) == 0) return Reason::kOther;
  unsigned char signal = 0;
  static_cast<void>(!::read(read_end_.get(), &signal, 1));
  // Of a terminal that is gone every question fails.
  const bool is_hung_up = has_terminal_ && ::isatty(STDOUT_FILENO) != 1;
  if (signal == SIGHUP && !is_hung_up) return Reason::kReload;
  restore();  // a Ctrl-C behind a SIGTERM is a second one, too
  return Reason::kEnd;
}

void SignalWatch::restore() noexcept {
  ::sigaction(SIGTERM, &terminate_before_, nullptr);
  ::sigaction(SIGINT, &interrupt_before_, nullptr);
}

}  // namespace hookhost::app
