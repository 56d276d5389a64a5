// SPDX-License-Identifier: Apache-2.0
//
// Retry policy: what becomes of a delivery after an attempt. Pure, any thread.
//
//   attempt    1    2    3    4     5      6      7      8    9    10   11   12
//   after      0    1 s  5 s  30 s  2 min  10 min 30 min 1 h  2 h  4 h  6 h  8 h   each +-20 %
//
// Twelve attempts within a day: long enough for a service that is down over a night, short enough
// that somebody still cares. A handler's own wish takes the place of a row and is not changed.
#pragma once

#include <chrono>
#include <cstdint>

#include "model/outcome.h"
#include "store/journal.h"

namespace hookhost::dispatch {

inline constexpr std::uint32_t kAttemptsMax = 12;
// A handler's wish beyond it is taken for this.
inline constexpr std::chrono::hours kWishMax{6};
// What found no room or was stopped comes again after this; it is no attempt.
inline constexpr std::chrono::milliseconds kNotTriedDelay{1000};

struct NextStep {
  store::State state = store::State::kDone;  // kReady: again, after due_in
  std::uint32_t attempts = 0;                // that count, this one included when it does
  std::chrono::milliseconds due_in{0};
};

// attempts: that were made before this one. random: from [0, 1), for the jitter. Not of kPending.
NextStep next_step(const Outcome& outcome, std::uint32_t attempts, double random) noexcept;

}  // namespace hookhost::dispatch
