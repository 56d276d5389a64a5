// SPDX-License-Identifier: Apache-2.0
#include "dispatch/dispatcher.h"

#include <new>
#include <utility>

#include "base/check.h"
#include "dispatch/call.h"

namespace hookhost::dispatch {

HandOver::~HandOver() { call_.give_up(); }
bool HandOver::await_ready() { return call_.start(); }
bool HandOver::await_suspend(std::coroutine_handle<> waiting) { return call_.wait(waiting); }
Outcome HandOver::await_resume() noexcept { return call_.take(); }

LoopCalls::LoopCalls() noexcept
    : drain_work([](Work& work) noexcept { static_cast<Drain&>(work).owner->drain(); }) {
  drain_work.owner = this;
}

// Each call is put back before it is told, since being told may end it or others.
void LoopCalls::drain() noexcept {
  Call* left = std::exchange(calls, nullptr);
  if (left != nullptr) left->link_ = &left;
  while (left != nullptr) {
    Call& call = *left;
    left = call.next_;
    if (left != nullptr) left->link_ = &left;
    call.link_ = &calls;
    call.next_ = calls;
    if (calls != nullptr) calls->link_ = &call.next_;
    calls = &call;
    call.drain();
  }
}

Dispatcher::Dispatcher(WorkerPool& pool, unsigned loop_count)
    : pool_(pool), loop_count_(loop_count), loops_(std::make_unique<LoopCalls[]>(loop_count)) {}

Dispatcher::~Dispatcher() = default;

Attempt& Dispatcher::prepare(Exchange& exchange) {
  Loop& loop = exchange.loop();
  HOOKHOST_CHECK(loop.index() < loop_count_);
  LoopCalls& mine = loops_[loop.index()];
  if (mine.loop.load(std::memory_order_relaxed) == nullptr) mine.loop.store(&loop);
  void* place = exchange.arena().allocate(sizeof(Call), alignof(Call));
  return *new (place) Call(*this, mine, exchange);  // ends with the arena: nothing in it is owned
}

HandOver Dispatcher::hand_over(Attempt& attempt, const Terms& terms) {
  Call& call = static_cast<Call&>(attempt);
  call.set_terms(terms);
  return HandOver(call);
}

void Dispatcher::drain() noexcept {
  // Either a loop's first call sees the flag, or this sees the loop.
  if (is_draining_.exchange(true)) return;
  for (unsigned i = 0; i < loop_count_; ++i) {
    if (Loop* loop = loops_[i].loop.load()) loop->post(loops_[i].drain_work);
  }
}

DispatcherStats Dispatcher::stats() const noexcept {
  DispatcherStats sum;
  for (unsigned i = 0; i < loop_count_; ++i) {
    sum.waiting += loops_[i].waiting.load(std::memory_order_relaxed);
    sum.zombies += loops_[i].zombies.load(std::memory_order_relaxed);
  }
  return sum;
}

Gate& Dispatcher::gate_of(std::string_view path) {
  const MutexLock lock(mutex_);
  if (const auto gate = gates_.find(path); gate != gates_.end()) return gate->second;
  return gates_.try_emplace(std::string(path)).first->second;
}

}  // namespace hookhost::dispatch
