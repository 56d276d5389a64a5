// SPDX-License-Identifier: Apache-2.0
//
// FakeClock: time that stands still until a test advances it. Both clocks move together; jump()
// moves the wall clock alone, as an administrator does. Any thread may read it.
#pragma once

#include <atomic>
#include <chrono>

#include "base/clock.h"

namespace hookhost::test {

class FakeClock final : public Clock {
 public:
  // 2026-09-01 12:00:00 UTC, and a monotonic clock that is not 0, since 0 means "none".
  static constexpr SystemTime kStart{std::chrono::seconds{1'788'264'000}};
  static constexpr MonotonicTime kMonotonicStart{std::chrono::hours{1}};

  SystemTime now() const noexcept override {
    return kStart + std::chrono::duration_cast<SystemTime::duration>(
                        std::chrono::nanoseconds{passed_.load() + jumped_.load()});
  }
  MonotonicTime monotonic_now() const noexcept override {
    return kMonotonicStart + std::chrono::nanoseconds{passed_.load()};
  }

  void advance(std::chrono::nanoseconds by) noexcept { passed_ += by.count(); }
  void jump(std::chrono::nanoseconds by) noexcept { jumped_ += by.count(); }

 private:
  std::atomic<std::int64_t> passed_{0};
  std::atomic<std::int64_t> jumped_{0};
};

}  // namespace hookhost::test
