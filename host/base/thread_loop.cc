// SPDX-License-Identifier: Apache-2.0
#include "base/thread_loop.h"

#include <utility>

#include "base/check.h"
#include "base/thread.h"

namespace hookhost {

ThreadLoop::ThreadLoop(std::string_view role, unsigned index, const Clock& clock)
    : role_(role), index_(index), clock_(clock) {}

ThreadLoop::~ThreadLoop() { stop(); }

void ThreadLoop::start() {
  HOOKHOST_CHECK(!thread_.joinable());
  thread_ = std::thread([this] { serve(); });
}

void ThreadLoop::stop() noexcept {
  if (!thread_.joinable()) return;
  {
    const MutexLock lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void ThreadLoop::post(Work& work) noexcept {
  {
    const MutexLock lock(mutex_);
    work.next = nullptr;
    (last_ == nullptr ? first_ : last_->next) = &work;
    last_ = &work;
  }
  wake_.notify_one();
}

Work* ThreadLoop::wait_for_work(bool& is_stopping) noexcept {
  const auto due = alarms_.next();
  const MutexLock lock(mutex_);
  while (first_ == nullptr && !is_stopping_) {
    if (!due) {
      wake_.wait(mutex_);
    } else if (clock_.monotonic_now() < *due) {
      wake_.wait_until(mutex_, *due);
    } else {
      break;
    }
  }
  is_stopping = is_stopping_;
  last_ = nullptr;
  return std::exchange(first_, nullptr);
}

void ThreadLoop::serve() noexcept {
  name_this_thread(role_, 0);
  for (bool is_stopping = false;;) {
    Work* work = wait_for_work(is_stopping);
    if (work == nullptr && is_stopping) return;
    while (work != nullptr) {
      Work* const next = work->next;
      work->run(*work);  // may be gone afterwards
      work = next;
    }
    if (!is_stopping) alarms_.ring_due(clock_.monotonic_now());
  }
}

}  // namespace hookhost
