// SPDX-License-Identifier: Apache-2.0
//
// Journal: what was acknowledged is not lost. Keeps events and, for each handler of one, a
// delivery: how often it was tried, when it is due again, what became of it.
//
//              append()             claim()              finish()
//   (nothing) ---------> ready -----------------> running --------> done | skipped | dead
//                          ^                         |
//                          |  finish(kAgain), or the process ended before finish() was on disk
//                          +-------------------------+
//
// Promises, for whoever implements it:
//  - append()'s callback says kKept only when the event would survive a power cut.
//  - What was kept is given to claim() until a finish() of it is on disk: at least once.
//  - A failed write is never taken for a success, nor the same fsync repeated and believed.
//  - Nothing is thrown away but by the rules of retention; ready deliveries never are.
//
// One process owns a journal. Calls that say "waits" wait for a disk and belong on no event loop;
// all others return at once. Any thread, unless said otherwise.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/journal_id.h"

namespace hookhost::store {

// The numbers stand in the database: never change one.
enum class State : std::uint8_t {
  kReady = 0,
  kRunning = 1,  // in memory only: on disk it is still ready
  kDone = 2,
  kDead = 3,
  kPaused = 4,
  kSkipped = 5
};

// "ready", "running", "done", "dead", "paused", "skipped".
std::string_view name_of(State state) noexcept;
std::optional<State> state_of(std::string_view name) noexcept;

// The first 16 bytes of a hash over route and sender's id.
using TwinKey = std::array<std::byte, 16>;

struct NewEvent {
  EventId id = 0;  // larger than every other of its loop; see Journal::last_id
  SystemTime received_at{};
  std::string route = {};      // name
  std::string type = {};       // in the sender's words: "repo.content:update"; empty: it has none
  std::string sender_id = {};  // empty: none
  std::optional<TwinKey> twin_key = {};  // nullopt: no twin is looked for
  std::string head = {};  // as model/request.h reads it again (event_head.h); without credentials
  std::string body = {};
  // Its delivery, run 0: how it stands when it is kept.
  std::string handler = {};  // "retrain.so retrain": plugin and endpoint
  State state = State::kReady;
  std::uint32_t attempts = 0;           // that were made
  std::chrono::milliseconds due_in{0};  // of kReady: from the commit on
  std::string error = {};               // of the last attempt; empty: none failed
  std::string generation = {};          // that made it: "7 (build 1c2f)"; empty: none
};

struct Appended {
  enum class Kind : std::uint8_t {
    kKept,    // it is on disk
    kTwin,    // another one with its twin key is; this one was not kept
    kFailed,  // it is not on disk; why stands in Stats::trouble
  };
  Kind kind = Kind::kFailed;
  EventId id = 0;                    // of kTwin: the other one's
  State twin_state = State::kReady;  // of kTwin. A dead one was made ready again
};
// On the journal's thread; must not block.
using AppendCallback = std::function<void(const Appended& appended)>;

// A delivery whose turn it is. Nobody else gets it before finish() or release().
struct Lease {
  EventId id = 0;
  std::uint32_t run = 0;
  std::uint32_t attempts = 0;  // that were made before this one
  SystemTime received_at{};
  std::string route = {}, type = {}, sender_id = {}, head = {}, body = {}, handler = {};
};

struct Finish {
  State state = State::kDone;           // kReady: again, after due_in
  std::uint32_t attempts = 0;           // all that were made
  std::chrono::milliseconds due_in{0};  // of kReady
  std::string error = {};               // empty: it did not fail
  std::string generation = {};
  SystemTime started_at{};  // of the last attempt
  std::chrono::milliseconds took{0};
};

// For people and for pages. Every member that is set has to fit.
struct Filter {
  std::optional<State> state = {};
  std::string route = {}, type = {};
  bool is_failed = false;  // its last attempt failed, whether it is tried again or not
  std::optional<SystemTime> since = {}, until = {};  // received_at: from since on, before until
  std::string text = {};  // in the body; the slow one: at most kTextScanMax events
};
inline constexpr std::size_t kTextScanMax = 10'000;

struct EventRow {
  EventId id = 0;
  SystemTime received_at{};
  std::string route = {}, type = {}, sender_id = {}, handler = {};
  std::size_t body_bytes = 0;
  // Of the last run.
  std::uint32_t run = 0, attempts = 0;
  State state = State::kReady;
  SystemTime due_at{};                             // of kReady
  std::optional<SystemTime> last_attempt_at = {};  // nullopt: none was made
  std::string error = {}, generation = {};
};
struct AttemptRow {
  std::uint32_t run = 0, number = 0;
  SystemTime started_at{};
  std::chrono::milliseconds took{0};
  State outcome = State::kReady;  // kReady: failed, to be tried again
  std::string error = {}, generation = {};
};
struct EventDetail {
  EventRow row = {};
  std::string head = {}, body = {};
  std::vector<AttemptRow> attempts = {};  // those that failed, oldest first
};

struct Stats {
  std::uint64_t waiting = 0;  // events in the queue before the disk
  std::uint64_t waiting_bytes = 0;
  std::uint64_t ready = 0;  // deliveries, those that run included
  std::uint64_t dead = 0;
  std::uint64_t commits = 0, appended = 0, twins = 0, failed = 0, purged = 0;
  std::chrono::microseconds last_commit{0};
  std::string trouble = {};  // "no space left on device"; empty: it takes events
};

class Journal {
 public:
  virtual ~Journal() = default;

  // Hands the event to the journal's thread. false: the queue is full, or the journal takes nothing
  // at the moment (Stats::trouble); done is not called then. Never waits.
  virtual bool append(NewEvent event, AppendCallback done) = 0;

  // Deliveries that are due, oldest first, at most max. Waits.
  virtual std::vector<Lease> claim(std::size_t max) = 0;
  // When the next one is due; nullopt: none is. What comes later is told by Options::wake.
  virtual std::optional<MonotonicTime> next_due() = 0;

  // What became of a lease. It rides on the next commit; lost with the process, the delivery is
  // ready again.
  virtual void finish(const Lease& lease, Finish finish) = 0;
  // The lease was not used: due again in due_in, and no attempt is counted.
  virtual void release(const Lease& lease, std::chrono::milliseconds due_in) = 0;

  // Newest first, those with ids below `before` (0: from the newest on), at most max. Waits.
  virtual Result<std::vector<EventRow>> page(const Filter& filter, EventId before,
                                             std::size_t max) = 0;
  // kNotFound: there is no such event. Waits.
  virtual Result<EventDetail> find(EventId id) = 0;

  // One more run of the event, ready at once, whatever became of the others. kNotFound; kInvalid:
  // one is ready or running. Waits until it is on disk.
  virtual Status replay(EventId id) = 0;
  // Out of the dead: skipped by the operator's word. kNotFound; kInvalid: it is not dead. Waits.
  virtual Status drop_dead(EventId id) = 0;

  // Everything handed over so far is on disk, or failed. Waits.
  virtual void flush() = 0;

  // Larger than every id that was ever kept, and so is every id that is made of it or later: for
  // EventIdSource, so that ids stay monotone when the clock was set back while the host was off.
  virtual EventId last_id() const = 0;

  virtual Stats stats() const = 0;
};

}  // namespace hookhost::store
