// SPDX-License-Identifier: Apache-2.0
// Hot path: no allocation, lock or shared counter per request (inline, without a limit).
#include "dispatch/call.h"

#include <utility>

#include "base/check.h"

namespace hookhost::dispatch {

Call::Call(Dispatcher& dispatcher, LoopCalls& loop_calls, Exchange& exchange) noexcept
    : dispatcher_(dispatcher),
      loop_calls_(loop_calls),
      exchange_(exchange),
      loop_(exchange.loop()),
      done_work_([](Work& work) noexcept { static_cast<CallWork&>(work).call.done(); }, *this),
      alarm_(
          [](Alarm& alarm) noexcept {
            static_cast<CallAlarm&>(alarm).call.answer_early(OutcomeKind::kTimedOut,
                                                             CancelReason::kDeadline);
          },
          *this),
      // The attempt goes on: what it does may matter although its answer reaches nobody.
      watch_(
          [](PeerWatch& watch) noexcept {
            static_cast<CallWatch&>(watch).call.tell(CancelReason::kPeerGone);
          },
          *this) {
  arena = &exchange.arena();
}

void Call::set_terms(const Terms& terms) noexcept {
  HOOKHOST_CHECK(terms.handler != nullptr && state_ == State::kPrepared);
  terms_ = terms;
  if (terms.timeout.count() > 0) deadline = terms.now + terms.timeout;
}

// ---- Loop thread: the way in
// ---------------------------------------------------------------------

bool Call::start() {
  if (dispatcher_.is_draining_.load()) {
    settle({.kind = OutcomeKind::kCancelled});
    let_go();
    return true;
  }
  if (terms_.concurrency_max > 0) {
    gate_ = &dispatcher_.gate_of(terms_.path);
    state_.store(State::kQueued);  // before it stands in line: its turn may come at once
    switch (gate_->enter(waiter_, terms_.concurrency_max)) {
      case Gate::Entry::kEntered: break;
      case Gate::Entry::kWaiting: return false;
      case Gate::Entry::kFull:
        settle({.kind = OutcomeKind::kOverloaded});
        let_go();
        return true;
    }
  }
  if (!terms_.is_inline) {
    state_.store(State::kQueued);
    must_post_ = true;  // by wait(), when the alarm is set
    return false;
  }
  state_.store(State::kRunning);
  const Outcome outcome = terms_.handler->handle(*this);
  if (outcome.kind == OutcomeKind::kPending) return false;
  state_.store(State::kClosed);
  if (gate_ != nullptr) pass_place_on();
  settle(outcome);
  let_go();
  return true;
}

bool Call::wait(std::coroutine_handle<> waiting) {
  if (deadline != MonotonicTime{}) loop_.set_alarm(alarm_, deadline);  // may throw: before the rest
  link();
  exchange_.watch_peer(&watch_);
  waiting_ = waiting;
  if (!std::exchange(must_post_, false) || launch()) return true;
  if (gate_ != nullptr) pass_place_on();
  waiting_ = nullptr;
  detach();
  settle({.kind = OutcomeKind::kOverloaded});
  let_go();
  return false;
}

Outcome Call::take() noexcept {
  HOOKHOST_CHECK(is_settled_);
  return std::exchange(result_, {});
}

// ---- The handler's side: any thread
// --------------------------------------------------------------

bool Call::launch() noexcept {
  if (!terms_.is_inline) return dispatcher_.pool_.try_post(run_work_);
  loop_.post(run_work_);
  return true;
}

void Call::run(Work& work) noexcept {
  Call& call = static_cast<CallWork&>(work).call;
  State expected = State::kQueued;
  if (!call.state_.compare_exchange_strong(expected, State::kRunning)) {
    call.complete({.kind = OutcomeKind::kCancelled});  // abandoned: nobody will read it
    return;
  }
  const Outcome outcome = call.terms_.handler->handle(call);
  // Pending: finish() may have come already, and the call may be gone.
  if (outcome.kind != OutcomeKind::kPending) call.complete(outcome);
}

void Call::finish(const Outcome& outcome) noexcept {
  HOOKHOST_CHECK(outcome.kind != OutcomeKind::kPending && state_ == State::kRunning);
  complete(outcome);
}

void Call::complete(const Outcome& outcome) noexcept {
  if (gate_ != nullptr) pass_place_on();
  close(outcome);
}

void Call::close(const Outcome& outcome) noexcept {
  outcome_ = outcome;
  state_.store(State::kClosed);
  loop_.post(done_work_);
}

// The next in line takes the place; where the pool has no room for it, it is turned away and the
// one behind it has its turn.
void Call::pass_place_on() noexcept {
  while (Gate::Waiter* waiter = gate_->leave()) {
    Call& next = static_cast<CallWaiter*>(waiter)->call;
    if (next.launch()) return;
    next.close({.kind = OutcomeKind::kOverloaded});
  }
}

// ---- Loop thread: the way out
// --------------------------------------------------------------------

void Call::done() noexcept {
  if (!is_settled_) {
    detach();
    settle(outcome_);
    let_go();
    resume();  // may end the exchange, and this with it
    return;
  }
  // Nobody waited for it: a zombie lets go.
  release_chunks(outcome_.response);
  let_go();
  loop_calls_.zombies.store(loop_calls_.zombies.load(std::memory_order_relaxed) - 1,
                            std::memory_order_relaxed);
  exchange_.release_memory();  // this is gone
}

void Call::answer_early(OutcomeKind kind, CancelReason reason) noexcept {
  if (state_ == State::kClosed) return;  // its outcome is on the way and counts
  detach();
  if (!withdraw()) {
    tell(reason);
    become_zombie();
  }
  settle({.kind = kind});
  resume();
}

void Call::give_up() noexcept {
  if (is_settled_) {
    release_chunks(result_.response);  // nothing, when it was taken
    return;
  }
  waiting_ = nullptr;
  is_settled_ = true;
  detach();
  if (withdraw()) return;
  tell(dispatcher_.is_draining_ ? CancelReason::kDraining : CancelReason::kPeerGone);
  become_zombie();
}

void Call::drain() noexcept {
  if (!withdraw()) {
    tell(CancelReason::kDraining);
    return;
  }
  detach();
  settle({.kind = OutcomeKind::kCancelled});
  resume();
}

bool Call::withdraw() noexcept {
  const bool is_nowhere = state_ == State::kPrepared || std::exchange(must_post_, false);
  if (is_nowhere && gate_ != nullptr) pass_place_on();
  if (is_nowhere || (gate_ != nullptr && gate_->take_out(waiter_))) {
    state_.store(State::kClosed);
    let_go();
    return true;
  }
  // It lies in a queue of the pool or of the loop, which will find it abandoned.
  State expected = State::kQueued;
  if (!state_.compare_exchange_strong(expected, State::kAbandoned)) return false;
  become_zombie();
  return true;
}

void Call::tell(CancelReason reason) noexcept {
  // The handler may let go at this very moment. That is harmless: what it let go of is freed on
  // this thread, after this.
  if (is_told_ || state_ != State::kRunning) return;
  is_told_ = true;
  terms_.handler->cancel(*this, reason);
}

void Call::become_zombie() noexcept {
  exchange_.hold_memory();
  loop_calls_.zombies.store(loop_calls_.zombies.load(std::memory_order_relaxed) + 1,
                            std::memory_order_relaxed);
}

void Call::settle(const Outcome& result) noexcept {
  result_ = result;
  is_settled_ = true;
}

void Call::resume() noexcept { std::exchange(waiting_, nullptr).resume(); }

void Call::let_go() noexcept {
  if (terms_.let_go != nullptr) terms_.let_go(terms_.user);
}

void Call::link() noexcept {
  link_ = &loop_calls_.calls;
  next_ = *link_;
  if (next_ != nullptr) next_->link_ = &next_;
  *link_ = this;
  loop_calls_.waiting.store(loop_calls_.waiting.load(std::memory_order_relaxed) + 1,
                            std::memory_order_relaxed);
}

void Call::detach() noexcept {
  if (alarm_.is_set()) loop_.cancel_alarm(alarm_);
  if (link_ == nullptr) return;
  exchange_.watch_peer(nullptr);
  *link_ = next_;
  if (next_ != nullptr) next_->link_ = link_;
  link_ = nullptr;
  loop_calls_.waiting.store(loop_calls_.waiting.load(std::memory_order_relaxed) - 1,
                            std::memory_order_relaxed);
}

}  // namespace hookhost::dispatch
