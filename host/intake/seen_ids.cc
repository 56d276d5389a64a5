// SPDX-License-Identifier: Apache-2.0
#include "intake/seen_ids.h"

#include "base/check.h"

namespace hookhost::intake {

SeenIds::Key SeenIds::key_of(std::string_view route, std::string_view delivery_id) noexcept {
  // The first MAC is the key of the second, so the two texts cannot run together.
  return auth::siphash(auth::siphash(auth::process_key(), route), delivery_id);
}

SeenIds::Sighting SeenIds::begin(const Key& key, EventId event, MonotonicTime now) {
  MutexLock lock(mutex_);
  if (const auto known = records_.find(key); known != records_.end()) {
    const Record& record = known->second;
    if (record.is_in_flight) return {Sight::kInFlight, record.place->event};
    if (now <= record.place->until) return {Sight::kDuplicate, record.place->event};
    acknowledged_.erase(record.place);
    records_.erase(known);
  }
  std::list<Entry> fresh;
  fresh.push_back({key, event, now});
  records_.emplace(key, Record{fresh.begin()});
  in_flight_.splice(in_flight_.end(), fresh);
  return {Sight::kFresh, event};
}

void SeenIds::acknowledge(const Key& key, MonotonicTime now,
                          std::chrono::nanoseconds window) noexcept {
  MutexLock lock(mutex_);
  const auto known = records_.find(key);
  HOOKHOST_CHECK(known != records_.end() && known->second.is_in_flight);
  Record& record = known->second;
  record.is_in_flight = false;
  record.place->until = now + window;
  acknowledged_.splice(acknowledged_.end(), in_flight_, record.place);
  // Routes differ in their windows, so one that has ended may stand behind one that has not; it
  // waits for its turn.
  while (acknowledged_.size() > count_max_ || acknowledged_.front().until < now) drop_oldest();
}

void SeenIds::forget(const Key& key) noexcept {
  MutexLock lock(mutex_);
  const auto known = records_.find(key);
  HOOKHOST_CHECK(known != records_.end() && known->second.is_in_flight);
  in_flight_.erase(known->second.place);
  records_.erase(known);
}

std::size_t SeenIds::size() const noexcept {
  MutexLock lock(mutex_);
  return records_.size();
}

void SeenIds::drop_oldest() noexcept {
  records_.erase(acknowledged_.front().key);
  acknowledged_.pop_front();
}

}  // namespace hookhost::intake
