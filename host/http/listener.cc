// SPDX-License-Identifier: Apache-2.0
//
// Opens listening sockets with errors that say what to do, and accepts without ever spinning: what
// cannot be accepted waits in the backlog until a connection ends or the next tick.
#include "http/listener.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/arena.h"
#include "http/client_address.h"
#include "http/event_loop.h"
#include "http/response_writer.h"
#include "http/rules.h"
#include "http/session.h"

namespace hookhost::http {
namespace {

// Connections taken in one turn, so that those that are open are served meanwhile.
constexpr int kAcceptsPerTurnMax = 64;

// A flood pauses accepting with every tick; the log hears of it this often.
constexpr std::chrono::seconds kLogPause{10};

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

bool parse_address(const ListenAddress& address, SocketAddress& out) {
  auto& v4 = reinterpret_cast<sockaddr_in&>(out.storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(out.storage);
  if (inet_pton(AF_INET, address.host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(address.port);
    out.size = sizeof v4;
    return true;
  }
  if (inet_pton(AF_INET6, address.host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(address.port);
    out.size = sizeof v6;
    return true;
  }
  return false;
}

Error bind_error(const ListenAddress& address, int error) {
  switch (error) {
    case EADDRINUSE:
      return {ErrorCode::kUnavailable, fmt::format("port {} is in use", address.port),
              "stop the program that listens there, or choose another port"};
    case EACCES:
      return {ErrorCode::kDenied, fmt::format("no permission to listen on port {}", address.port),
              "choose a port above 1023, or give the process CAP_NET_BIND_SERVICE"};
    case EADDRNOTAVAIL:
      return {ErrorCode::kInvalid,
              fmt::format("{} is not an address of this machine", address.host),
              "listen on 127.0.0.1, on 0.0.0.0, or on an address that `ip addr` shows"};
    default:
      return {ErrorCode::kInternal,
              fmt::format("cannot listen on {} port {}: {}", address.host, address.port,
                          std::strerror(error)),
              ""};
  }
}

// 0 or errno.
int bind_socket(int fd, const SocketAddress& address, bool is_shared) {
  const int on = 1;
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) return errno;
  if (is_shared && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) return errno;
  // Accepted sockets inherit it, which saves a call for each.
  if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) return errno;
  return bind(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0 ? 0
                                                                                          : errno;
}

UniqueFd new_socket(int family) {
  return UniqueFd(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

bool is_out_of_resources(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

Result<UniqueFd> open_listener(ListenAddress& address, bool is_first) {
  SocketAddress wanted;
  if (!parse_address(address, wanted))
    return Error{ErrorCode::kInvalid,
                 fmt::format("\"{}\" is not a numeric IPv4 or IPv6 address", address.host),
                 "write 127.0.0.1:7860, 0.0.0.0:7860 or [::1]:7860"};
  UniqueFd fd = new_socket(wanted.storage.ss_family);
  if (is_first && address.port != 0) {
    // A shared port would be ours together with any other program of this user that shares it too:
    // a second host would take half of the events unseen. A socket that does not share finds out.
    UniqueFd probe = new_socket(wanted.storage.ss_family);
    if (!fd || !probe) return bind_error(address, errno);
    if (const int error = bind_socket(probe.get(), wanted, false); error != 0)
      return bind_error(address, error);
  }
  if (!fd) return bind_error(address, errno);
  if (const int error = bind_socket(fd.get(), wanted, true); error != 0)
    return bind_error(address, error);
  if (::listen(fd.get(), SOMAXCONN) != 0) return bind_error(address, errno);
  socklen_t size = sizeof wanted.storage;
  if (getsockname(fd.get(), reinterpret_cast<sockaddr*>(&wanted.storage), &size) != 0)
    return bind_error(address, errno);
  address.port = address_of(wanted.storage).port;
  return fd;
}

Listener::Listener(EventLoop& loop, Receiver& receiver, PublishedTls* tls)
    : Watch(loop.poller()), loop_(loop), receiver_(receiver) {
  if (tls != nullptr) tls_.emplace(*tls);
}

void Listener::resume() noexcept {
  if (!is_open()) return;
  is_paused_ = false;
  wait_readable();
}

void Listener::pause(const char* why) noexcept {
  is_paused_ = true;
  loop_.counters().accept_pauses.add();
  const MonotonicTime now = loop_.now();
  if (now < quiet_until_) return;
  quiet_until_ = now + kLogPause;
  loop_.log(why);
}

void Listener::ready() noexcept {
  try {
    for (int i = 0; i < kAcceptsPerTurnMax; ++i) {
      const Outcome outcome = accept_one();
      if (outcome == Outcome::kNoneWaits) break;
      if (outcome == Outcome::kNoRoom)
        return pause("accepting pauses: no room or no descriptor for another connection");
    }
    wait_readable();
  } catch (...) {
    pause("accepting pauses: out of memory");
  }
}

void Listener::accept_pending() noexcept {
  try {
    while (is_open() && accept_one() == Outcome::kAccepted) {
    }
  } catch (...) {
    // Out of memory while draining: what waits finds the port closed.
  }
}

Listener::Outcome Listener::accept_one() {
  Session* makes_room = nullptr;  // once we know that the newcomer stays
  if (!loop_.has_room()) {
    if (!somebody_waits()) return Outcome::kNoneWaits;
    makes_room = loop_.idle_one();
    if (makes_room == nullptr) return Outcome::kNoRoom;
  }
  sockaddr_storage peer{};
  for (;;) {
    socklen_t size = sizeof peer;
    UniqueFd fd(accept4(Watch::fd(), reinterpret_cast<sockaddr*>(&peer), &size,
                        SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd) {
      const ClientAddress address = address_of(peer);
      if (auto place = loop_.place_for(address.ip)) {
        if (makes_room != nullptr) makes_room->evict();
        Session::open(loop_, receiver_, tls_ ? &*tls_ : nullptr, std::move(fd), address,
                      *std::move(place));
      } else {
        turn_away(std::move(fd), address);
      }
      return Outcome::kAccepted;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return Outcome::kNoneWaits;
    // The rest are troubles of that one connection (ECONNABORTED and the like): the next one.
    if (!is_out_of_resources(errno)) continue;
    // Without a free descriptor the kernel says so even when nobody waits.
    if (!somebody_waits()) return Outcome::kNoneWaits;
    Session* idle = loop_.idle_one();
    if (idle == nullptr) return Outcome::kNoRoom;
    idle->evict();
    makes_room = nullptr;
  }
}

// Nothing of it stays: no session lingers for an answer that a flood does not read. What has come
// is taken first, since the kernel sends a reset for what nobody has read.
void Listener::turn_away(UniqueFd fd, const ClientAddress& peer) {
  loop_.count_refusal(Rule::kConnectionsOfAddress);
  const MonotonicTime now = loop_.now();
  if (loop_.may_log_full_address(now)) {
    char text[kAddressBytesMax];
    loop_.log(
        fmt::format("{} is turned away: its address has {} connections open "
                    "(limits.connections_per_address_max)",
                    print_address(peer, text), loop_.limits().connections_per_address_max));
  }
  if (tls_) return;
  const Refusal& why = refusal(Rule::kConnectionsOfAddress);
  const Response response{.status = why.status, .body = why.body, .close = true};
  std::array<std::byte, 1024> memory;
  Arena arena(memory);
  const std::string_view head =
      write_head(response, {.date = loop_.date_line(now), .keep_alive = false}, arena);
  char taken[16 * 1024];
  static_cast<void>(::recv(fd.get(), taken, sizeof taken, 0));
  ::send(fd.get(), head.data(), head.size(), MSG_NOSIGNAL | MSG_MORE);
  ::send(fd.get(), response.body.data(), response.body.size(), MSG_NOSIGNAL);
  ::shutdown(fd.get(), SHUT_WR);
}

bool Listener::somebody_waits() {
  pollfd listener{Watch::fd(), POLLIN, 0};
  return ::poll(&listener, 1, 0) > 0;
}

}  // namespace hookhost::http
