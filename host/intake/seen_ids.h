// SPDX-License-Identifier: Apache-2.0
//
// SeenIds: the deliveries that a sender may repeat: those it got a 2xx for within the route's
// window, and those that wait for their answer now. An id stands here as a MAC under a key of the
// process, so a long one takes no memory and nobody can choose two that meet. Bounded in count and
// age; forgets with the process. Any thread: one mutex, held for a look-up and never while calling
// out, and only events with an id on routes with a window come here.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string_view>
#include <unordered_map>

#include "auth/siphash.h"
#include "base/clock.h"
#include "base/mutex.h"
#include "model/journal_id.h"

namespace hookhost::intake {

// A day at one event a second is 86 400; each takes about 120 bytes.
inline constexpr std::size_t kSeenIdsMax = 100'000;

//            begin()               acknowledge()
//   unknown ---------> in flight -----------------> acknowledged
//      ^                   | forget()                    | its window ends, or kSeenIdsMax
//      +-------------------+-----------------------------+ younger ones have come
enum class Sight : std::uint8_t { kFresh, kInFlight, kDuplicate };

class SeenIds {
 public:
  using Key = auth::SipMac;

  // count_max: at least 1; of acknowledged ones. As many are in flight as there are connections.
  explicit SeenIds(std::size_t count_max = kSeenIdsMax) noexcept : count_max_(count_max) {}

  // An id means something on its route alone.
  static Key key_of(std::string_view route, std::string_view delivery_id) noexcept;

  struct Sighting {
    Sight sight = Sight::kFresh;
    EventId first = 0;  // the event that the delivery was when it came first
  };
  // kFresh: it is in flight now, and the caller owes acknowledge() or forget(). Throws
  // std::bad_alloc.
  Sighting begin(const Key& key, EventId event, MonotonicTime now);

  // Of a key in flight. The last moment of the window belongs to it.
  void acknowledge(const Key& key, MonotonicTime now, std::chrono::nanoseconds window) noexcept;
  // Of a key in flight: no 2xx, so its repeat is as good as new.
  void forget(const Key& key) noexcept;

  std::size_t size() const noexcept;

 private:
  struct Entry {
    Key key;
    EventId event;
    MonotonicTime until;  // of acknowledged ones
  };
  using Place = std::list<Entry>::iterator;
  struct Record {
    Place place;
    bool is_in_flight = true;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const noexcept { return key[0]; }  // random already
  };
  void drop_oldest() noexcept HOOKHOST_REQUIRES(mutex_);

  const std::size_t count_max_;
  mutable Mutex mutex_;
  std::unordered_map<Key, Record, Hash> records_ HOOKHOST_GUARDED_BY(mutex_);
  // A node moves from one to the other, so that only begin() allocates.
  std::list<Entry> in_flight_ HOOKHOST_GUARDED_BY(mutex_);
  std::list<Entry> acknowledged_ HOOKHOST_GUARDED_BY(mutex_);  // the oldest first
};

}  // namespace hookhost::intake
