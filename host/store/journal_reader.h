// SPDX-License-Identifier: Apache-2.0
//
// JournalReader: the questions of people, pages and claims to the journal, on a connection of its
// own that can write nothing. One question at a time, each sees one moment. Any thread; waits.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/result.h"
#include "store/due_schedule.h"
#include "store/journal.h"
#include "store/sqlite_database.h"

namespace hookhost::store {

// The question of page(). Pure; here for the test that asks SQLite how it would answer. Its values:
// ?1 before, ?2 max, ?3 route, ?4 type, ?5 since, ?6 until, ?7 state, ?8 text; not all are in it.
std::string page_sql(const Filter& filter);

// A search that takes longer ends with kUnavailable.
inline constexpr std::chrono::seconds kSearchMax{2};

class JournalReader {
 public:
  // From a time of the journal to the wall clock's.
  using WallTime = std::function<SystemTime(std::int64_t journal_ms)>;

  // clock outlives it.
  static Sqlite<std::unique_ptr<JournalReader>> open(Database database, const Clock& clock,
                                                     WallTime wall_time);

  // As Journal says.
  Result<std::vector<EventRow>> page(const Filter& filter, EventId before, std::size_t max);
  Result<EventDetail> find(EventId id);
  // kNotFound: there is no such delivery.
  Result<Lease> lease(EventId id, std::uint32_t run);

 private:
  JournalReader(Database database, const Clock& clock, WallTime wall_time)
      : database_(std::move(database)), clock_(clock), wall_time_(std::move(wall_time)) {}

  EventRow event_row(const Rows& rows) const;

  static bool is_late(void* reader) noexcept;

  Mutex mutex_;
  Database database_ HOOKHOST_GUARDED_BY(mutex_);
  Statement find_ HOOKHOST_GUARDED_BY(mutex_);
  Statement attempts_ HOOKHOST_GUARDED_BY(mutex_);
  Statement lease_ HOOKHOST_GUARDED_BY(mutex_);
  MonotonicTime deadline_{};  // as guarded; SQLite asks for it while we hold the mutex
  const Clock& clock_;
  const WallTime wall_time_;
};

}  // namespace hookhost::store
