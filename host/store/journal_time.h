// SPDX-License-Identifier: Apache-2.0
//
// JournalTime: the milliseconds by which the journal counts delays and ages. They go on where they
// stood in the database, as fast as the monotonic clock and never back, so a wall clock that jumps
// neither delays a delivery nor deletes an event. Pure. Any thread.
//
// The rule, at opening: the wall clock counts, but never back behind the newest event and at most
// kOffMax beyond it: what a clock says that is a year ahead is believed for a day. The price: of a
// longer time off, no more than that counts for retention.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace hookhost::store {

inline std::int64_t to_ms(SystemTime time) noexcept {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}
inline SystemTime from_ms(std::int64_t ms) noexcept {
  return SystemTime(std::chrono::milliseconds(ms));
}

class JournalTime {
 public:
  static constexpr std::chrono::milliseconds kOffMax = std::chrono::hours(24);
  // No retry waits longer, so a longer wait is a clock's error.
  static constexpr std::chrono::milliseconds kDelayMax = std::chrono::hours(10);

  // newest_ms: when the newest event was kept; nullopt: there is none.
  JournalTime(std::optional<std::int64_t> newest_ms, SystemTime wall,
              MonotonicTime monotonic) noexcept
      : start_ms_(newest_ms ? std::clamp(to_ms(wall), *newest_ms, *newest_ms + kOffMax.count())
                            : to_ms(wall)),
        start_(monotonic) {}

  std::int64_t at(MonotonicTime now) const noexcept {
    return start_ms_ + std::chrono::duration_cast<std::chrono::milliseconds>(now - start_).count();
  }
  // When it will be `ms`, seen from now.
  MonotonicTime when(std::int64_t ms, MonotonicTime now) const noexcept {
    return now +
           std::chrono::milliseconds(std::clamp<std::int64_t>(ms - at(now), 0, kDelayMax.count()));
  }

 private:
  std::int64_t start_ms_;
  MonotonicTime start_;
};

}  // namespace hookhost::store
