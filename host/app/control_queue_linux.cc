// SPDX-License-Identifier: Apache-2.0
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

#include "app/control_queue.h"

namespace hookhost::app {

ControlQueue::ControlQueue() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (event_.get() < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

bool ControlQueue::post(std::function<void()> function) {
  const MutexLock lock(mutex_);
  if (is_closed_) return false;
  functions_.push_back(std::move(function));
  const std::uint64_t one = 1;
  static_cast<void>(!::write(event_.get(), &one, sizeof one));  // full means readable, too
  return true;
}

void ControlQueue::run() {
  std::uint64_t count = 0;
  static_cast<void>(!::read(event_.get(), &count, sizeof count));
  std::vector<std::function<void()>> functions;
  {
    const MutexLock lock(mutex_);
    functions.swap(functions_);
  }
  for (const auto& function : functions) function();
}

void ControlQueue::close() {
  {
    const MutexLock lock(mutex_);
    is_closed_ = true;
  }
  run();
}

}  // namespace hookhost::app
