// SPDX-License-Identifier: Apache-2.0
//
// Retention: what the journal throws away, and when the writer does a little of it. A deletion
// costs as much as an append, so a part of it rides on groups that are small, until all was looked
// at. Ages are in journal time (journal_time.h), which no jump of the wall clock moves. Pure; the
// writer's thread only.
//
//  - done and skipped events: after keep_done, or, the oldest first, when bodies exceed bytes_max;
//  - dead ones: after keep_dead, and never for space;
//  - what is ready, and the newest event, whose id and time go on: never.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "store/sqlite_journal.h"

namespace hookhost::store {

class Retention {
 public:
  static constexpr unsigned kDeletedMax = 64;  // in one commit
  static constexpr unsigned kSeenMax = 256;    // so many may be kept among them

  explicit Retention(const Options& options) noexcept
      : keep_done_(options.keep_done),
        keep_dead_(options.keep_dead),
        bytes_max_(static_cast<std::int64_t>(options.bytes_max)) {}

  // Beside a group of that many events.
  bool is_due(MonotonicTime now, std::size_t events, std::int64_t body_bytes) const noexcept {
    return is_over(body_bytes) || (events <= kDeletedMax && now >= next_);
  }
  // What was kept before these times may go.
  std::int64_t done_before_ms(std::int64_t now_ms) const noexcept {
    return now_ms - keep_done_.count();
  }
  std::int64_t dead_before_ms(std::int64_t now_ms) const noexcept {
    return now_ms - keep_dead_.count();
  }
  bool is_over(std::int64_t body_bytes) const noexcept {
    return bytes_max_ != 0 && body_bytes > bytes_max_;
  }
  // One look is over; goes_on: there are events that it did not come to.
  void looked(MonotonicTime now, bool goes_on) noexcept {
    is_through_ = !goes_on;
    if (is_through_) next_ = now + kEvery;
  }
  // Bodies exceed the limit, and none of them may go.
  bool is_stuck(std::int64_t body_bytes) const noexcept {
    return is_through_ && is_over(body_bytes);
  }

 private:
  static constexpr std::chrono::minutes kEvery{1};

  const std::chrono::milliseconds keep_done_, keep_dead_;
  const std::int64_t bytes_max_;
  MonotonicTime next_{};
  bool is_through_ = false;
};

}  // namespace hookhost::store
