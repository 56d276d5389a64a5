// SPDX-License-Identifier: Apache-2.0
//
// TimerQueue: a heap of alarms by time. Pure: it never looks at a clock; the thread that owns it
// asks when to wake and says what time it is. Not thread-safe. The alarms belong to their owners.
#pragma once

#include <optional>
#include <vector>

#include "base/executor.h"

namespace hookhost {

class TimerQueue {
 public:
  // Adds the alarm, or moves it when it is in this queue already. O(log n).
  void set(Alarm& alarm, MonotonicTime at);

  // Takes it out; one that is not set is left alone. O(log n).
  void cancel(Alarm& alarm) noexcept;

  // When the next one is due; nothing when the queue is empty.
  std::optional<MonotonicTime> next() const noexcept;

  // Rings, in the order of their times, every alarm that was due when it was called. An alarm that
  // is set again while ringing waits for the next call, so one that is always due cannot keep it
  // busy for ever. Returns how many rang.
  std::size_t ring_due(MonotonicTime now) noexcept;

  std::size_t size() const noexcept { return heap_.size(); }

 private:
  void place(std::size_t slot, Alarm* alarm) noexcept;
  void sift_up(std::size_t slot) noexcept;
  void sift_down(std::size_t slot) noexcept;

  std::vector<Alarm*> heap_;
};

}  // namespace hookhost
