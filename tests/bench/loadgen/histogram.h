// SPDX-License-Identifier: Apache-2.0
//
// Histogram: latencies in nanoseconds, counted in buckets that are exact below 128 ns and at most
// 1.6 % wide above. Adding costs a shift and an increment, so that the generator does not slow down
// what it measures. One thread.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace hookhost::bench {

class Histogram {
 public:
  void add(std::uint64_t ns) noexcept {
    ++buckets_[bucket_of(ns)];
    ++count_;
  }

  std::uint64_t count() const noexcept { return count_; }

  // The largest value of the bucket that holds the given share (0 to 1) of all values; 0 when
  // empty.
  std::uint64_t at_share(double share) const noexcept {
    const auto rank = static_cast<std::uint64_t>(share * static_cast<double>(count_));
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      below += buckets_[i];
      if (buckets_[i] > 0 && below > rank) return upper_end_of(i);
    }
    return upper_end_of(last_used());
  }

 private:
  static constexpr unsigned kSubBits = 6;  // 64 buckets for each doubling
  static constexpr unsigned kShiftMax = 64 - (kSubBits + 1);
  static constexpr std::uint64_t kSub = 1ULL << kSubBits;

  // Two doublings fit below 2 * kSub exactly; above, the upper kSubBits + 1 bits name the bucket.
  static std::size_t bucket_of(std::uint64_t ns) noexcept {
    if (ns < 2 * kSub) return static_cast<std::size_t>(ns);
    const auto shift = static_cast<unsigned>(std::bit_width(ns)) - (kSubBits + 1);
    return static_cast<std::size_t>(shift * kSub + (ns >> shift));
  }

  static std::uint64_t upper_end_of(std::size_t bucket) noexcept {
    if (bucket < 2 * kSub) return bucket;
    const std::uint64_t shift = bucket / kSub - 1;
    return ((bucket - shift * kSub + 1) << shift) - 1;
  }

  std::size_t last_used() const noexcept {
    for (std::size_t i = buckets_.size(); i-- > 0;) {
      if (buckets_[i] > 0) return i;
    }
    return 0;
  }

  std::array<std::uint64_t, (kShiftMax + 2) * kSub> buckets_{};
  std::uint64_t count_ = 0;
};

}  // namespace hookhost::bench
