// SPDX-License-Identifier: Apache-2.0
//
// Task<T>: a handler, or a part of one, that waits without holding a thread:
//
//   Task<Reply> slow(const Payload& payload, Context& ctx) {
//     const auto score = co_await ctx.pool([&] { return evaluate(payload.repo.name); });
//     co_await ctx.sleep(2s);
//     co_return ok("score {}", score);
//   }
//
// Underneath the call is deferred at the first wait and completed when the coroutine ends. After
// each wait the coroutine owns the call again. It can wait for ctx.pool, ctx.sleep and another
// Task, for nothing else. What it throws fails the attempt.
//
//   created --start--> running --wait--> suspended --wake--> running --end--> answered, freed
//
// One thread at a time runs a coroutine; whoever wakes it drives it to its next wait or its end.
#ifndef HOOKHOST_CPP_TASK_HPP
#define HOOKHOST_CPP_TASK_HPP

#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "../plugin.h"
#include "context.hpp"
#include "failure.hpp"
#include "host.hpp"
#include "namespace.hpp"
#include "reply.hpp"

// Clang may keep the locals of an inlined await_suspend in the coroutine's frame, which another
// thread may have freed by then (llvm issue 56301).
#define HOOKHOST_DETAIL_NOINLINE __attribute__((noinline))

HOOKHOST_NAMESPACE_BEGIN

template <class T>
class Task;

namespace detail {

struct Awaitable {};  // marks what a Task may wait for

// What is awaited, by address: it stays where the compiler put it (g++ 12 copies what
// await_transform returns by reference).
template <class Waited>
struct Waiting {
  Waited* waited;

  bool await_ready() const { return waited->await_ready(); }
  HOOKHOST_DETAIL_NOINLINE auto await_suspend(std::coroutine_handle<> handle) const {
    return waited->await_suspend(handle);
  }
  decltype(auto) await_resume() const { return waited->await_resume(); }
};

class TaskPromiseBase {
 public:
  std::suspend_always initial_suspend() const noexcept { return {}; }

  struct Final {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
      const std::coroutine_handle<> next = ended.promise().continuation;
      return next ? next : std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };
  Final final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { failure = std::current_exception(); }

  template <class Waited>
  Waiting<std::remove_reference_t<Waited>> await_transform(Waited&& waited) const noexcept {
    static_assert(std::is_base_of_v<Awaitable, std::remove_cvref_t<Waited>>,
                  "a Task can co_await ctx.pool(...), ctx.sleep(...) and another Task");
    return {&waited};
  }

  std::coroutine_handle<> continuation;  // who waits for this one; none: the handler itself
  std::exception_ptr failure;
};

template <class T>
class TaskPromise : public TaskPromiseBase {
 public:
  Task<T> get_return_object() noexcept;
  template <class Result>
  void return_value(Result&& result) {
    result_.emplace(std::forward<Result>(result));
  }
  T take() {
    if (failure) std::rethrow_exception(failure);
    return std::move(*result_);
  }

 private:
  std::optional<T> result_;
};

template <>
class TaskPromise<void> : public TaskPromiseBase {
 public:
  Task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void take() const {
    if (failure) std::rethrow_exception(failure);
  }
};

}  // namespace detail

// Lazy: runs when it is awaited, or when the host calls the handler that returns it.
template <class T>
class [[nodiscard]] Task : private detail::Awaitable {
 public:
  using promise_type = detail::TaskPromise<T>;

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) const noexcept {
    handle_.promise().continuation = waiting;
    return handle_;
  }
  T await_resume() const { return handle_.promise().take(); }

  std::coroutine_handle<promise_type> handle() const noexcept { return handle_; }

 private:
  friend promise_type;
  friend class detail::TaskPromiseBase;
  explicit Task(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

namespace detail {

template <class T>
Task<T> TaskPromise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<TaskPromise<T>>::from_promise(*this));
}
inline Task<void> TaskPromise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<TaskPromise<void>>::from_promise(*this));
}

// A handler that is a coroutine, from the call of handle until it is answered. Owns the coroutine
// and everything its parameters refer to, and frees itself.
class TaskRun {
 public:
  TaskRun(Instance& instance, hookhost_call* call) noexcept : instance_(instance), call_(call) {}
  virtual ~TaskRun() = default;
  TaskRun(const TaskRun&) = delete;
  TaskRun& operator=(const TaskRun&) = delete;

  // Runs the coroutine to its first wait or its end; returns what handle returns.
  static hookhost_status start(std::unique_ptr<TaskRun> run) noexcept {
    return drive(run.release(), nullptr);
  }

  // Before the operation that will wake the coroutine is started: afterwards another thread may
  // have finished and freed everything. Throws Failure.
  void begin_wait() {
    if (token_ == 0) {
      const auto status = instance_.host->defer(call_, &token_);
      if (status != HOOKHOST_OK) throw Failure(status, "defer");
    }
    *is_suspended_ = true;
  }
  // The operation was not started after all.
  void cancel_wait() noexcept { *is_suspended_ = false; }

  // Makes this thread the owner of the call. False: the host has given it up, and the run is gone.
  static bool acquire(TaskRun* run) noexcept {
    if (run->instance_.host->resume(run->instance_.host, run->token_) != nullptr) return true;
    delete run;
    return false;
  }
  // As its owner: runs the coroutine to its next wait or its end.
  static hookhost_status drive(TaskRun* run, std::coroutine_handle<> at) noexcept {
    bool is_suspended = false;
    run->is_suspended_ = &is_suspended;
    (at ? at : run->coroutine()).resume();
    return is_suspended ? HOOKHOST_PENDING : finish(run);
  }
  static void wake(TaskRun* run, std::coroutine_handle<> at) noexcept {
    if (acquire(run)) drive(run, at);
  }

  Instance& instance() const noexcept { return instance_; }
  hookhost_token token() const noexcept { return token_; }
  bool is_cancelled() const noexcept { return instance_.host->cancelled(call_) != 0; }

 protected:
  virtual std::coroutine_handle<> coroutine() const noexcept = 0;
  virtual Reply take_reply() = 0;  // throws what the coroutine threw

 private:
  static hookhost_status finish(TaskRun* run) noexcept {
    const hookhost_host* const host = run->instance_.host;
    const hookhost_token token = run->token_;
    hookhost_status status = HOOKHOST_E_PLUGIN;
    try {
      status = run->take_reply().deliver(*host, run->call_);
      if (status == HOOKHOST_PENDING) throw Failure(HOOKHOST_E_STATE, "pending() from a coroutine");
    } catch (...) {
      status = fail_with_current_exception(host, run->call_);
    }
    delete run;  // first: what it refers to ends with the call
    if (token == 0) return status;
    host->complete(host, token, status);
    return HOOKHOST_PENDING;
  }

  Instance& instance_;
  hookhost_call* const call_;
  hookhost_token token_ = 0;      // 0 until the first wait
  bool* is_suspended_ = nullptr;  // on the stack of the thread that drives
};

}  // namespace detail

HOOKHOST_NAMESPACE_END

#endif  // HOOKHOST_CPP_TASK_HPP
