// SPDX-License-Identifier: Apache-2.0
//
// Counter and DurationCounter: written by one thread and read by any. Hot path: no lock and no
// read-modify-write.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "telemetry/metrics.h"

namespace hookhost::telemetry {

class Counter {
 public:
  void add(std::uint64_t n) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// A histogram over kDurationEdges. A negative duration counts as none.
class DurationCounter {
 public:
  void add(std::chrono::nanoseconds length) noexcept {
    const double seconds = std::chrono::duration<double>(length).count();
    std::size_t bucket = 0;  // from below: almost all deliveries belong to the first ones
    while (bucket < std::size(kDurationEdges) && seconds > kDurationEdges[bucket]) ++bucket;
    buckets_[bucket].add(1);
    sum_ns_.add(static_cast<std::uint64_t>(std::max<std::int64_t>(length.count(), 0)));
  }

  // Adds what was counted to a sample of a histogram.
  void add_to(MetricSample& sample) const {
    sample.buckets.resize(kDurationBuckets);
    for (std::size_t i = 0; i < kDurationBuckets; ++i) sample.buckets[i] += buckets_[i].value();
    sample.value += static_cast<double>(sum_ns_.value()) * 1e-9;
  }

 private:
  std::array<Counter, kDurationBuckets> buckets_{};
  Counter sum_ns_;
};

}  // namespace hookhost::telemetry
