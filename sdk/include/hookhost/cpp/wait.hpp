// SPDX-License-Identifier: Apache-2.0
//
// What a Task can wait for besides another Task: Sleep, made by ctx.sleep, and PoolWork, made by
// ctx.pool. Both live in the coroutine's frame, so after the operation is started nothing of them
// may be touched but by who wakes the coroutine.
#ifndef HOOKHOST_CPP_WAIT_HPP
#define HOOKHOST_CPP_WAIT_HPP

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include "../ext/pool.h"
#include "../ext/timer.h"
#include "../plugin.h"
#include "context.hpp"
#include "failure.hpp"
#include "host.hpp"
#include "namespace.hpp"
#include "task.hpp"

HOOKHOST_NAMESPACE_BEGIN

namespace detail {

// co_await ctx.sleep(duration): true after that time, false when it was cut short because the call
// was cancelled or the plugin ends. Whoever takes it out of Instance::sleepers wakes it, exactly
// once.
class Sleep : private Awaitable {
 public:
  Sleep(TaskRun* run, std::chrono::milliseconds duration) noexcept
      : run_(run), duration_(duration) {}
  Sleep(const Sleep&) = delete;
  Sleep& operator=(const Sleep&) = delete;

  bool await_ready() noexcept {
    if (duration_.count() <= 0) return true;
    is_cut_short_ = run_->is_cancelled();
    return is_cut_short_;
  }
  HOOKHOST_DETAIL_NOINLINE bool await_suspend(std::coroutine_handle<> waiting) {
    Instance& instance = run_->instance();
    if (instance.timer == nullptr) throw Failure(HOOKHOST_E_UNSUPPORTED, HOOKHOST_EXT_TIMER);
    run_->begin_wait();
    waiting_ = waiting;
    const std::lock_guard lock(instance.mutex);  // ring and wake_by_token wait until id_ is set
    // Asked again under the lock: a cancellation that came in between has found no sleeper.
    is_cut_short_ = instance.is_quiescing || run_->is_cancelled();
    if (!is_cut_short_) {
      const auto status = instance.timer->start(
          instance.host, static_cast<std::uint64_t>(duration_.count()), 0, &ring, this, &id_);
      if (status == HOOKHOST_OK) {
        link(instance);
        return true;
      }
      if (status != HOOKHOST_E_STATE) {
        run_->cancel_wait();
        throw Failure(status, "timer.start");
      }
      is_cut_short_ = true;  // the plugin is ending
    }
    run_->cancel_wait();
    return false;
  }
  bool await_resume() const noexcept { return !is_cut_short_; }

  // The call was cancelled. [any-thread], so the coroutine goes on in the pool.
  static void wake_by_token(Instance& instance, hookhost_token token) noexcept {
    Sleep* found = nullptr;
    {
      const std::lock_guard lock(instance.mutex);
      for (found = instance.sleepers; found != nullptr; found = found->next_) {
        if (found->run_->token() == token) break;
      }
      if (found == nullptr) return;
      found->unlink(instance);
    }
    const bool posted = instance.pool != nullptr &&
                        instance.pool->post(instance.host, &cut_short, found) == HOOKHOST_OK;
    if (!posted) cut_short(found);
  }
  // The plugin ends: nobody may sleep any more.
  static void wake_all(Instance& instance) noexcept {
    for (;;) {
      Sleep* sleeper = nullptr;
      {
        const std::lock_guard lock(instance.mutex);
        instance.is_quiescing = true;
        sleeper = instance.sleepers;
        if (sleeper == nullptr) return;
        sleeper->unlink(instance);
      }
      cut_short(sleeper);
    }
  }

 private:
  static void HOOKHOST_CALL ring(void* user) noexcept {
    auto* const sleep = static_cast<Sleep*>(user);
    TaskRun* const run = sleep->run_;
    std::coroutine_handle<> waiting;
    {
      const std::lock_guard lock(run->instance().mutex);
      if (!sleep->is_linked_) return;  // cut_short has it, and waits until we have returned
      sleep->unlink(run->instance());
      waiting = sleep->waiting_;
    }
    TaskRun::wake(run, waiting);
  }
  static void HOOKHOST_CALL cut_short(void* user) noexcept {
    auto* const sleep = static_cast<Sleep*>(user);
    const Instance& instance = sleep->run_->instance();
    instance.timer->stop(instance.host, sleep->id_);
    sleep->is_cut_short_ = true;
    TaskRun::wake(sleep->run_, sleep->waiting_);
  }

  void link(Instance& instance) noexcept {
    next_ = instance.sleepers;
    if (next_ != nullptr) next_->previous_ = this;
    instance.sleepers = this;
    is_linked_ = true;
  }
  void unlink(Instance& instance) noexcept {
    (previous_ == nullptr ? instance.sleepers : previous_->next_) = next_;
    if (next_ != nullptr) next_->previous_ = previous_;
    is_linked_ = false;
  }

  TaskRun* const run_;
  const std::chrono::milliseconds duration_;
  std::coroutine_handle<> waiting_;
  std::uint64_t id_ = 0;
  bool is_cut_short_ = false;
  bool is_linked_ = false;  // this and the links: guarded by Instance::mutex
  Sleep* next_ = nullptr;
  Sleep* previous_ = nullptr;
};

// co_await ctx.pool(function): calls function on a thread of the host's pool, as owner of the call,
// and gives its result, or throws what it threw. Throws Failure: HOOKHOST_E_LIMIT when the pool's
// queue is full.
template <class Function>
class PoolWork : private Awaitable {
 public:
  using Result = std::invoke_result_t<Function&>;
  static_assert(!std::is_reference_v<Result>, "ctx.pool: return a value, not a reference");

  PoolWork(TaskRun* run, Function function) : run_(run), function_(std::move(function)) {}
  PoolWork(const PoolWork&) = delete;
  PoolWork& operator=(const PoolWork&) = delete;

  bool await_ready() const noexcept { return false; }
  HOOKHOST_DETAIL_NOINLINE void await_suspend(std::coroutine_handle<> waiting) {
    const Instance& instance = run_->instance();
    if (instance.pool == nullptr) throw Failure(HOOKHOST_E_UNSUPPORTED, HOOKHOST_EXT_POOL);
    run_->begin_wait();
    waiting_ = waiting;
    const auto status = instance.pool->post(instance.host, &execute, this);
    if (status == HOOKHOST_OK) return;
    run_->cancel_wait();
    throw Failure(status, "pool.post");
  }
  Result await_resume() {
    if (failure_) std::rethrow_exception(failure_);
    if constexpr (!std::is_void_v<Result>) return std::move(*result_);
  }

 private:
  struct Nothing {};

  static void HOOKHOST_CALL execute(void* user) noexcept {
    auto* const work = static_cast<PoolWork*>(user);
    if (!TaskRun::acquire(work->run_)) return;
    try {
      if constexpr (std::is_void_v<Result>) {
        work->function_();
      } else {
        work->result_.emplace(work->function_());
      }
    } catch (...) {
      work->failure_ = std::current_exception();
    }
    TaskRun::drive(work->run_, work->waiting_);
  }

  TaskRun* const run_;
  Function function_;
  std::coroutine_handle<> waiting_;
  std::optional<std::conditional_t<std::is_void_v<Result>, Nothing, Result>> result_;
  std::exception_ptr failure_;
};

inline TaskRun* require_task(TaskRun* run) {
  if (run == nullptr) throw Failure(HOOKHOST_E_STATE, "only a handler that returns Task can wait");
  return run;
}

}  // namespace detail

inline detail::Sleep Context::sleep(std::chrono::milliseconds duration) const {
  return detail::Sleep(detail::require_task(run_), duration);
}
template <class Function>
detail::PoolWork<Function> Context::pool(Function function) const {
  return detail::PoolWork<Function>(detail::require_task(run_), std::move(function));
}

HOOKHOST_NAMESPACE_END

#endif  // HOOKHOST_CPP_WAIT_HPP
