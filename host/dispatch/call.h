// SPDX-License-Identifier: Apache-2.0
//
// Call: one attempt on its way through a handler; lies in the arena of its exchange, so that it
// outlives the coroutine that waits for it. Private to this room. Everything happens on the
// exchange's loop except run, finish and close, which are the handler's side and end with a post
// to the loop; that post is the last time they touch the call.
//
//            start()                        run                      handler returns, finish()
//   prepared -------> queued (gate or pool) ------------> running ----------------------------->
//   closed
//                       \ give_up(), answer_early()                                             /
//                        ------------------------------> abandoned ----------------------------
//                                                                    run finds it: never begun
#pragma once

#include <atomic>
#include <coroutine>

#include "dispatch/dispatcher.h"

namespace hookhost::dispatch {

// What a loop has to itself. calls: those whose sender waits.
struct alignas(64) LoopCalls {
  LoopCalls() noexcept;
  void drain() noexcept;
  Call* calls = nullptr;
  std::atomic<Loop*> loop{nullptr};  // known from the first call on
  struct Drain : Work {
    using Work::Work;
    LoopCalls* owner = nullptr;
  } drain_work;
  // Written by the loop only.
  std::atomic<std::uint64_t> waiting{0};
  std::atomic<std::uint64_t> zombies{0};
};

class Call final : public Attempt {
 public:
  Call(Dispatcher& dispatcher, LoopCalls& loop_calls, Exchange& exchange) noexcept;

  // The handler's side. Any thread.
  void finish(const Outcome& outcome) noexcept override;

  void set_terms(const Terms& terms) noexcept;
  bool start();                                // true: the result is there
  bool wait(std::coroutine_handle<> waiting);  // false: the result is there
  Outcome take() noexcept;                     // the result
  void give_up() noexcept;                     // nobody will take it
  void drain() noexcept;                       // while somebody waits

 private:
  friend struct LoopCalls;
  enum class State : std::uint8_t { kPrepared, kQueued, kRunning, kAbandoned, kClosed };
  struct CallWork : Work {
    CallWork(Run function, Call& owner) noexcept : Work(function), call(owner) {}
    Call& call;
  };
  struct CallAlarm : Alarm {
    CallAlarm(Ring function, Call& owner) noexcept : Alarm(function), call(owner) {}
    Call& call;
  };
  struct CallWatch : PeerWatch {
    CallWatch(Gone function, Call& owner) noexcept : PeerWatch(function), call(owner) {}
    Call& call;
  };
  struct CallWaiter : Gate::Waiter {
    explicit CallWaiter(Call& owner) noexcept : call(owner) {}
    Call& call;
  };

  // The handler's side. Any thread.
  static void run(Work& work) noexcept;
  bool launch() noexcept;
  void complete(const Outcome& outcome) noexcept;
  void close(const Outcome& outcome) noexcept;
  void pass_place_on() noexcept;

  // Loop thread.
  bool withdraw() noexcept;  // true: it has not begun and never will
  void answer_early(OutcomeKind kind, CancelReason reason) noexcept;
  void tell(CancelReason reason) noexcept;
  void become_zombie() noexcept;
  void done() noexcept;
  void settle(const Outcome& result) noexcept;
  void resume() noexcept;
  void let_go() noexcept;
  void link() noexcept;
  void detach() noexcept;

  Dispatcher& dispatcher_;
  LoopCalls& loop_calls_;
  Exchange& exchange_;
  Loop& loop_;
  Terms terms_;
  Gate* gate_ = nullptr;  // set by start() and then constant: both sides read it
  CallWaiter waiter_{*this};

  std::atomic<State> state_{State::kPrepared};
  Outcome outcome_;  // the handler's side writes it before the post

  CallWork run_work_{&Call::run, *this};
  CallWork done_work_;
  CallAlarm alarm_;
  CallWatch watch_;
  std::coroutine_handle<> waiting_;  // nobody waits: null
  Outcome result_;                   // for take()
  bool is_settled_ = false;          // there is a result, or nobody wants one
  bool is_told_ = false;             // cancel() was called
  bool must_post_ = false;           // queued, but not given to the pool yet
  Call* next_ = nullptr;             // of loop_calls_
  Call** link_ = nullptr;            // what points to this one; null: not in the list
};

}  // namespace hookhost::dispatch
