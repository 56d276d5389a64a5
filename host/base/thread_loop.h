// SPDX-License-Identifier: Apache-2.0
//
// ThreadLoop: a loop without sockets, on a thread of its own. The thread sleeps until something is
// posted or an alarm is due.
#pragma once

#include <string>
#include <string_view>
#include <thread>

#include "base/clock.h"
#include "base/executor.h"
#include "base/mutex.h"
#include "base/timer_queue.h"

namespace hookhost {

class ThreadLoop final : public Loop {
 public:
  // role: of the thread, for ps. clock outlives this.
  ThreadLoop(std::string_view role, unsigned index, const Clock& clock);
  ~ThreadLoop();  // stop()
  ThreadLoop(const ThreadLoop&) = delete;
  ThreadLoop& operator=(const ThreadLoop&) = delete;

  void start();
  // Runs what was posted, rings no further alarm, ends the thread. What is posted afterwards never
  // runs. Owner's thread.
  void stop() noexcept;

  void post(Work& work) noexcept override;
  void set_alarm(Alarm& alarm, MonotonicTime at) override { alarms_.set(alarm, at); }
  void cancel_alarm(Alarm& alarm) noexcept override { alarms_.cancel(alarm); }
  unsigned index() const noexcept override { return index_; }

 private:
  void serve() noexcept;
  Work* wait_for_work(bool& is_stopping) noexcept;

  const std::string role_;
  const unsigned index_;
  const Clock& clock_;
  std::thread thread_;
  TimerQueue alarms_;  // the thread's

  Mutex mutex_;
  Condition wake_;
  Work* first_ HOOKHOST_GUARDED_BY(mutex_) = nullptr;
  Work* last_ HOOKHOST_GUARDED_BY(mutex_) = nullptr;
  bool is_stopping_ HOOKHOST_GUARDED_BY(mutex_) = false;
};

}  // namespace hookhost
