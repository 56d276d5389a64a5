// SPDX-License-Identifier: Apache-2.0
//
// DueSchedule: which delivery is due when, in memory: the head of the index delivery_due. A ready
// delivery is here or given out as a lease, or it stands behind last() on disk and is_complete() is
// false; the journal's writer then fills in the next page before this one is used up. Pure: no
// clock, no disk. Not thread-safe.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "model/journal_id.h"

namespace hookhost::store {

// Its place in delivery_due.
struct DueKey {
  std::int64_t next_ms = 0;
  EventId id = 0;
  std::uint32_t run = 0;
  auto operator<=>(const DueKey&) const = default;
};
struct Due {
  DueKey key;
  MonotonicTime at{};
};

class DueSchedule {
 public:
  static constexpr std::size_t kPage = 1'000;
  static constexpr std::size_t kDuesMax = 10 * kPage;  // some megabytes; the rest waits on disk

  // A delivery became ready on disk.
  void add(const Due& due);
  // The next page behind last(); is_end: there was no more.
  void add_page(const std::vector<Due>& page, bool is_end);

  // Those that are due, in the order of their times, at most max: now leases.
  std::vector<DueKey> take(MonotonicTime now, std::size_t max);
  // The lease was not used.
  void put_back(EventId id, std::uint32_t run, MonotonicTime at);
  // What became of the lease is on disk.
  void settle(EventId id, std::uint32_t run);

  std::optional<MonotonicTime> next() const noexcept;
  bool wants_page() const noexcept { return !is_complete_ && by_time_.size() < kPage / 4; }
  const DueKey& last() const noexcept { return last_; }
  bool is_complete() const noexcept { return is_complete_; }

 private:
  using Name = std::pair<EventId, std::uint32_t>;
  void insert(const Due& due);
  void shed();

  // Each ready delivery that is known; without a time: a lease.
  struct Place {
    DueKey key;
    std::optional<MonotonicTime> at;
  };
  std::map<Name, Place> known_;
  std::set<std::pair<MonotonicTime, Name>> by_time_;
  DueKey last_{.next_ms = INT64_MIN};
  bool is_complete_ = false;
};

}  // namespace hookhost::store
