// SPDX-License-Identifier: Apache-2.0
#include "store/due_schedule.h"

#include <algorithm>

namespace hookhost::store {

void DueSchedule::add(const Due& due) {
  if (!is_complete_ && due.key > last_) return;  // a page brings it
  insert(due);
  last_ = std::max(last_, due.key);
  if (by_time_.size() > 2 * kDuesMax) shed();
}

void DueSchedule::add_page(const std::vector<Due>& page, bool is_end) {
  for (const Due& due : page) {
    insert(due);
    last_ = std::max(last_, due.key);
  }
  is_complete_ = is_end;
}

void DueSchedule::insert(const Due& due) {
  const Name name{due.key.id, due.key.run};
  if (known_.try_emplace(name, Place{due.key, due.at}).second) by_time_.emplace(due.at, name);
}

// Keeps the first kDuesMax in the order of the disk. A page finds the others again.
void DueSchedule::shed() {
  std::vector<std::pair<DueKey, Name>> order;
  order.reserve(by_time_.size());
  for (const auto& [at, name] : by_time_) order.emplace_back(known_.at(name).key, name);
  const auto cut = order.begin() + static_cast<std::ptrdiff_t>(kDuesMax);
  std::nth_element(order.begin(), cut, order.end());
  for (auto it = cut; it != order.end(); ++it) {
    const auto known = known_.find(it->second);
    by_time_.erase({*known->second.at, it->second});
    known_.erase(known);
  }
  last_ = std::max_element(order.begin(), cut)->first;
  is_complete_ = false;
}

std::vector<DueKey> DueSchedule::take(MonotonicTime now, std::size_t max) {
  std::vector<DueKey> taken;
  while (taken.size() < max && !by_time_.empty() && by_time_.begin()->first <= now) {
    Place& place = known_.at(by_time_.begin()->second);
    place.at.reset();
    taken.push_back(place.key);
    by_time_.erase(by_time_.begin());
  }
  return taken;
}

void DueSchedule::put_back(EventId id, std::uint32_t run, MonotonicTime at) {
  const auto known = known_.find({id, run});
  if (known == known_.end() || known->second.at) return;  // no lease of ours, or given back before
  known->second.at = at;
  by_time_.emplace(at, known->first);
}

void DueSchedule::settle(EventId id, std::uint32_t run) {
  const auto known = known_.find({id, run});
  if (known == known_.end()) return;
  if (known->second.at) by_time_.erase({*known->second.at, known->first});
  known_.erase(known);
}

std::optional<MonotonicTime> DueSchedule::next() const noexcept {
  if (by_time_.empty()) return std::nullopt;
  return by_time_.begin()->first;
}

}  // namespace hookhost::store
