// SPDX-License-Identifier: Apache-2.0
#include "routing/published_table.h"

#include <algorithm>

#include "base/check.h"

namespace hookhost::routing {

PublishedTable::PublishedTable(std::shared_ptr<const RouteTable> first) {
  publish(std::move(first));
}

void PublishedTable::publish(std::shared_ptr<const RouteTable> table) {
  HOOKHOST_CHECK(table != nullptr);
  // The old one is let go outside the lock: its last reference may destroy handlers.
  const MutexLock lock(mutex_);
  table_.swap(table);
  std::erase_if(replaced_, [](const auto& old) { return old.expired(); });
  if (table != nullptr) replaced_.push_back(table);
  generation_.fetch_add(1, std::memory_order_release);
}

std::shared_ptr<const RouteTable> PublishedTable::snapshot() const {
  const MutexLock lock(mutex_);
  return table_;
}

RouteTables PublishedTable::replaced() const {
  const MutexLock lock(mutex_);
  return replaced_;
}

PublishedTable::Reader::~Reader() {
  // A pin that outlives its reader would unpin into freed memory.
  HOOKHOST_CHECK(replaced_.empty() && (current_ == nullptr || current_->pins == 0));
}

PublishedTable::Pin PublishedTable::Reader::pin() {
  const std::uint64_t now = published_.generation_.load(std::memory_order_acquire);
  if (current_ == nullptr || current_->generation != now) refresh();
  return Pin(*this, *current_);
}

void PublishedTable::Reader::refresh() {
  auto fresh = std::make_unique<Held>();
  {
    const MutexLock lock(published_.mutex_);
    fresh->table = published_.table_;
    fresh->generation = published_.generation_.load(std::memory_order_relaxed);
  }
  if (current_ != nullptr && current_->pins > 0) replaced_.push_back(std::move(current_));
  current_ = std::move(fresh);
}

void PublishedTable::Reader::unpin(Held& held) noexcept {
  if (--held.pins > 0 || &held == current_.get()) return;
  std::erase_if(replaced_, [&](const auto& old) { return old.get() == &held; });
}

}  // namespace hookhost::routing
