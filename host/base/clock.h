// SPDX-License-Identifier: Apache-2.0
//
// Clock: where the time comes from. Whoever needs the time is handed a Clock or a time, so that a
// test can be any moment. SystemClock is the only caller of the std::chrono clocks. Any thread.
#pragma once

#include <chrono>

namespace hookhost {

using SystemTime =
    std::chrono::system_clock::time_point;  // the wall clock: for people, and for signed timestamps
using MonotonicTime =
    std::chrono::steady_clock::time_point;  // for everything else: deadlines, durations, order

class Clock {
 public:
  virtual SystemTime now() const noexcept = 0;
  virtual MonotonicTime monotonic_now() const noexcept = 0;

 protected:
  ~Clock() = default;
};

class SystemClock final : public Clock {
 public:
  SystemTime now() const noexcept override { return std::chrono::system_clock::now(); }
  MonotonicTime monotonic_now() const noexcept override { return std::chrono::steady_clock::now(); }
};

}  // namespace hookhost
