// SPDX-License-Identifier: Apache-2.0
//
// HeldCalls: calls of one generation that wait while what it remembers moves to the next one
// (hookhost.state/1). Nothing waits in a thread: a held call is pending, and runs on the pool
// later, inline ones too.
//
//   open --hold()--> holding --give_back()--> open        what waited runs here
//                       |
//                    pass_on()--> passed on --give_back()--> open
//                                 what waited, and what comes later by an older route table, runs
//                                 on the next generation
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/mutex.h"
#include "model/handler.h"
#include "plugin/way_to.h"

namespace hookhost::plugin {

class Generation;
struct EndpointManifest;

class HeldCalls {
 public:
  explicit HeldCalls(Generation& generation) noexcept : generation_(generation) {}
  HeldCalls(const HeldCalls&) = delete;
  HeldCalls& operator=(const HeldCalls&) = delete;

  // ---- Control thread

  // New calls wait from now on; those that run go on.
  void hold();
  // The next generation is published; way: that still leads here.
  void pass_on(std::shared_ptr<Generation> next, WayTo way);
  void give_back();

  // ---- Any thread

  // What becomes of an attempt that could not enter: kPending, or the outcome of whoever runs it
  // instead; kOverloaded beyond HOOKHOST_STATE_CALLS_MAX, kCancelled when nobody does.
  Outcome take(Attempt& attempt, const EndpointManifest& endpoint) noexcept;

 private:
  enum class Mode : std::uint8_t { kOpen, kHolding, kPassedOn };
  struct Held {
    Attempt* attempt;
    const EndpointManifest* endpoint;
  };
  // A generation that calls of this one were passed on to. Its object has to stay as long as such a
  // call can be cancelled, which is as long as its table lives.
  struct Next {
    std::shared_ptr<Generation> generation;
    WayTo way;
  };
  static void run(const std::vector<Held>& held, Generation& on);

  Generation& generation_;
  Mutex mutex_;
  Mode mode_ HOOKHOST_GUARDED_BY(mutex_) = Mode::kOpen;
  std::vector<Held> held_ HOOKHOST_GUARDED_BY(mutex_);
  std::vector<Next> next_ HOOKHOST_GUARDED_BY(mutex_);  // the newest last
};

}  // namespace hookhost::plugin
