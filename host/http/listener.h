// SPDX-License-Identifier: Apache-2.0
//
// Listener: the listening socket of one address on one loop. Opens a session for each connection,
// never more than Limits::connections_max, turns away an address that has its share of them, and
// stops accepting for a while when there is no room or no descriptor, instead of spinning. Loop
// thread, except open_listener.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "base/unique_fd.h"
#include "http/client_address.h"
#include "http/event_loops.h"
#include "http/poller.h"
#include "http/tls.h"

namespace hookhost::http {

class EventLoop;

// A socket that listens on the address; several may share it (SO_REUSEPORT). The address comes back
// with its real port. is_first: also makes sure that no other program listens there.
Result<UniqueFd> open_listener(ListenAddress& address, bool is_first);

class Listener final : private Watch {
 public:
  // tls: nullptr: plain HTTP.
  Listener(EventLoop& loop, Receiver& receiver, PublishedTls* tls);

  // Takes the socket; false: the kernel cannot watch it.
  bool attach(UniqueFd socket) noexcept { return Watch::attach(std::move(socket)); }

  // Begins, or begins again after a pause. Loop thread.
  void resume() noexcept;
  bool is_paused() const noexcept { return is_paused_; }

  // Accepts what waits in the backlog now, whose requests would be lost with the socket.
  void accept_pending() noexcept;
  void close() noexcept { Watch::close(); }

 private:
  enum class Outcome { kAccepted, kNoneWaits, kNoRoom };
  void ready() noexcept override;
  Outcome accept_one();
  void turn_away(UniqueFd fd, const ClientAddress& peer);
  bool somebody_waits();
  void pause(const char* why) noexcept;

  EventLoop& loop_;
  Receiver& receiver_;
  std::optional<PublishedTls::Reader> tls_;  // its sessions' too
  bool is_paused_ = true;
  MonotonicTime quiet_until_{};  // of the log
};

}  // namespace hookhost::http
