// SPDX-License-Identifier: Apache-2.0
//
// CostLimit: what one input may cost: no stranger gets a hundred times his bytes in memory, or a
// second of our time. Stands first in a fuzz target and stops it when the input goes beyond. Counts
// every allocation of the thread, freed or not, by the sanitizer's hooks; one at a time.
#pragma once

#include <sanitizer/allocator_interface.h>
#include <time.h>

#include <cstddef>
#include <cstdint>

#include "base/check.h"

namespace hookhost::fuzz {

class CostLimit {
 public:
  // What a request may cost however small it is: Envoy calls 10 KiB that take 1 MiB an attack.
  static constexpr std::size_t kFreeBytes = 1024 * 1024;
  static constexpr std::size_t kTimes = 100;
  static constexpr std::int64_t kNanosecondsMax = 1'000'000'000;  // of the CPU, sanitizers included

  explicit CostLimit(std::size_t input_bytes) : bytes_max_(kFreeBytes + kTimes * input_bytes) {
    static const bool is_hooked =
        __sanitizer_install_malloc_and_free_hooks(&count, [](const volatile void*) {}) > 0;
    HOOKHOST_CHECK(is_hooked);
    allocated_bytes_ = 0;
    began_ = cpu_time();
  }
  ~CostLimit() {
    HOOKHOST_CHECK(allocated_bytes_ <= bytes_max_);
    HOOKHOST_CHECK(cpu_time() - began_ <= kNanosecondsMax);
  }
  CostLimit(const CostLimit&) = delete;
  CostLimit& operator=(const CostLimit&) = delete;

 private:
  static void count(const volatile void*, std::size_t bytes) { allocated_bytes_ += bytes; }
  static std::int64_t cpu_time() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec * 1'000'000'000 + time.tv_nsec;
  }

  static inline thread_local std::size_t allocated_bytes_ = 0;
  std::size_t bytes_max_;
  std::int64_t began_ = 0;
};

}  // namespace hookhost::fuzz
