// SPDX-License-Identifier: Apache-2.0
//
// EventLoop: one thread of the door, and everything that its connections share: posted work,
// alarms, deadlines, memory blocks, the Date line, counters. Sessions and listeners of this loop
// call it on its thread; post() and stats are for any thread. Hot path: no allocation, lock or
// shared counter per request.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/executor.h"
#include "base/mutex.h"
#include "base/timer_queue.h"
#include "http/address_places.h"
#include "http/block_pool.h"
#include "http/client_address.h"
#include "http/limits.h"
#include "http/memory_account.h"
#include "http/poller.h"
#include "http/rules.h"
#include "model/exchange.h"

namespace hookhost::http {

class Listener;
class Session;

// Written by one thread, read by any.
class Counter {
 public:
  void add(std::uint64_t count = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

struct LoopCounters {
  Counter accepted, closed, requests, answers, body_bytes, accept_pauses;
  Counter handshakes, resumptions;
  Counter refused[kRuleCount];
};

// Sessions of a loop in two rings, linked through themselves.
struct SessionLink {
  SessionLink* previous = this;
  SessionLink* next = this;

  void unlink() noexcept {
    previous->next = next;
    next->previous = previous;
    previous = next = this;
  }
  // Becomes the last of the ring.
  void move_to(SessionLink& ring) noexcept {
    unlink();
    previous = ring.previous;
    next = &ring;
    previous->next = this;
    ring.previous = this;
  }
  bool is_alone() const noexcept { return next == this; }
};

class EventLoop;

// What all loops of a door share.
struct Door {
  Door(const Clock& c, const Limits& l, std::uint64_t seed)
      : clock(c),
        limits(l),
        memory(l.memory_bytes_max),
        places(l.connections_per_address_max, seed) {}

  // Nobody changes these while the loops run.
  const Clock& clock;
  Limits limits;
  IpRanges trusted_proxies;
  std::function<void(std::string_view)> log;
  std::function<void(const RefusedHead&)> head_refused;
  MemoryAccount memory;
  AddressPlaces places;
  std::vector<std::unique_ptr<EventLoop>> loops;

  std::uint64_t connections_open() const noexcept;

  Mutex mutex;
  Condition changed;  // with every connection that ends while a loop drains
  std::size_t loops_draining HOOKHOST_GUARDED_BY(mutex) = 0;
};

class EventLoop final : public Loop, private Poller::Owner {
 public:
  EventLoop(Door& door, unsigned index);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Of base::Loop.
  void post(Work& work) noexcept override;
  void set_alarm(Alarm& alarm, MonotonicTime at) override;
  void cancel_alarm(Alarm& alarm) noexcept override;
  unsigned index() const noexcept override { return index_; }

  // Before run(): the loop keeps the listener.
  void add(std::unique_ptr<Listener> listener);

  // The thread: until stop(). Closes every connection at its end and lets posted work run once
  // more.
  void run() noexcept;
  void stop() noexcept;  // any thread

  // For sessions and listeners, loop thread.
  Poller& poller() noexcept { return poller_; }
  BlockPool& blocks() noexcept { return blocks_; }
  MemoryAccount& memory() noexcept { return door_.memory; }
  const Limits& limits() const noexcept { return door_.limits; }
  const IpRanges& trusted_proxies() const noexcept { return door_.trusted_proxies; }
  LoopCounters& counters() noexcept { return counters_; }
  MonotonicTime now() const noexcept { return door_.clock.monotonic_now(); }
  SessionLink& busy() noexcept { return busy_; }
  SessionLink& idle() noexcept { return idle_; }
  bool is_draining() const noexcept { return is_draining_; }
  std::string_view date_line(MonotonicTime now) noexcept;
  void count_refusal(Rule rule) noexcept {
    counters_.refused[static_cast<std::size_t>(rule)].add();
  }
  void tell_refused_head(Rule rule, const RequestHead& head, MonotonicTime began) const {
    if (!door_.head_refused) return;
    door_.head_refused({.loop = index_,
                        .why = refusal(rule),
                        .method = head.method,
                        .path = head.path,
                        .total = now() - began});
  }
  void log(std::string_view line) const { door_.log(line); }

  // One more connection may be opened.
  bool has_room() const noexcept { return door_.connections_open() < limits().connections_max; }
  // A connection of this address may be opened while its place lasts; nothing: it has too many.
  std::optional<AddressPlaces::Place> place_for(const IpAddress& address) noexcept;
  bool may_log_full_address(MonotonicTime now) noexcept { return door_.places.may_log(now); }
  // The connection of this loop that has been idle longest and has not spoken since, to make room:
  // a request that waits to be read would be lost. nullptr: there is none, as far as we look.
  Session* idle_one() noexcept;
  // A connection ended: whoever waits for room can go on.
  void session_closed() noexcept;

  // Closes listeners and idle connections; answers from now on end theirs. Any thread, once.
  void drain() noexcept { post(drain_work_); }
  // Closes every connection, answered or not. Any thread, once.
  void close_all() noexcept { post(close_work_); }

  const LoopCounters& counters() const noexcept { return counters_; }
  std::uint64_t connections_open() const noexcept {
    return counters_.accepted.value() - counters_.closed.value();
  }
  // Nanoseconds of the monotonic clock at the last tick; 0: not yet. Any thread.
  std::int64_t last_tick() const noexcept { return last_tick_.load(std::memory_order_relaxed); }

 private:
  struct LoopWork : Work {
    LoopWork(Run function, EventLoop& owner) noexcept : Work(function), loop(owner) {}
    EventLoop& loop;
  };

  void woken() noexcept override { run_posted(); }
  void timer_rang() noexcept override;
  void begin_drain() noexcept;
  void close_sessions() noexcept;
  void close_listeners() noexcept;
  void run_posted() noexcept;
  void tick(MonotonicTime now) noexcept;
  void arm(MonotonicTime now);

  Door& door_;
  const unsigned index_;
  Poller poller_;
  std::atomic<Work*> posted_{nullptr};  // newest first
  TimerQueue alarms_;
  MonotonicTime armed_at_{};
  MonotonicTime next_tick_{};
  BlockPool blocks_{door_.memory};
  std::vector<std::unique_ptr<Listener>> listeners_;
  SessionLink busy_, idle_;  // idle: who has been so longest is first
  LoopWork drain_work_;
  LoopWork close_work_;
  bool is_draining_ = false;
  std::atomic<bool> is_stopping_{false};
  std::atomic<std::int64_t> last_tick_{0};
  char date_[40] = {};
  MonotonicTime date_until_{};
  LoopCounters counters_;
};

}  // namespace hookhost::http
