// SPDX-License-Identifier: Apache-2.0
//
// Starts and ends the loops and adds their numbers up. Nothing here runs while a request is served.
#include "http/event_loops.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <random>
#include <thread>
#include <utility>

#include "base/check.h"
#include "base/cores.h"
#include "http/event_loop.h"
#include "http/listener.h"

namespace hookhost::http {

struct EventLoops::State {
  State(const Clock& clock, const Limits& limits) : door(clock, limits, std::random_device{}()) {}
  Door door;
  std::vector<std::thread> threads;
  bool is_started = false;
  std::atomic<bool> is_drained{false};
};

EventLoops::EventLoops(EventLoopsOptions options, const Clock& clock)
    : state_(std::make_unique<State>(clock, options.limits)) {
  Door& door = state_->door;
  // A head and the empty line before it have to fit into a block.
  door.limits.head_bytes_max = std::min(door.limits.head_bytes_max, kBlockBytes - 2);
  door.trusted_proxies = std::move(options.trusted_proxies);
  door.log = options.log ? std::move(options.log)
                         : [](std::string_view line) { fmt::print(stderr, "{}\n", line); };
  door.head_refused = std::move(options.head_refused);
  const unsigned count = options.count != 0 ? options.count : usable_cores();
  for (unsigned i = 0; i < count; ++i) door.loops.push_back(std::make_unique<EventLoop>(door, i));
}

EventLoops::~EventLoops() { stop(); }

Result<ListenAddress> EventLoops::listen(const ListenAddress& address, Receiver& receiver,
                                         PublishedTls* tls) {
  HOOKHOST_CHECK(!state_->is_started);
  ListenAddress real = address;
  std::vector<std::unique_ptr<Listener>> listeners;
  for (auto& loop : state_->door.loops) {
    auto socket = open_listener(real, listeners.empty());
    if (!socket) return std::move(socket).error();
    listeners.push_back(std::make_unique<Listener>(*loop, receiver, tls));
    if (!listeners.back()->attach(std::move(*socket)))
      return Error{ErrorCode::kInternal,
                   fmt::format("cannot watch the listener of port {}", real.port), ""};
  }
  for (std::size_t i = 0; i < listeners.size(); ++i)
    state_->door.loops[i]->add(std::move(listeners[i]));
  return real;
}

void EventLoops::start() {
  HOOKHOST_CHECK(!state_->is_started);
  state_->is_started = true;
  for (auto& loop : state_->door.loops)
    state_->threads.emplace_back([&loop = *loop] { loop.run(); });
}

unsigned EventLoops::count() const noexcept {
  return static_cast<unsigned>(state_->door.loops.size());
}

Loop& EventLoops::loop(unsigned index) noexcept {
  HOOKHOST_CHECK(index < count());
  return *state_->door.loops[index];
}

void EventLoops::drain(std::chrono::milliseconds at_most) {
  if (state_->threads.empty() || state_->is_drained.exchange(true)) return;
  Door& door = state_->door;
  for (auto& loop : door.loops) loop->drain();
  const auto until = std::chrono::steady_clock::now() + at_most;
  MutexLock lock(door.mutex);
  while (door.loops_draining < door.loops.size() || door.connections_open() != 0) {
    if (std::chrono::steady_clock::now() >= until) break;
    door.changed.wait_until(door.mutex, until);
  }
  for (auto& loop : door.loops) loop->close_all();
}

void EventLoops::stop() {
  for (auto& loop : state_->door.loops) loop->stop();
  for (std::thread& thread : std::exchange(state_->threads, {})) thread.join();
}

DoorStats EventLoops::stats() const {
  DoorStats sum;
  sum.connections_open = state_->door.connections_open();
  sum.memory_bytes = state_->door.memory.held();
  sum.memory_bytes_max = state_->door.memory.bytes_max();
  std::uint64_t refused[kRuleCount] = {};
  for (const auto& loop : state_->door.loops) {
    const LoopCounters& counters = std::as_const(*loop).counters();
    sum.connections_accepted += counters.accepted.value();
    sum.requests += counters.requests.value();
    sum.answers += counters.answers.value();
    sum.body_bytes += counters.body_bytes.value();
    sum.handshakes += counters.handshakes.value();
    sum.resumptions += counters.resumptions.value();
    sum.accept_pauses += counters.accept_pauses.value();
    for (std::size_t i = 0; i < kRuleCount; ++i) refused[i] += counters.refused[i].value();
  }
  for (std::size_t i = 0; i < kRuleCount; ++i) {
    const std::string_view name = refusal(static_cast<Rule>(i)).rule;
    if (name.empty()) continue;
    // Two rules may share a name.
    const auto same = std::find_if(sum.refused.begin(), sum.refused.end(),
                                   [&](const auto& entry) { return entry.first == name; });
    if (same != sum.refused.end()) {
      same->second += refused[i];
    } else {
      sum.refused.emplace_back(name, refused[i]);
    }
  }
  return sum;
}

std::chrono::nanoseconds EventLoops::oldest_tick_age() const noexcept {
  std::chrono::nanoseconds oldest{0};
  const auto now = state_->door.clock.monotonic_now().time_since_epoch();
  for (const auto& loop : state_->door.loops) {
    if (const std::int64_t tick = loop->last_tick(); tick != 0)
      oldest = std::max(oldest, std::chrono::nanoseconds(now) - std::chrono::nanoseconds(tick));
  }
  return oldest;
}

}  // namespace hookhost::http
