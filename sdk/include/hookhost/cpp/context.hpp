// SPDX-License-Identifier: Apache-2.0
//
// Context: one attempt at one event. It is the Host, and knows about deadline, cancellation and
// state; for the thread that owns the call. Deferred: an answer that is given later, from any
// thread.
#ifndef HOOKHOST_CPP_CONTEXT_HPP
#define HOOKHOST_CPP_CONTEXT_HPP

#include <chrono>
#include <concepts>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "../plugin.h"
#include "failure.hpp"
#include "host.hpp"
#include "json.hpp"
#include "namespace.hpp"
#include "reply.hpp"
#include "text.hpp"

HOOKHOST_NAMESPACE_BEGIN

enum class CancelReason : std::int32_t {
  kNone = 0,
  kDeadline = HOOKHOST_CANCEL_DEADLINE,
  kPeerGone = HOOKHOST_CANCEL_PEER_GONE,
  kDraining = HOOKHOST_CANCEL_DRAINING
};

namespace detail {

class TaskRun;
template <class Function>
class PoolWork;

// How the author's state class is made and told about the life cycle. Its address is the class's
// identity.
struct StateOperations {
  void* (*create)(Host& host);
  void (*destroy)(void* state) noexcept;
  void (*activate)(void* state);  // NULL: the class has no such member
  void (*quiesce)(void* state);   // likewise
  void (*selftest)(void* state);  // likewise
  // hookhost.state/1 and hookhost.config/1, likewise. False: not supported.
  std::uint32_t version;
  std::string (*save)(const void* state);
  bool (*load)(void* state, std::uint32_t version, std::string_view bytes);
  bool (*configure)(void* state, Json config);
};

// A class that hands its object's memory to the next generation.
template <class State>
concept HandsOver = requires(State& state, const State& constant, std::string_view bytes) {
  { State::kVersion } -> std::convertible_to<std::uint32_t>;
  { constant.save() } -> std::convertible_to<std::string>;
  { state.load(std::uint32_t{}, bytes) } -> std::same_as<bool>;
};

template <class State>
constexpr StateOperations make_state_operations() noexcept {
  StateOperations operations{};
  operations.create = [](Host& host) -> void* {
    if constexpr (std::is_constructible_v<State, Host&>) {
      return new State(host);
    } else {
      static_assert(std::is_default_constructible_v<State>,
                    "the class of HOOKHOST_STATE is constructed with (hookhost::Host&) or ()");
      return new State();
    }
  };
  operations.destroy = [](void* state) noexcept { delete static_cast<State*>(state); };
  if constexpr (requires(State & state) { state.on_activate(); }) {
    operations.activate = [](void* state) { static_cast<State*>(state)->on_activate(); };
  }
  if constexpr (requires(State & state) { state.on_quiesce(); }) {
    operations.quiesce = [](void* state) { static_cast<State*>(state)->on_quiesce(); };
  }
  if constexpr (requires(State & state) { state.selftest(); }) {
    operations.selftest = [](void* state) { static_cast<State*>(state)->selftest(); };
  }
  if constexpr (HandsOver<State>) {
    operations.version = State::kVersion;
    operations.save = [](const void* state) -> std::string {
      return static_cast<const State*>(state)->save();
    };
    operations.load = [](void* state, std::uint32_t version, std::string_view bytes) {
      return static_cast<State*>(state)->load(version, bytes);
    };
  } else {
    static_assert(
        !requires(const State& state) { state.save(); },
        "the class of HOOKHOST_STATE has save(), so it also needs kVersion, "
        "std::string save() const and bool load(std::uint32_t, std::string_view)");
  }
  if constexpr (requires(State & state, Json config) {
                  { state.on_config(config) } -> std::same_as<bool>;
                }) {
    operations.configure = [](void* state, Json config) {
      return static_cast<State*>(state)->on_config(config);
    };
  }
  return operations;
}
template <class State>
inline constexpr StateOperations kStateOperations = make_state_operations<State>();

}  // namespace detail

// The right and the duty to answer a call later. Movable to any thread. Text of the event stays
// valid until it is answered. One that is dropped answers with a failure.
class Deferred {
 public:
  Deferred(Deferred&& other) noexcept
      : host_(other.host_), call_(other.call_), token_(std::exchange(other.token_, 0)) {}
  Deferred& operator=(Deferred&& other) noexcept {
    if (this == &other) return *this;
    drop();
    host_ = other.host_;
    call_ = other.call_;
    token_ = std::exchange(other.token_, 0);
    return *this;
  }
  ~Deferred() { drop(); }

  // Answers with a Reply or anything a handler may return. False: it was answered before. Once.
  template <class Answer>
  bool complete(Answer&& answer) {
    hookhost_call* const call = take();
    if (call == nullptr) return false;
    hookhost_status status = HOOKHOST_E_PLUGIN;
    try {
      status = detail::to_reply(std::forward<Answer>(answer)).deliver(*host_, call);
    } catch (...) {
      status = detail::fail_with_current_exception(host_, call);
    }
    return finish(status);
  }
  // 200 null.
  bool complete() { return complete(ok()); }

  // Nobody waits any more: answer soon, with anything.
  bool is_cancelled() const noexcept { return token_ != 0 && host_->cancelled(call_) != 0; }
  hookhost_token token() const noexcept { return token_; }

 private:
  friend class Context;
  Deferred(const hookhost_host* host, hookhost_call* call, hookhost_token token) noexcept
      : host_(host), call_(call), token_(token) {}
  hookhost_call* take() noexcept { return token_ == 0 ? nullptr : host_->resume(host_, token_); }
  bool finish(hookhost_status status) noexcept {
    if (status == HOOKHOST_PENDING) status = HOOKHOST_E_PLUGIN;  // it cannot be deferred twice
    return host_->complete(host_, std::exchange(token_, 0), status) == HOOKHOST_OK;
  }
  void drop() noexcept {
    hookhost_call* const call = take();
    if (call == nullptr) return;
    host_->set_error(host_, call, detail::to_c("the deferred answer was dropped"));
    finish(HOOKHOST_E_PLUGIN);
  }

  const hookhost_host* host_;
  hookhost_call* call_;
  hookhost_token token_;
};

class Context : public Host {
 public:
  Context(detail::Instance& instance, hookhost_call* call, const hookhost_request& request,
          detail::TaskRun* run = nullptr) noexcept
      : Host(instance), owned_(call), request_(&request), run_(run) {
    call_ = call;
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  // The same in every attempt and replay of this event: the key for doing something once.
  Text event_id() const noexcept { return request_->event_id; }
  std::uint32_t attempt() const noexcept { return request_->attempt; }  // 1 for the first

  // On the clock of now(); 0: none.
  std::chrono::nanoseconds deadline() const noexcept {
    return std::chrono::nanoseconds(static_cast<std::int64_t>(request_->deadline_ns));
  }
  // Until the deadline, negative when it has passed; empty when there is none.
  std::optional<std::chrono::nanoseconds> time_left() const noexcept {
    if (request_->deadline_ns == 0) return std::nullopt;
    return deadline() - now();
  }

  // Nobody waits for the answer any more: stop and return anything.
  bool cancelled() const noexcept { return cancel_reason() != CancelReason::kNone; }
  CancelReason cancel_reason() const noexcept {
    return static_cast<CancelReason>(table()->cancelled(owned_));
  }

  // The object that HOOKHOST_STATE(State) made; shared by all threads that handle.
  template <class State>
  State& state() const {
    if (instance().state_operations != &detail::kStateOperations<State>) {
      throw std::logic_error("ctx.state<T>(): T is not the class of HOOKHOST_STATE");
    }
    return *static_cast<State*>(instance().state);
  }

  // Takes the answer out of the handler: what it returns no longer counts (return nothing or
  // pending()), and it must not touch request, payload or context again. Throws Failure: E_STATE,
  // deferred already; E_LIMIT.
  [[nodiscard]] Deferred defer() {
    hookhost_token token = 0;
    if (run_ != nullptr) throw Failure(HOOKHOST_E_STATE, "defer in a coroutine");
    const auto status = table()->defer(owned_, &token);
    if (status != HOOKHOST_OK) throw Failure(status, "defer");
    is_deferred_ = true;
    call_ = nullptr;
    return Deferred(table(), owned_, token);
  }

  // In a handler that returns Task: see wait.hpp.
  detail::Sleep sleep(std::chrono::milliseconds duration) const;
  template <class Function>
  detail::PoolWork<Function> pool(Function function) const;

  // The C call, for what has no form here.
  hookhost_call* call() const noexcept { return owned_; }
  bool is_deferred() const noexcept { return is_deferred_; }

 private:
  hookhost_call* owned_;
  const hookhost_request* request_;
  detail::TaskRun* run_;
  bool is_deferred_ = false;
};

HOOKHOST_NAMESPACE_END

#endif  // HOOKHOST_CPP_CONTEXT_HPP
