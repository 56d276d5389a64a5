// SPDX-License-Identifier: Apache-2.0
//
// EventLoops: the door. One event loop and thread per core, each with its own listener for every
// address (SO_REUSEPORT), so that a connection lives on one core from accept to close. Hands every
// request that the head guard accepts to the Receiver of its listener. app builds it, listens,
// starts, drains and stops it; receivers and clock outlive it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "base/result.h"
#include "http/client_address.h"
#include "http/limits.h"
#include "http/rules.h"
#include "http/tls.h"
#include "model/exchange.h"

namespace hookhost::http {

struct ListenAddress {
  std::string host;        // a numeric IPv4 or IPv6 address
  std::uint16_t port = 0;  // 0: any free one
};

struct EventLoopsOptions {
  unsigned count = 0;  // loops; 0: one per core
  Limits limits = {};
  // Whose X-Forwarded-For says where a request comes from.
  IpRanges trusted_proxies = {};
  // A line about trouble of the door itself: out of descriptors, an exception in the loop. Any
  // thread. Empty: standard error.
  std::function<void(std::string_view)> log = {};
  // Is told of every refused head, on its loop's thread and before the answer is written: no lock.
  // Empty: nobody. A body's refusal is the receiver's to tell, who knows what it was for.
  std::function<void(const RefusedHead&)> head_refused = {};
};

// Sums over all loops, each counter at some moment of the call.
struct DoorStats {
  std::uint64_t connections_open = 0;
  std::uint64_t connections_accepted = 0;
  std::uint64_t requests = 0;  // heads that reached a receiver
  std::uint64_t answers = 0;   // responses written whole, refusals of the door included
  std::uint64_t body_bytes = 0;
  std::uint64_t handshakes = 0;    // of TLS, that were completed
  std::uint64_t resumptions = 0;   // those of them that went on with a session
  std::uint64_t memory_bytes = 0;  // held now by the bodies and blocks of requests
  std::uint64_t memory_bytes_max = 0;
  std::uint64_t accept_pauses = 0;  // times that accepting stopped: connections_max or descriptors
  std::vector<std::pair<std::string_view, std::uint64_t>> refused;  // heads and our own failures
};

class EventLoops {
 public:
  // clock outlives this. Throws std::system_error when the kernel gives no epoll descriptor.
  EventLoops(EventLoopsOptions options, const Clock& clock);
  ~EventLoops();  // stops
  EventLoops(const EventLoops&) = delete;
  EventLoops& operator=(const EventLoops&) = delete;

  // Opens the address on every loop and returns it with its real port; receiver gets its requests,
  // on any of the loops. tls: what is spoken there, outlives this; nullptr: plain HTTP. Before
  // start(). kUnavailable: in use; kDenied: no permission; kInvalid:
  // not an address of this machine.
  Result<ListenAddress> listen(const ListenAddress& address, Receiver& receiver,
                               PublishedTls* tls = nullptr);

  // Starts the threads. Throws std::system_error when there is none to have.
  void start();

  unsigned count() const noexcept;
  Loop& loop(
      unsigned index) noexcept;  // lives as long as this; runs what is posted from start() on

  // Closes the listeners and the idle connections; requests in flight get their answer with
  // `Connection: close`. Returns when no connection is left or when at_most has passed; what is
  // left then is closed without an answer. Once; any thread but a loop's.
  void drain(std::chrono::milliseconds at_most);

  // Ends the threads and closes everything. What was posted and has not run never runs. Any thread
  // but a loop's; a second call does nothing.
  void stop();

  DoorStats stats() const;

  // How long ago the slowest loop last looked at its clock; a healthy one does so with every tick.
  // 0 before start(). Any thread.
  std::chrono::nanoseconds oldest_tick_age() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hookhost::http
