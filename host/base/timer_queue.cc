// SPDX-License-Identifier: Apache-2.0
#include "base/timer_queue.h"

#include "base/check.h"

namespace hookhost {

void TimerQueue::set(Alarm& alarm, MonotonicTime at) {
  if (!alarm.is_set()) {
    heap_.push_back(&alarm);
    alarm.at = at;
    alarm.slot = heap_.size() - 1;
    sift_up(alarm.slot);
    return;
  }
  HOOKHOST_CHECK(alarm.slot < heap_.size() && heap_[alarm.slot] == &alarm);
  alarm.at = at;
  sift_up(alarm.slot);
  sift_down(alarm.slot);
}

void TimerQueue::cancel(Alarm& alarm) noexcept {
  if (!alarm.is_set()) return;
  HOOKHOST_CHECK(alarm.slot < heap_.size() && heap_[alarm.slot] == &alarm);
  const std::size_t slot = alarm.slot;
  alarm.slot = Alarm::kUnset;
  Alarm* last = heap_.back();
  heap_.pop_back();
  if (last == &alarm) return;
  place(slot, last);
  sift_up(slot);
  sift_down(last->slot);
}

std::optional<MonotonicTime> TimerQueue::next() const noexcept {
  if (heap_.empty()) return std::nullopt;
  return heap_.front()->at;
}

std::size_t TimerQueue::ring_due(MonotonicTime now) noexcept {
  // At most as many as there are now: what is set again while ringing waits.
  std::size_t rang = 0;
  for (std::size_t left = heap_.size(); left > 0 && !heap_.empty() && heap_.front()->at <= now;
       --left) {
    Alarm& alarm = *heap_.front();
    cancel(alarm);
    alarm.ring(alarm);
    ++rang;
  }
  return rang;
}

void TimerQueue::place(std::size_t slot, Alarm* alarm) noexcept {
  heap_[slot] = alarm;
  alarm->slot = slot;
}

void TimerQueue::sift_up(std::size_t slot) noexcept {
  Alarm* alarm = heap_[slot];
  while (slot > 0) {
    const std::size_t parent = (slot - 1) / 2;
    if (heap_[parent]->at <= alarm->at) break;
    place(slot, heap_[parent]);
    slot = parent;
  }
  place(slot, alarm);
}

void TimerQueue::sift_down(std::size_t slot) noexcept {
  Alarm* alarm = heap_[slot];
  for (;;) {
    std::size_t child = 2 * slot + 1;
    if (child >= heap_.size()) break;
    if (child + 1 < heap_.size() && heap_[child + 1]->at < heap_[child]->at) ++child;
    if (alarm->at <= heap_[child]->at) break;
    place(slot, heap_[child]);
    slot = child;
  }
  place(slot, alarm);
}

}  // namespace hookhost
