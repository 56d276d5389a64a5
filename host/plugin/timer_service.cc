// SPDX-License-Identifier: Apache-2.0
#include "plugin/timer_service.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/thread.h"
#include "plugin/abi_text.h"
#include "plugin/generation.h"

namespace hookhost::plugin {
namespace {

constexpr std::uint64_t kTimeMsMax = 365ULL * 24 * 3600 * 1000;  // ext/timer.h
// The pool's queue was full: a timer is upkeep and can wait for the events.
constexpr std::chrono::milliseconds kPoolFullDelay{50};

enum class TimerState { kWaiting, kPosted, kRunning };

}  // namespace

struct TimerService::Timer {
  // Alarm and Work lead back to the timer; both are embedded so that ringing allocates nothing.
  struct Ring : Alarm {
    explicit Ring(Timer& t) noexcept : Alarm(&Timer::rang), timer(t) {}
    Timer& timer;
  };
  struct Call : Work {
    explicit Call(Timer& t) noexcept : Work(&Timer::called), timer(t) {}
    Timer& timer;
  };

  Timer(TimerService& its_service, TimerOwner& its_owner)
      : service(its_service), owner(its_owner) {}

  // Only ring_due_locked() rings, so the mutex is held.
  static void rang(Alarm& alarm) noexcept HOOKHOST_THREAD_ATTRIBUTE(no_thread_safety_analysis) {
    Timer& timer = static_cast<Ring&>(alarm).timer;
    timer.service.post_locked(timer);
  }
  static void called(Work& work) noexcept {
    Timer& timer = static_cast<Call&>(work).timer;
    timer.service.run(timer);
  }

  TimerService& service;
  TimerOwner& owner;
  Ring ring{*this};
  Call call{*this};
  std::uint64_t id = 0;
  std::chrono::milliseconds period{0};  // 0: once
  hookhost_timer_fn function = nullptr;
  void* user = nullptr;
  MonotonicTime due{};
  TimerState state = TimerState::kWaiting;
  bool is_stopped = false;
  std::thread::id runner;  // while running
};

TimerService::TimerService(const Clock& clock, std::function<bool(Work&)> try_post, bool has_thread)
    : clock_(clock), try_post_(std::move(try_post)), has_thread_(has_thread) {}

TimerService::~TimerService() {
  std::thread thread;
  {
    const MutexLock lock(mutex_);
    is_ending_ = true;
    changed_.notify_all();
    thread = std::move(thread_);
  }
  if (thread.joinable()) thread.join();
  const MutexLock lock(mutex_);
  while (at_pool_ > 0) changed_.wait(mutex_);
  for (auto& [id, timer] : timers_) queue_.cancel(timer->ring);
}

void TimerService::start_thread() {
  const MutexLock lock(mutex_);
  start_thread_locked();
}

void TimerService::start_thread_locked() {
  if (has_thread_ && !thread_.joinable()) thread_ = std::thread([this] { wait_and_ring(); });
}

hookhost_status TimerService::start(TimerOwner& owner, std::uint64_t after_ms,
                                    std::uint64_t period_ms, hookhost_timer_fn function, void* user,
                                    std::uint64_t* id) {
  if (function == nullptr || id == nullptr || after_ms > kTimeMsMax || period_ms > kTimeMsMax)
    return HOOKHOST_E_INVALID;
  auto timer = std::make_unique<Timer>(*this, owner);
  timer->period = std::chrono::milliseconds(period_ms);
  timer->function = function;
  timer->user = user;
  timer->due = clock_.monotonic_now() + std::chrono::milliseconds(after_ms);

  const MutexLock lock(mutex_);
  if (owner.is_closed) return HOOKHOST_E_STATE;
  if (owner.timers == HOOKHOST_TIMERS_MAX) return HOOKHOST_E_LIMIT;
  start_thread_locked();
  timer->id = last_id_ + 1;
  Timer& placed = *(timers_[timer->id] = std::move(timer));
  queue_.set(placed.ring, placed.due);
  last_id_ = placed.id;
  ++owner.timers;
  *id = placed.id;
  changed_.notify_all();
  return HOOKHOST_OK;
}

TimerService::Timer* TimerService::find_locked(const TimerOwner& owner, std::uint64_t id) {
  const auto place = timers_.find(id);
  if (place == timers_.end() || &place->second->owner != &owner) return nullptr;
  return place->second.get();
}

hookhost_status TimerService::stop(TimerOwner& owner, std::uint64_t id) {
  const MutexLock lock(mutex_);
  Timer* timer = find_locked(owner, id);
  if (timer == nullptr) return HOOKHOST_E_GONE;
  const hookhost_status status = timer->is_stopped ? HOOKHOST_E_GONE : HOOKHOST_OK;
  const bool is_inside =
      timer->state == TimerState::kRunning && timer->runner == std::this_thread::get_id();
  if (!timer->is_stopped) stop_locked(*timer);
  if (is_inside) return status;
  // The timer may be freed while we wait: look it up again each time.
  for (timer = find_locked(owner, id); timer != nullptr && timer->state == TimerState::kRunning;
       timer = find_locked(owner, id))
    changed_.wait(mutex_);
  return status;
}

std::size_t TimerService::stop_all(TimerOwner& owner) {
  const MutexLock lock(mutex_);
  owner.is_closed = true;
  std::vector<Timer*> live;
  for (auto& [id, timer] : timers_) {
    if (&timer->owner == &owner && !timer->is_stopped) live.push_back(timer.get());
  }
  for (Timer* timer : live) stop_locked(*timer);
  return live.size();
}

void TimerService::stop_locked(Timer& timer) {
  timer.is_stopped = true;
  --timer.owner.timers;
  if (timer.state == TimerState::kWaiting) erase_locked(timer);
}

void TimerService::erase_locked(Timer& timer) {
  queue_.cancel(timer.ring);
  timers_.erase(timer.id);
}

void TimerService::ring_due() {
  const MutexLock lock(mutex_);
  queue_.ring_due(clock_.monotonic_now());
}

void TimerService::post_locked(Timer& timer) {
  timer.state = TimerState::kPosted;
  if (try_post_(timer.call)) {
    ++at_pool_;
    return;
  }
  timer.state = TimerState::kWaiting;
  queue_.set(timer.ring, clock_.monotonic_now() + kPoolFullDelay);
}

void TimerService::run(Timer& timer) {
  TimerOwner& owner = timer.owner;
  std::optional<std::string> thrown;
  bool is_called = false;
  {
    const MutexLock lock(mutex_);
    if (!timer.is_stopped) {
      is_called = true;
      timer.state = TimerState::kRunning;
      timer.runner = std::this_thread::get_id();
      owner.uses.hold();
    }
  }
  if (is_called) {
    thrown = exception_of([&] { timer.function(timer.user); });
    if (thrown) owner.failed(owner, *thrown);
  }
  const MutexLock lock(mutex_);
  after_run_locked(timer);
  --at_pool_;
  changed_.notify_all();
  if (is_called) owner.uses.leave();  // last: the owner may be gone after it
}

void TimerService::after_run_locked(Timer& timer) {
  if (timer.is_stopped || timer.period.count() == 0) {
    if (!timer.is_stopped) --timer.owner.timers;
    erase_locked(timer);
    return;
  }
  timer.state = TimerState::kWaiting;
  timer.runner = {};
  // What was missed is skipped: the next time on the beat that is still to come.
  const auto late = clock_.monotonic_now() - timer.due;
  const auto beats = late.count() < 0 ? 1 : late / timer.period + 1;
  timer.due += beats * timer.period;
  queue_.set(timer.ring, timer.due);
}

void TimerService::wait_and_ring() {
  name_this_thread("plugin-timer", 0);
  const MutexLock lock(mutex_);
  while (!is_ending_) {
    const auto next = queue_.next();
    if (!next) {
      changed_.wait(mutex_);
      continue;
    }
    const MonotonicTime now = clock_.monotonic_now();
    if (*next > now) {
      changed_.wait_until(mutex_, *next);
    } else {
      queue_.ring_due(now);
    }
  }
}

namespace {

hookhost_status timer_start(const hookhost_host* host, std::uint64_t after_ms,
                            std::uint64_t period_ms, hookhost_timer_fn function, void* user,
                            std::uint64_t* id) {
  Generation* generation = generation_of(host);
  if (generation == nullptr) return HOOKHOST_E_INVALID;
  return or_no_memory([&] {
    return generation->services().timers().start(generation->timer_owner(), after_ms, period_ms,
                                                 function, user, id);
  });
}

hookhost_status timer_stop(const hookhost_host* host, std::uint64_t id) {
  Generation* generation = generation_of(host);
  if (generation == nullptr) return HOOKHOST_E_INVALID;
  return or_no_memory(
      [&] { return generation->services().timers().stop(generation->timer_owner(), id); });
}

}  // namespace

const hookhost_ext_timer kTimerTable = {sizeof(hookhost_ext_timer), 0, timer_start, timer_stop};

}  // namespace hookhost::plugin
