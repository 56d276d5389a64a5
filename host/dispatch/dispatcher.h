// SPDX-License-Identifier: Apache-2.0
//
// Dispatcher: hands an attempt to its handler, on the loop or on the pool, and gives back what came
// of it. Keeps the route's limit of calls at once and its deadline, tells a handler when nobody
// waits any more, and keeps the memory of one that does not let go. app owns it; intake calls it on
// the exchange's loop. Hot path: no allocation, lock or shared counter per request (inline routes
// without a limit of calls at once).
#pragma once

#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/mutex.h"
#include "dispatch/gate.h"
#include "dispatch/worker_pool.h"
#include "model/exchange.h"
#include "model/handler.h"

namespace hookhost::dispatch {

class Call;
class Dispatcher;
struct LoopCalls;

// How the route wants its handler to be called.
struct Terms {
  Handler* handler = nullptr;
  bool is_inline = false;                // on the loop; else on the pool
  std::chrono::milliseconds timeout{0};  // from now on; 0: none
  std::uint32_t concurrency_max = 0;     // calls at once of all routes of that path; 0: no limit
  std::string_view path;
  MonotonicTime now{};

  // Called once on the loop when the handler and this room need nothing of the route any more: for
  // a handler that does not let go, long after the answer.
  void (*let_go)(void* user) noexcept = nullptr;
  void* user = nullptr;
};

// co_await it once. It may be destroyed while it waits: the handler is told (kPeerGone, kDraining)
// and keeps the exchange's memory until it lets go; one that has not begun never will.
class [[nodiscard]] HandOver {
 public:
  HandOver(const HandOver&) = delete;
  HandOver& operator=(const HandOver&) = delete;
  ~HandOver();

  bool await_ready();
  bool await_suspend(std::coroutine_handle<> waiting);
  // Never kPending. The chunks of its response are the caller's to release, whatever its kind.
  Outcome await_resume() noexcept;

 private:
  friend class Dispatcher;
  explicit HandOver(Call& call) noexcept : call_(call) {}
  Call& call_;
};

struct DispatcherStats {
  std::uint64_t waiting = 0;  // attempts whose sender waits
  std::uint64_t zombies = 0;  // attempts that nobody waits for and whose handler has not let go
};

class Dispatcher {
 public:
  // pool and the exchanges' loops outlive it; loop_count: their indices are below it.
  Dispatcher(WorkerPool& pool, unsigned loop_count);
  ~Dispatcher();
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  // A new attempt in the exchange's arena, for the caller to fill in; its arena and deadline are
  // set here. Loop thread of the exchange.
  Attempt& prepare(Exchange& exchange);

  // Runs an attempt from prepare(). Outcomes of this room: kOverloaded (the pool's queue or the
  // line before the route's limit is full; nothing ran), kTimedOut (at the deadline, at once, while
  // the handler is told kDeadline), kCancelled (after drain(); nothing ran).
  HandOver hand_over(Attempt& attempt, const Terms& terms);

  // The end is near: handlers that run are told kDraining and keep their say, attempts that have
  // not begun and new ones become kCancelled. Any thread. The loops must still turn, or there is
  // nobody to tell.
  void drain() noexcept;

  DispatcherStats stats() const noexcept;  // any thread; each number of some moment of the call

 private:
  friend class Call;
  Gate& gate_of(std::string_view path);

  WorkerPool& pool_;
  const unsigned loop_count_;
  std::unique_ptr<LoopCalls[]> loops_;
  std::atomic<bool> is_draining_{false};

  // One per path that ever had a limit: bounded by what plugins define.
  Mutex mutex_;
  std::map<std::string, Gate, std::less<>> gates_ HOOKHOST_GUARDED_BY(mutex_);
};

}  // namespace hookhost::dispatch
