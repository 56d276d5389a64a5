// SPDX-License-Identifier: Apache-2.0
//
// ControlQueue: what other threads want done on the control thread. Intended for people's commands:
// a few a second, each a function.
#pragma once

#include <functional>
#include <vector>

#include "base/mutex.h"
#include "base/unique_fd.h"

namespace hookhost::app {

class ControlQueue {
 public:
  // Throws std::system_error when there is no descriptor to have.
  ControlQueue();
  ControlQueue(const ControlQueue&) = delete;
  ControlQueue& operator=(const ControlQueue&) = delete;

  // False: closed, and nothing was taken. Any thread.
  bool post(std::function<void()> function);

  // Readable: call run(). Control thread, as the rest.
  int fd() const noexcept { return event_.get(); }
  void run();
  // Takes nothing from now on, and runs what it has.
  void close();

 private:
  UniqueFd event_;
  Mutex mutex_;
  std::vector<std::function<void()>> functions_ HOOKHOST_GUARDED_BY(mutex_);
  bool is_closed_ HOOKHOST_GUARDED_BY(mutex_) = false;
};

}  // namespace hookhost::app
