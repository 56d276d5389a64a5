// SPDX-License-Identifier: Apache-2.0
#include "app/swap_counts.h"

#include <string>

namespace hookhost::app {
namespace {

using plugin::SwapCause;

// What can happen, and why. Each pair is shown with its zero, so that an alert on it works before
// the first swap.
constexpr struct {
  SwapLine::Kind result;
  SwapCause first, last;
} kRows[] = {{SwapLine::Kind::kLive, SwapCause::kNone, SwapCause::kNone},
             {SwapLine::Kind::kRemoved, SwapCause::kNone, SwapCause::kNone},
             {SwapLine::Kind::kRefused, SwapCause::kPinned, SwapCause::kCommand},
             {SwapLine::Kind::kRolledBack, SwapCause::kCommand, SwapCause::kProbation}};

}  // namespace

void SwapCounts::add(SwapLine::Kind result, SwapCause cause) noexcept {
  results_[static_cast<std::size_t>(result)][static_cast<std::size_t>(cause)].add(1);
}

void SwapCounts::set_now(std::size_t refused, std::size_t pinned) noexcept {
  refused_now_ = refused;
  pinned_now_ = pinned;
}

std::uint64_t SwapCounts::of(SwapLine::Kind result) const noexcept {
  std::uint64_t sum = 0;
  for (const telemetry::Counter& count : results_[static_cast<std::size_t>(result)])
    sum += count.value();
  return sum;
}

void SwapCounts::collect(telemetry::MetricSet& set) const {
  set.add("hookhost_plugins_refused", static_cast<double>(refused_now_.load()));
  set.add("hookhost_pinned_generations", static_cast<double>(pinned_now_.load()));
  for (const auto& row : kRows) {
    const ByCause& counts = results_[static_cast<std::size_t>(row.result)];
    for (auto i = static_cast<std::size_t>(row.first); i <= static_cast<std::size_t>(row.last); ++i)
      set.add("hookhost_swaps_total", static_cast<double>(counts[i].value()),
              {{"result", std::string(result_of(row.result))},
               {"reason", std::string(name_of(static_cast<SwapCause>(i)))}});
  }
  seconds_.add_to(set.sample("hookhost_swap_seconds"));
}

}  // namespace hookhost::app
