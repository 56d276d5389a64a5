// SPDX-License-Identifier: Apache-2.0
//
// SwapCounts: how often builds came, were refused, removed or rolled back, and how long it took.
// Written on the control thread; read on any.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "app/swap_line.h"
#include "plugin/swap_cause.h"
#include "telemetry/counter.h"

namespace hookhost::app {

class SwapCounts {
 public:
  void add(SwapLine::Kind result, plugin::SwapCause cause) noexcept;
  // From the moment a change has settled until its builds are live.
  void add_swap(std::chrono::nanoseconds took) noexcept { seconds_.add(took); }
  void set_now(std::size_t refused, std::size_t pinned) noexcept;

  // For whatever cause.
  std::uint64_t of(SwapLine::Kind result) const noexcept;
  void collect(telemetry::MetricSet& set) const;

 private:
  using ByCause = std::array<telemetry::Counter, plugin::kSwapCauses>;
  std::array<ByCause, kSwapLineKinds> results_{};
  telemetry::DurationCounter seconds_;
  std::atomic<std::size_t> refused_now_{0}, pinned_now_{0};
};

}  // namespace hookhost::app
