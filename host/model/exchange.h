// SPDX-License-Identifier: Apache-2.0
//
// Exchange: one request being answered. http implements it, tests fake it. Receiver: gets every
// exchange of a listener; intake, pages and admin implement it, app composes them. Everything here
// happens on the exchange's loop. Hot path: no allocation, lock or shared counter per request.
#pragma once

#include <coroutine>
#include <cstddef>
#include <string_view>

#include "base/arena.h"
#include "base/executor.h"
#include "base/result.h"
#include "base/task.h"
#include "model/refusal.h"
#include "model/request.h"
#include "model/response.h"

namespace hookhost {

class Exchange;

// co_await exchange.read_body(n): the whole body as one view, or why not (413, 408, 400 ...). The
// view is valid as long as the exchange's memory and has 64 readable bytes behind its end.
class BodyAwaiter {
 public:
  BodyAwaiter(Exchange& exchange, std::size_t bytes_max) noexcept
      : exchange_(exchange), bytes_max_(bytes_max) {}
  bool await_ready();
  void await_suspend(std::coroutine_handle<> waiting) noexcept;
  Result<std::string_view, Refusal> await_resume() noexcept;

 private:
  Exchange& exchange_;
  std::size_t bytes_max_;
};

// Told when the peer closes while somebody works on its request.
struct PeerWatch {
  using Gone = void (*)(PeerWatch& watch) noexcept;
  explicit PeerWatch(Gone function) noexcept : gone(function) {}
  Gone gone;
};

class Exchange {
 public:
  virtual const RequestHead& head() const noexcept = 0;
  virtual Arena& arena() noexcept = 0;
  virtual Loop& loop() noexcept = 0;

  // Once per exchange. bytes_max: of the decoded body. Sends 100 Continue first when the sender
  // waits for it (RFC 9110 10.1.1).
  BodyAwaiter read_body(std::size_t bytes_max) noexcept { return {*this, bytes_max}; }

  // Keeps head, body and arena alive beyond the answer, until release_memory: for a handler that
  // has not let go. The connection ends after the answer then. Calls nest.
  virtual void hold_memory() noexcept = 0;
  virtual void release_memory() noexcept = 0;

  // One watch at a time; nullptr takes it away. It may be called at the next turn of the loop at
  // the earliest.
  virtual void watch_peer(PeerWatch* watch) noexcept = 0;

 protected:
  virtual ~Exchange() = default;  // nobody owns one through this type

 private:
  friend class BodyAwaiter;
  virtual bool start_body(std::size_t bytes_max) = 0;  // true: complete or refused already
  virtual void wait_for_body(std::coroutine_handle<> waiting) noexcept = 0;
  virtual Result<std::string_view, Refusal> body() noexcept = 0;
};

inline bool BodyAwaiter::await_ready() { return exchange_.start_body(bytes_max_); }
inline void BodyAwaiter::await_suspend(std::coroutine_handle<> waiting) noexcept {
  exchange_.wait_for_body(waiting);
}
inline Result<std::string_view, Refusal> BodyAwaiter::await_resume() noexcept {
  return exchange_.body();
}

class Receiver {
 public:
  virtual ~Receiver() = default;

  // Answers one exchange. The response's memory lives as long as the exchange's. An exception is
  // answered with 500 (std::bad_alloc: 503). The task may be destroyed while it waits when the
  // connection ends; it must let go of everything in its destructors.
  virtual Task<Response> receive(Exchange& exchange) = 0;
};

}  // namespace hookhost
