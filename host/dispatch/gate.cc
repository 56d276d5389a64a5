// SPDX-License-Identifier: Apache-2.0
#include "dispatch/gate.h"

#include "base/check.h"

namespace hookhost::dispatch {

Gate::Entry Gate::enter(Waiter& waiter, std::uint32_t places_max) noexcept {
  HOOKHOST_CHECK(places_max > 0);
  const MutexLock lock(mutex_);
  if (taken_ < places_max && first_ == nullptr) {
    ++taken_;
    return Entry::kEntered;
  }
  if (waiting_ == kGateWaitingMax) return Entry::kFull;
  waiter = {.places_max = places_max, .is_waiting = true, .previous = last_, .next = nullptr};
  (last_ == nullptr ? first_ : last_->next) = &waiter;
  last_ = &waiter;
  ++waiting_;
  return Entry::kWaiting;
}

Gate::Waiter* Gate::leave() noexcept {
  const MutexLock lock(mutex_);
  HOOKHOST_CHECK(taken_ > 0);
  --taken_;
  if (first_ == nullptr || taken_ >= first_->places_max) return nullptr;
  Waiter* next = first_;
  unlink(*next);
  ++taken_;
  return next;
}

bool Gate::take_out(Waiter& waiter) noexcept {
  const MutexLock lock(mutex_);
  if (!waiter.is_waiting) return false;
  unlink(waiter);
  return true;
}

void Gate::unlink(Waiter& waiter) noexcept {
  (waiter.previous == nullptr ? first_ : waiter.previous->next) = waiter.next;
  (waiter.next == nullptr ? last_ : waiter.next->previous) = waiter.previous;
  waiter.is_waiting = false;
  --waiting_;
}

}  // namespace hookhost::dispatch
