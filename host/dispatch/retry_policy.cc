// SPDX-License-Identifier: Apache-2.0
#include "dispatch/retry_policy.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace hookhost::dispatch {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using store::State;

constexpr double kJitter = 0.2;

// Behind attempt 1, 2, ...
constexpr std::array<milliseconds, kAttemptsMax - 1> kDelays{1s, 5s, 30s, 2min, 10min, 30min,
                                                             1h, 2h, 4h,  6h,   8h};

NextStep again(const Outcome& outcome, std::uint32_t attempts, double random) noexcept {
  if (attempts >= kAttemptsMax) return {State::kDead, attempts};
  if (outcome.retry_after.count() > 0)
    return {State::kReady, attempts, std::min<milliseconds>(outcome.retry_after, kWishMax)};
  const double factor = 1 - kJitter + 2 * kJitter * random;
  const double delay = static_cast<double>(kDelays[attempts - 1].count()) * factor;
  return {State::kReady, attempts, milliseconds(static_cast<std::int64_t>(delay))};
}

}  // namespace

NextStep next_step(const Outcome& outcome, std::uint32_t attempts, double random) noexcept {
  switch (outcome.kind) {
    case OutcomeKind::kHandled: return {State::kDone, attempts + 1};
    case OutcomeKind::kSkipped: return {State::kSkipped, attempts + 1};
    case OutcomeKind::kDead: return {State::kDead, attempts + 1};
    case OutcomeKind::kFailed:
    case OutcomeKind::kTimedOut: return again(outcome, attempts + 1, random);
    case OutcomeKind::kCancelled:
    case OutcomeKind::kOverloaded: return {State::kReady, attempts, kNotTriedDelay};
    case OutcomeKind::kPending: break;
  }
  check_failed(__FILE__, __LINE__, "an attempt that ended has a next step");
}

}  // namespace hookhost::dispatch
