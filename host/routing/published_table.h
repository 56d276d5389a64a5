// SPDX-License-Identifier: Apache-2.0
//
// PublishedTable: the table that serves now. One control thread publishes a new one; each loop
// keeps its own reference and compares one counter per request, so that reading takes no lock and
// shares no reference count, not even for a request that waits for its body or its handler. Hot
// path: no allocation, lock or shared counter per request.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "routing/route_table.h"

namespace hookhost::routing {

class PublishedTable {
 public:
  explicit PublishedTable(std::shared_ptr<const RouteTable> first);

  // Serves from the next request on; a request that was routed before keeps its table. Control
  // thread.
  void publish(std::shared_ptr<const RouteTable> table);

  // A reference for those that are not in a hurry (pages). Any thread.
  std::shared_ptr<const RouteTable> snapshot() const;

  // Those that were published before and through which a request may still be served. Any thread.
  RouteTables replaced() const;

  // A loop's reference to a table that a request needs while it waits. Copies count; the count is
  // plain, since all of them live on the thread of their Reader, which outlives them.
  class Pin;

  // One per loop, used on that loop's thread only.
  class Reader {
   public:
    explicit Reader(const PublishedTable& published) : published_(published) {}
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    // The table that serves now, kept as long as the pin.
    Pin pin();

   private:
    friend class Pin;
    struct Held {
      std::shared_ptr<const RouteTable> table;
      std::uint64_t generation = 0;
      std::size_t pins = 0;
    };
    void refresh();
    void unpin(Held& held) noexcept;

    const PublishedTable& published_;
    std::unique_ptr<Held> current_;
    std::vector<std::unique_ptr<Held>> replaced_;  // still pinned; almost always empty
  };

  class Pin {
   public:
    Pin(const Pin& other) noexcept : reader_(other.reader_), held_(other.held_) {
      if (held_ != nullptr) ++held_->pins;
    }
    Pin(Pin&& other) noexcept
        : reader_(other.reader_), held_(std::exchange(other.held_, nullptr)) {}
    Pin& operator=(const Pin&) = delete;
    ~Pin() {
      if (held_ != nullptr) reader_->unpin(*held_);
    }

    const RouteTable& operator*() const noexcept { return *held_->table; }
    const RouteTable* operator->() const noexcept { return held_->table.get(); }

   private:
    friend class Reader;
    Pin(Reader& reader, Reader::Held& held) noexcept : reader_(&reader), held_(&held) {
      ++held.pins;
    }
    Reader* reader_;
    Reader::Held* held_;
  };

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const RouteTable> table_ HOOKHOST_GUARDED_BY(mutex_);
  RouteTables replaced_ HOOKHOST_GUARDED_BY(mutex_);  // some may have gone
  std::atomic<std::uint64_t> generation_{0};
};

}  // namespace hookhost::routing
