// SPDX-License-Identifier: Apache-2.0
//
// Departures: generations on their way out of the process. A replaced one may still be called by
// whoever has the table before; once nobody can and its calls have ended, the reaper destroys and
// unloads it, and what cannot be unloaded is kept in view with the reason. A thread-local
// destructor keeps the code as long as a thread lives that ran it: the pool's are replaced then,
// and a handler that ran on an event loop stays. Control thread.
//
//   drain() -> told when its last call has ended    (it may serve again)
//   leave() -> reaper -> its copy is discarded, or pinned
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "plugin/host_dependencies.h"
#include "plugin/reaper.h"
#include "plugin/way_to.h"

namespace hookhost::plugin {

struct DepartureOptions {
  std::chrono::milliseconds patience;    // see Reaper
  std::chrono::milliseconds swap_drain;  // how long calls of a replaced generation may go on
  std::size_t pinned_max;                // of one file
  // A recycled thread ends when its handler returns: looked for after so long, twice that ...
  std::chrono::milliseconds first_look;
};

struct Drained {
  Build build;
  std::chrono::milliseconds took;  // since drain()
  std::int64_t cut_off;  // calls that did not end in time; the deferred ones are cancelled
};

struct PinnedBuild {
  Build build;
  std::string reason;
};

class Departures {
 public:
  // discard: a private copy is not needed by a departed build any more.
  // recycle_threads: as HostDependencies.
  Departures(DepartureOptions options, const Clock& clock, LogSink& log,
             std::function<void(const StagedFile&)> discard, std::function<void()> recycle_threads);

  // Its routes were withdrawn.
  void drain(Build build, WayTo way);
  // They are back.
  void forget_drain(const Generation& generation);
  // Nobody will want it again.
  void leave(Build build, WayTo way);
  // One that never served.
  void end_at_once(Build build) { reaper_.take(std::move(build)); }

  // Those whose last call has ended since, or whose time is over. Never waits for a plugin.
  std::vector<Drained> tend();
  // Those whose code turned out to stay in memory since the last call, as the log has it.
  std::vector<PinnedBuild> take_pinned() { return std::exchange(newly_pinned_, {}); }
  bool is_busy() const noexcept {
    return !drains_.empty() || !leavers_.empty() || reaper_.is_busy();
  }
  // When tend() looks again at pinned ones that a thread holds.
  MonotonicTime next_look() const noexcept;
  // Ends all that leave, one after the other, and waits for each.
  void finish() noexcept;

  // Error: too many builds of this file are pinned.
  Status check_room(const std::filesystem::path& file) const;

  std::size_t pinned_count() const noexcept { return pinned_.size(); }

  enum class Stage : std::uint8_t { kDraining, kEnding, kPinned };
  // Calls visit(build, stage, since, reason): since {} and reason "" where there is none.
  using Visit = std::function<void(const Build&, Stage, SystemTime, const std::string&)>;
  void visit(const Visit& visit) const;

 private:
  struct Replaced {
    Build build;
    WayTo way;
    MonotonicTime since;
    SystemTime since_for_people;
    bool is_free() const { return way.is_gone() && build.generation->in_flight() == 0; }
  };
  struct Pinned {
    Build build;
    RetireReport report;
    SystemTime since;
    int looks = 0;              // since it waits for threads to end
    MonotonicTime next_look{};  // {}: nothing is expected to change
  };
  Replaced replaced(Build build, WayTo way) const {
    return {std::move(build), std::move(way), clock_.monotonic_now(), clock_.now()};
  }
  void bury(EndedBuild ended);
  void look_at_pinned(bool all);
  void tell_pinned(const Pinned& pinned);

  const DepartureOptions options_;
  const Clock& clock_;
  LogSink& log_;
  const std::function<void(const StagedFile&)> discard_;
  const std::function<void()> recycle_threads_;
  std::vector<Replaced> drains_;   // whose end was not told yet
  std::vector<Replaced> leavers_;  // that go to the reaper as soon as they are free
  Reaper reaper_;
  std::vector<Pinned> pinned_;
  std::vector<PinnedBuild> newly_pinned_;
  bool is_finishing_ = false;  // no thread needs to be recycled any more
};

}  // namespace hookhost::plugin
