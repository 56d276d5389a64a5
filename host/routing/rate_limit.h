// SPDX-License-Identifier: Apache-2.0
//
// RateLimit: how many events a route takes in a second, over all loops, and how many at once: the
// generic cell rate algorithm (ITU-T I.371, virtual scheduling), whose whole state is one number.
// Any thread; a shared counter, so only routes that have a limit pay for one.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace hookhost {

class RateLimit {
 public:
  // Both at least 1.
  RateLimit(std::uint32_t per_second, std::uint32_t burst) noexcept
      : interval_(std::chrono::nanoseconds(std::chrono::seconds(1)) / per_second),
        tolerance_(interval_ * (burst - 1)) {}

  // 0: it may pass, and counts. Else it may not, and so long from now it could.
  std::chrono::nanoseconds take(MonotonicTime now) noexcept {
    const std::int64_t at = now.time_since_epoch() / std::chrono::nanoseconds(1);
    std::int64_t due = due_.load(std::memory_order_relaxed);
    do {
      const std::int64_t early = due - at - tolerance_.count();
      if (early > 0) return std::chrono::nanoseconds(early);
    } while (!due_.compare_exchange_weak(due, std::max(due, at) + interval_.count(),
                                         std::memory_order_relaxed));
    return std::chrono::nanoseconds(0);
  }

 private:
  const std::chrono::nanoseconds interval_, tolerance_;
  // When the next one is due at an even pace. Long ago: nobody came for a while.
  std::atomic<std::int64_t> due_{INT64_MIN / 2};
};

}  // namespace hookhost
