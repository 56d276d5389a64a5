// SPDX-License-Identifier: Apache-2.0
//
// Executor: something that runs work later, on a thread of its own. Loop: the executor of one
// event-loop thread, which also knows deadlines. Loops (http) and pools (dispatch) implement them,
// so that the inner rooms need no Asio.
//
// Intrusive on purpose: the caller owns the node and posting it allocates nothing, so it cannot
// fail.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace hookhost {

// Embed one, or derive from it. From post() until run is called it belongs to the executor and must
// stay where it is; in one queue at a time. run may destroy the node.
struct Work {
  using Run = void (*)(Work& work) noexcept;
  explicit Work(Run function) noexcept : run(function) {}
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;

  Run run;
  Work* next = nullptr;  // the executor's
};

class Executor {
 public:
  // Runs the work once, after this call, on the executor's thread. Order of posts from one thread
  // is kept. Any thread.
  virtual void post(Work& work) noexcept = 0;

 protected:
  ~Executor() = default;
};

// A deadline of a loop; the owner embeds it. Set and cancelled on the loop's thread only.
// Destroying one that is set is a bug.
struct Alarm {
  using Ring = void (*)(Alarm& alarm) noexcept;
  explicit Alarm(Ring function) noexcept : ring(function) {}
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  Ring ring;
  MonotonicTime at{};
  std::size_t slot = kUnset;  // the timer queue's
  static constexpr std::size_t kUnset = static_cast<std::size_t>(-1);
  bool is_set() const noexcept { return slot != kUnset; }
};

class Loop : public Executor {
 public:
  // Rings once at that time or a little later (granularity: 10 ms); a time that has passed rings at
  // the next turn, never inside this call. Setting a set alarm moves it. Loop thread only.
  virtual void set_alarm(Alarm& alarm, MonotonicTime at) = 0;
  virtual void cancel_alarm(Alarm& alarm) noexcept = 0;

  // 0 to count-1; for state that each loop has to itself. Any thread.
  virtual unsigned index() const noexcept = 0;

 protected:
  ~Loop() = default;
};

}  // namespace hookhost
