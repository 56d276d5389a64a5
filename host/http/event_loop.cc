// SPDX-License-Identifier: Apache-2.0
//
// The thread of a loop and what happens on it between requests: posted work, alarms, ticks, drain
// and the end.
#include "http/event_loop.h"

#include <fmt/format.h>

#include <ctime>
#include <exception>

#include "base/thread.h"
#include "http/listener.h"
#include "http/session.h"

namespace hookhost::http {
namespace {

using namespace std::chrono_literals;

// Alarms ring at multiples of this: many short ones arm the timer once.
constexpr std::chrono::nanoseconds kAlarmGranularity = 10ms;

// The Date line is made at most this often; it may be late by as much.
constexpr std::chrono::nanoseconds kDateAge = 500ms;

// Idle connections that are asked whether they have spoken, each by a system call, for one place.
constexpr int kIdleLooksMax = 16;

MonotonicTime round_up(MonotonicTime at) {
  const auto since = at.time_since_epoch();
  const auto steps = (since + kAlarmGranularity - 1ns) / kAlarmGranularity;
  return MonotonicTime(steps * kAlarmGranularity);
}

Session& session_of(SessionLink& link) { return static_cast<Session&>(link); }

}  // namespace

std::uint64_t Door::connections_open() const noexcept {
  std::uint64_t open = 0;
  for (const auto& loop : loops) open += loop->connections_open();
  return open;
}

EventLoop::EventLoop(Door& door, unsigned index)
    : door_(door),
      index_(index),
      poller_(*this),
      drain_work_([](Work& work) noexcept { static_cast<LoopWork&>(work).loop.begin_drain(); },
                  *this),
      close_work_([](Work& work) noexcept { static_cast<LoopWork&>(work).loop.close_sessions(); },
                  *this) {}

EventLoop::~EventLoop() = default;

void EventLoop::add(std::unique_ptr<Listener> listener) {
  listeners_.push_back(std::move(listener));
}

void EventLoop::post(Work& work) noexcept {
  Work* newest = posted_.load(std::memory_order_relaxed);
  do {
    work.next = newest;
  } while (!posted_.compare_exchange_weak(newest, &work, std::memory_order_acq_rel,
                                          std::memory_order_relaxed));
  // Who finds the queue empty wakes the loop, for all that follow until it looks.
  if (newest == nullptr) poller_.wake();
}

void EventLoop::run_posted() noexcept {
  Work* newest = posted_.exchange(nullptr, std::memory_order_acq_rel);
  Work* oldest = nullptr;
  while (newest != nullptr) {
    Work* next = newest->next;
    newest->next = oldest;
    oldest = newest;
    newest = next;
  }
  while (oldest != nullptr) {
    Work* work = oldest;
    oldest = work->next;
    work->run(*work);
  }
}

void EventLoop::set_alarm(Alarm& alarm, MonotonicTime at) {
  alarms_.set(alarm, at);
  if (round_up(at) < armed_at_) arm(now());
}

void EventLoop::cancel_alarm(Alarm& alarm) noexcept { alarms_.cancel(alarm); }

void EventLoop::arm(MonotonicTime now) {
  armed_at_ = next_tick_;
  if (const auto alarm = alarms_.next()) armed_at_ = std::min(armed_at_, round_up(*alarm));
  poller_.arm(std::max<std::chrono::nanoseconds>(armed_at_ - now, 0ns));
}

void EventLoop::timer_rang() noexcept {
  const MonotonicTime now = this->now();
  alarms_.ring_due(now);
  if (now >= next_tick_) tick(now);
  try {
    arm(now);
  } catch (const std::exception& failure) {
    log(fmt::format("loop {}: cannot arm its timer: {}", index_, failure.what()));
  }
}

void EventLoop::tick(MonotonicTime now) noexcept {
  next_tick_ = now + limits().tick;
  last_tick_.store(now.time_since_epoch().count(), std::memory_order_relaxed);
  for (SessionLink* link = busy_.next; link != &busy_;) {
    Session& session = session_of(*link);
    link = link->next;  // the session may end
    session.tick(now);
  }
  while (!idle_.is_alone() && session_of(*idle_.next).is_overdue(now))
    session_of(*idle_.next).evict();
  if (is_draining_) return;
  for (auto& listener : listeners_) {
    if (listener->is_paused()) listener->resume();
  }
}

void EventLoop::run() noexcept {
  name_this_thread("loop", index_);
  bool is_started = false;
  while (!is_stopping_.load(std::memory_order_relaxed)) {
    try {
      if (!is_started) {
        const MonotonicTime now = this->now();
        tick(now);  // starts the listeners too
        arm(now);
        is_started = true;
      }
      poller_.run();
    } catch (const std::exception& failure) {
      log(fmt::format("loop {}: {}; it goes on", index_, failure.what()));
    } catch (...) {
      log(fmt::format("loop {}: unknown exception; it goes on", index_));
    }
  }
  is_draining_ = true;
  close_listeners();
  close_sessions();
  // What was posted may give memory back, and may post more.
  while (posted_.load(std::memory_order_relaxed) != nullptr) run_posted();
}

void EventLoop::stop() noexcept {
  is_stopping_.store(true, std::memory_order_relaxed);
  poller_.stop();
}

void EventLoop::begin_drain() noexcept {
  for (auto& listener : listeners_) listener->accept_pending();
  is_draining_ = true;
  close_listeners();
  for (SessionLink* link = idle_.next; link != &idle_;) {
    Session& session = session_of(*link);
    link = link->next;
    if (!session.has_input()) session.evict();
  }
  MutexLock lock(door_.mutex);
  ++door_.loops_draining;
  door_.changed.notify_all();
}

void EventLoop::close_listeners() noexcept {
  for (auto& listener : listeners_) listener->close();
}

void EventLoop::close_sessions() noexcept {
  while (!busy_.is_alone()) session_of(*busy_.next).evict();
  while (!idle_.is_alone()) session_of(*idle_.next).evict();
}

std::optional<AddressPlaces::Place> EventLoop::place_for(const IpAddress& address) noexcept {
  // A proxy's connections are those of many.
  if (contains(trusted_proxies(), address)) return AddressPlaces::Place();
  return door_.places.take(address);
}

Session* EventLoop::idle_one() noexcept {
  int looks = 0;
  for (SessionLink* link = idle_.next; link != &idle_; link = link->next) {
    Session& session = session_of(*link);
    if (!session.has_input()) return &session;
    if (++looks == kIdleLooksMax) break;  // whoever has spoken is busy after this turn
  }
  return nullptr;
}

void EventLoop::session_closed() noexcept {
  counters_.closed.add();
  if (!is_draining_) return;
  MutexLock lock(door_.mutex);
  door_.changed.notify_all();
}

std::string_view EventLoop::date_line(MonotonicTime now) noexcept {
  // RFC 9110 5.6.7: names are English whatever the locale.
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr std::size_t kBytes = std::string_view("Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n").size();
  static_assert(kBytes < sizeof date_);
  if (now >= date_until_) {
    date_until_ = now + kDateAge;
    const std::time_t seconds = std::chrono::system_clock::to_time_t(door_.clock.now());
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    fmt::format_to_n(date_, sizeof date_, "Date: {}, {:02} {} {:04} {:02}:{:02}:{:02} GMT\r\n",
                     kDays[utc.tm_wday], utc.tm_mday, kMonths[utc.tm_mon], 1900 + utc.tm_year,
                     utc.tm_hour, utc.tm_min, utc.tm_sec);
  }
  return {date_, kBytes};
}

}  // namespace hookhost::http
