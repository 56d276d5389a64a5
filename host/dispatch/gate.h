// SPDX-License-Identifier: Apache-2.0
//
// Gate: at most so many calls of one route at once, over all loops; the others wait in a bounded
// line, first come first served. Any thread. It knows places and waiters, not handlers: who gets a
// place is told by the return values. Only routes with a limit have one, since it costs a lock.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/mutex.h"

namespace hookhost::dispatch {

// Calls of one route that wait for a place. A sender's patience is seconds (Slack: 3): who stands
// behind so many would be answered after it left, so it gets 503 now.
inline constexpr std::size_t kGateWaitingMax = 256;

class Gate {
 public:
  // One that may have to wait; its owner embeds it and keeps it in place as long as it waits. The
  // members are the gate's.
  struct Waiter {
    std::uint32_t places_max = 0;
    bool is_waiting = false;
    Waiter* previous = nullptr;
    Waiter* next = nullptr;
  };

  enum class Entry : std::uint8_t {
    kEntered,  // it has a place and gives it back with leave()
    kWaiting,  // leave() of another will return it, unless it is taken out before
    kFull      // the line is as long as it may be
  };

  // places_max: of this caller's route; a new generation may have another limit than those before.
  Entry enter(Waiter& waiter, std::uint32_t places_max) noexcept;

  // Gives a place back. Returns the waiter that has it now, or nullptr.
  [[nodiscard]] Waiter* leave() noexcept;

  // True: it waited and does no longer. False: it does not wait, since its turn came.
  bool take_out(Waiter& waiter) noexcept;

 private:
  void unlink(Waiter& waiter) noexcept HOOKHOST_REQUIRES(mutex_);

  Mutex mutex_;
  std::size_t taken_ HOOKHOST_GUARDED_BY(mutex_) = 0;
  std::size_t waiting_ HOOKHOST_GUARDED_BY(mutex_) = 0;
  Waiter* first_ HOOKHOST_GUARDED_BY(mutex_) = nullptr;
  Waiter* last_ HOOKHOST_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace hookhost::dispatch
