// SPDX-License-Identifier: Apache-2.0
//
// Task<T>: a coroutine that lets the life of a request be one function although it waits for bodies
// and handlers. Its frame comes from the arena of the exchange that is among its parameters, so
// starting one allocates nothing. Lazy: it runs when it is awaited or started. One thread:
// everything about a task happens on the loop of its exchange. Hot path: no allocation, lock or
// shared counter per request.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

#include "base/arena.h"
#include "base/check.h"

namespace hookhost {

// A parameter whose arena pays for the frame.
template <class P>
concept HasArena = requires(P& parameter) {
  { parameter.arena() } -> std::same_as<Arena&>;
};

template <class T>
class [[nodiscard]] Task {
 public:
  struct promise_type {
    // A member coroutine's first parameter is its object; the exchange is the first one with an
    // arena.
    template <class... Parameters>
    static void* operator new(std::size_t size, Parameters&... parameters) {
      return arena_of(parameters...).allocate(size, alignof(std::max_align_t));
    }
    static void operator delete(void*, std::size_t) noexcept {}  // goes with the arena

    Task get_return_object() noexcept {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() noexcept { return {}; }

    struct Final {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) noexcept {
        promise_type& promise = self.promise();
        if (promise.on_done != nullptr) promise.on_done(promise.on_done_argument);
        return promise.awaiting ? promise.awaiting : std::noop_coroutine();
      }
      void await_resume() noexcept {}
    };
    Final final_suspend() noexcept { return {}; }

    template <class V>
    void return_value(V&& value) {
      result.emplace(std::forward<V>(value));
    }
    void unhandled_exception() noexcept { failure = std::current_exception(); }

    T take() {
      if (failure) std::rethrow_exception(std::exchange(failure, nullptr));
      HOOKHOST_CHECK(result.has_value());
      return std::move(*result);
    }

    std::optional<T> result;
    std::exception_ptr failure;
    std::coroutine_handle<> awaiting;
    void (*on_done)(void*) noexcept = nullptr;
    void* on_done_argument = nullptr;

   private:
    template <class First, class... Rest>
    static Arena& arena_of(First& first, Rest&... rest) {
      if constexpr (HasArena<First>) {
        return first.arena();
      } else {
        static_assert(sizeof...(Rest) > 0, "a Task needs a parameter with an arena()");
        return arena_of(rest...);
      }
    }
  };

  Task() = default;
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      destroy();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~Task() { destroy(); }

  // Runs until the first wait or the end. on_done(argument) is called at the end, inside this call
  // or later; it must not destroy the task (it stands at its final suspension only after on_done
  // has returned). Once.
  void start(void (*on_done)(void*) noexcept, void* argument) {
    HOOKHOST_CHECK(handle_ && !handle_.done());
    handle_.promise().on_done = on_done;
    handle_.promise().on_done_argument = argument;
    handle_.resume();
  }

  bool is_done() const noexcept { return handle_ && handle_.done(); }
  bool is_empty() const noexcept { return !handle_; }

  // After the end: the value, or the exception that ended it. Once.
  T take() { return handle_.promise().take(); }

  // Awaiting a task runs it and gives its value.
  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
    handle_.promise().awaiting = awaiting;
    return handle_;
  }
  T await_resume() { return handle_.promise().take(); }

  // Ends a task that waits: its locals are destroyed, nothing more of it runs.
  void destroy() noexcept {
    if (handle_) std::exchange(handle_, nullptr).destroy();
  }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

}  // namespace hookhost
