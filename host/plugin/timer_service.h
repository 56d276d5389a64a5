// SPDX-License-Identifier: Apache-2.0
//
// TimerService: calls functions of plugins later, on the host's pool (hookhost.timer/1). One thread
// of its own waits for the next due time; it starts with the first timer. Any thread.
//
//   waiting -> posted -> running -> waiting (periodic) or gone
//   stop(): waiting: gone at once; posted: gone when the pool comes to it, without a call;
//           running: waits for the call to end, unless it comes from inside that call
#pragma once

#include <hookhost/ext/timer.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <thread>
#include <unordered_map>

#include "base/clock.h"
#include "base/executor.h"
#include "base/mutex.h"
#include "base/timer_queue.h"
#include "plugin/use_count.h"

namespace hookhost::plugin {

// A generation as the timers see it; it embeds one and stays until none of its timers is running.
struct TimerOwner {
  UseCount& uses;  // held while a function of a timer runs
  // A function let an exception out; on a pool thread.
  void (*failed)(TimerOwner& owner, std::string_view what) noexcept;
  std::size_t timers = 0;  // running ones; the service's
  bool is_closed = false;  // no new ones; the service's
};

class TimerService {
 public:
  // try_post as HostDependencies. has_thread false: a test calls ring_due().
  TimerService(const Clock& clock, std::function<bool(Work&)> try_post, bool has_thread);
  ~TimerService();  // waits for what the pool still has
  TimerService(const TimerService&) = delete;
  TimerService& operator=(const TimerService&) = delete;

  // Statuses and rules are those of hookhost_ext_timer.
  hookhost_status start(TimerOwner& owner, std::uint64_t after_ms, std::uint64_t period_ms,
                        hookhost_timer_fn function, void* user, std::uint64_t* id);
  hookhost_status stop(TimerOwner& owner, std::uint64_t id);

  // Stops every timer of the owner without waiting for those that run, since the use count tells;
  // start() answers E_STATE from now on. How many there were.
  std::size_t stop_all(TimerOwner& owner);

  // Now rather than with the first timer: for whoever counts threads.
  void start_thread();

  // Posts what is due. The thread does it; a test without one does.
  void ring_due();

 private:
  struct Timer;
  void post_locked(Timer& timer) HOOKHOST_REQUIRES(mutex_);
  void run(Timer& timer);
  void after_run_locked(Timer& timer) HOOKHOST_REQUIRES(mutex_);
  void stop_locked(Timer& timer) HOOKHOST_REQUIRES(mutex_);
  void erase_locked(Timer& timer) HOOKHOST_REQUIRES(mutex_);
  Timer* find_locked(const TimerOwner& owner, std::uint64_t id) HOOKHOST_REQUIRES(mutex_);
  void start_thread_locked() HOOKHOST_REQUIRES(mutex_);
  void wait_and_ring();

  const Clock& clock_;
  const std::function<bool(Work&)> try_post_;
  const bool has_thread_;

  Mutex mutex_;
  Condition changed_;  // a new first time, a call that ended, or the end
  TimerQueue queue_ HOOKHOST_GUARDED_BY(mutex_);
  std::unordered_map<std::uint64_t, std::unique_ptr<Timer>> timers_ HOOKHOST_GUARDED_BY(mutex_);
  std::uint64_t last_id_ HOOKHOST_GUARDED_BY(mutex_) = 0;
  std::size_t at_pool_ HOOKHOST_GUARDED_BY(mutex_) = 0;  // posted or running
  bool is_ending_ HOOKHOST_GUARDED_BY(mutex_) = false;
  std::thread thread_ HOOKHOST_GUARDED_BY(mutex_);
};

// The table behind "hookhost.timer/1".
extern const hookhost_ext_timer kTimerTable;

}  // namespace hookhost::plugin
